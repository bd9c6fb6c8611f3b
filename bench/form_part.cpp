#include "bench/clients.hpp"
#include "bench/lodge_client.hpp"
#include "bench/lodge_graph.hpp"
#include "bench/parts.hpp"
#include "bench/scratch.hpp"
#include "index/vector_layout.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr std::array targets{0.90, 0.95, 0.99};
/// Between two of these the least ef is found by bisection.
constexpr std::array<std::uint32_t, 9> tried_efs{5, 10, 20, 40, 80, 160, 320, 640, 1'280};

/// The rows as one collection, whose vectors lie in memory in one form.
class stored_form {
public:
  stored_form(vector_form form, const dataset& data, const std::string& file)
    : form_(form),
      data_(data),
      database_(database::open(file, {.auto_compaction = {.changes = 0}}).or_exit()),
      rows_(fill()),
      client_(rows_) {
    const auto graph = read_lodge_graph(file).graph;
    link_bytes_ = static_cast<double>(graph->bytes_in_memory()) / static_cast<double>(graph->size());
  }

  vector_form form() const { return form_; }
  std::size_t vector_bytes() const { return index::vector_layout{data_.rows.dimension, form_}.row_bytes(); }
  double link_bytes() const { return link_bytes_; }

  hits search(std::size_t query, std::uint32_t ef) {
    return client_.search(data_.queries.row(query % data_.queries.rows()), {.k = k, .ef = ef, .timeout = no_timeout});
  }

  double recall_at(std::uint32_t ef, const std::vector<neighbours>& truth) {
    std::vector<neighbours> found;
    for (std::size_t i = 0; i < data_.queries.rows(); ++i) {
      found.emplace_back();
      for (const auto& each : search(i, ef))
        found.back().push_back(std::stoll(each.key));
    }
    return recall(truth, found);
  }

private:
  collection fill() {
    auto made =
      database_
        .collection(
          "rows",
          {.dimension = static_cast<std::uint32_t>(data_.rows.dimension), .metric = data_.metric, .vector_form = form_})
        .or_exit();
    for (std::size_t row = 0; row < data_.rows.rows();) {
      std::vector<item> items;
      for (; row < data_.rows.rows() && items.size() < 1'000; ++row) {
        const auto values = data_.rows.row(row);
        items.push_back({std::to_string(row), std::vector<float>{values.begin(), values.end()}, {}});
      }
      made.put(std::move(items), no_timeout).or_exit();
    }
    made.compact().or_exit();
    load_fully(made);
    return made;
  }

  vector_form form_;
  const dataset& data_;
  database database_;
  collection rows_;
  lodge_client client_;
  double link_bytes_ = 0;
};

/// A form at the least ef that reaches a recall.
struct stretch {
  stored_form* who = nullptr;
  double target = 0;
  std::uint32_t ef = 0;
  double found = 0;
};

std::vector<stretch> plan(std::vector<std::unique_ptr<stored_form>>& forms, const std::vector<neighbours>& truth) {
  std::vector<stretch> made;
  for (const auto target : targets)
    for (const auto& each : forms) {
      const auto reached =
        std::ranges::find_if(tried_efs, [&](std::uint32_t ef) { return each->recall_at(ef, truth) >= target; });
      if (reached == tried_efs.end())
        continue;
      auto enough = *reached;
      for (auto below = reached == tried_efs.begin() ? enough : *std::prev(reached); below + 1 < enough;) {
        const auto middle = (below + enough) / 2;
        (each->recall_at(middle, truth) >= target ? enough : below) = middle;
      }
      made.push_back({each.get(), target, enough, each->recall_at(enough, truth)});
    }
  return made;
}

} // namespace

void form_part(const run_options& options, const dataset& data, journal& out) {
  const auto truth = exact_neighbours(data, k, cores());
  const scratch place{options.out};
  std::vector<std::unique_ptr<stored_form>> forms;
  for (const auto form : {vector_form::float32, vector_form::float16, vector_form::int8}) {
    forms.push_back(std::make_unique<stored_form>(form, data, place.file() + "-" + to_string(form)));
    const auto& made = *forms.back();
    out.write(json{{"part", "form"},
                   {"data", data.name},
                   {"rows", data.rows.rows()},
                   {"dimension", data.rows.dimension},
                   {"form", to_string(form)},
                   {"vector_bytes", made.vector_bytes()},
                   {"link_bytes", made.link_bytes()},
                   {"recall_at_ef_100", forms.back()->recall_at(100, truth)}});
  }
  const auto stretches = plan(forms, truth);
  for (unsigned repeat = 0; repeat < options.repeats; ++repeat)
    for (const auto& each : stretches) {
      const auto seen = run_clients(1, options.time, [&](unsigned, std::size_t n) { each.who->search(n, each.ef); });
      out.write(json{{"part", "form search"},
                     {"data", data.name},
                     {"form", to_string(each.who->form())},
                     {"target", each.target},
                     {"ef", each.ef},
                     {"recall", each.found},
                     {"repeat", repeat},
                     {"qps", seen.rate},
                     {"p50_us", seen.p50},
                     {"p99_us", seen.p99}});
    }
}

} // namespace lodge::bench
