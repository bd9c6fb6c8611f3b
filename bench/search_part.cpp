#include "bench/parts.hpp"
#include "bench/searched_index.hpp"

#include <algorithm>
#include <array>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr std::array targets{0.90, 0.95, 0.99};
/// The curve goes up to this recall.
constexpr double end_of_curve = 0.999;
/// A point of the curve is measured for so much shorter than a target.
constexpr double curve_part = 0.125;

/// What is measured again and again.
struct stretch {
  searched_index* who = nullptr;
  const way* how = nullptr;
  json labels;
  std::size_t ef = 0;
  unsigned clients = 1;
  seconds time{0};
};

std::vector<stretch> plan_targets(std::vector<searched_index>& indexes, const run_options& options,
                                  const std::string& data, journal& out) {
  std::vector<stretch> plan;
  for (const auto target : targets) {
    std::vector<stretch> here;
    for (auto& each : indexes) {
      const auto ef = each.least_ef(target);
      if (!ef) {
        out.write(json{{"part", "unreached"},
                       {"data", data},
                       {"largest_ef", efs.back()},
                       {"recall", each.recall_at(efs.back())},
                       {"contestant", each.name()},
                       {"target", target}});
        continue;
      }
      for (const auto& how : each.ways())
        here.push_back(
          {&each, &how,
           json{{"contestant", how.name}, {"target", target}, {"ef", *ef}, {"recall", each.recall_at(*ef, how)}}, *ef,
           1, options.time});
    }
    for (const auto clients : {1U, cores()})
      for (auto one : here) {
        one.clients = clients;
        plan.push_back(std::move(one));
      }
  }
  return plan;
}

std::vector<stretch> plan_curve(std::vector<searched_index>& indexes, const run_options& options) {
  std::vector<stretch> plan;
  for (auto& each : indexes)
    for (const auto ef : efs) {
      const auto found = each.recall_at(ef);
      for (const auto& how : each.ways())
        plan.push_back({&each, &how, json{{"contestant", how.name}, {"ef", ef}, {"recall", found}}, ef, cores(),
                        options.time * curve_part});
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
      const auto seen = each.who->run(each.ef, *each.how, each.clients, each.time);
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
  auto contestants = builders_on(data.name);
  // Its graph is copied, and another copy of the million would tell nothing new.
  if (data.name != "million")
    contestants.push_back(faiss_on_lodges_graph());
  std::vector<searched_index> indexes;
  for (const auto& each : contestants)
    indexes.emplace_back(each, options, data, truth);
  carry_out(plan_targets(indexes, options, data.name, out), "search", data.name, options.repeats, out);
  carry_out(plan_curve(indexes, options), "curve", data.name, options.repeats, out);
}

} // namespace lodge::bench
