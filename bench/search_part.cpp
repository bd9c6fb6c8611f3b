#include "bench/clients.hpp"
#include "bench/parts.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr std::array targets{0.90, 0.95, 0.99};
constexpr std::array<std::size_t, 16> efs{10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640, 896, 1'280, 1'792};
/// The curve goes up to this recall.
constexpr double end_of_curve = 0.999;

/// A contestant and what it found at each ef that was tried.
class runner {
public:
  runner(const competitor& who, const run_options& options, const dataset& data, const std::vector<neighbours>& truth)
    : name_(who.name),
      index_(who.open(options.index_file(who, data.name), data.rows.dimension)),
      data_(data),
      truth_(truth) {
    index_->wait_until_ready();
  }

  const std::string& name() const { return name_; }

  double recall_at(std::size_t ef) {
    index_->set_ef(ef);
    return recall(truth_, ask_all(*index_, data_.queries, k, cores()));
  }

  /// The least ef that reaches a recall, if recall grows with ef; none within the efs that are tried.
  std::optional<std::size_t> least_ef(double wanted) {
    const auto reached = std::ranges::find_if(efs, [&](std::size_t ef) { return recall_at(ef) >= wanted; });
    if (reached == efs.end())
      return std::nullopt;
    auto enough = *reached;
    for (auto below = reached == efs.begin() ? enough : *std::prev(reached); below + 1 < enough;) {
      const auto middle = (below + enough) / 2;
      (recall_at(middle) >= wanted ? enough : below) = middle;
    }
    return enough;
  }

  pace run(std::size_t ef, unsigned clients, seconds time) {
    index_->set_ef(ef);
    const auto queries = data_.queries.rows();
    return run_clients(clients, time, [&](unsigned client, std::size_t n) {
      // Clients begin at different places, so that they do not warm the cache for each other.
      index_->search(data_.queries.row((n + client * queries / clients) % queries), k);
    });
  }

private:
  std::string name_;
  std::unique_ptr<contestant> index_;
  const dataset& data_;
  const std::vector<neighbours>& truth_;
};

/// What is measured again and again.
struct stretch {
  runner* who = nullptr;
  json labels;
  std::size_t ef = 0;
  unsigned clients = 1;
  seconds time{0};
};

std::vector<stretch> plan_targets(std::vector<runner>& runners, const run_options& options, const std::string& data,
                                  journal& out) {
  std::vector<stretch> plan;
  for (const auto target : targets) {
    std::vector<stretch> here;
    for (auto& each : runners) {
      const json labels{{"contestant", each.name()}, {"target", target}};
      const auto ef = each.least_ef(target);
      if (!ef) {
        json line{
          {"part", "unreached"}, {"data", data}, {"largest_ef", efs.back()}, {"recall", each.recall_at(efs.back())}};
        line.update(labels);
        out.write(line);
        continue;
      }
      auto line = labels;
      line["ef"] = *ef;
      line["recall"] = each.recall_at(*ef);
      here.push_back({&each, line, *ef, 1, options.time});
    }
    for (const auto clients : {1U, cores()})
      for (auto one : here) {
        one.clients = clients;
        plan.push_back(std::move(one));
      }
  }
  return plan;
}

std::vector<stretch> plan_curve(std::vector<runner>& runners, const run_options& options) {
  std::vector<stretch> plan;
  for (auto& each : runners)
    for (const auto ef : efs) {
      const auto found = each.recall_at(ef);
      plan.push_back(
        {&each, json{{"contestant", each.name()}, {"ef", ef}, {"recall", found}}, ef, cores(), options.time / 4});
      if (found >= end_of_curve)
        break;
    }
  // Contestants in turn.
  std::ranges::stable_sort(plan, {}, &stretch::ef);
  return plan;
}

void carry_out(const std::vector<stretch>& plan, const std::string& part, const std::string& data, unsigned repeats,
               journal& out) {
  for (unsigned repeat = 0; repeat < repeats; ++repeat)
    for (const auto& each : plan) {
      const auto seen = each.who->run(each.ef, each.clients, each.time);
      json line{{"part", part}, {"data", data}};
      line.update(each.labels);
      line.update(json{
        {"clients", each.clients}, {"repeat", repeat}, {"qps", seen.rate}, {"p50_us", seen.p50}, {"p99_us", seen.p99}});
      out.write(line);
    }
}

} // namespace

void search_part(const run_options& options, const dataset& data, journal& out) {
  const auto truth = exact_neighbours(data, k, cores());
  auto contestants = builders();
  contestants.push_back(faiss_on_lodges_graph());
  std::vector<runner> runners;
  for (const auto& each : contestants)
    runners.emplace_back(each, options, data, truth);
  carry_out(plan_targets(runners, options, data.name, out), "search", data.name, options.repeats, out);
  carry_out(plan_curve(runners, options), "curve", data.name, options.repeats, out);
}

} // namespace lodge::bench
