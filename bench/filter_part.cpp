#include "bench/clients.hpp"
#include "bench/fail.hpp"
#include "bench/lodge_client.hpp"
#include "bench/parts.hpp"
#include "bench/scratch.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <random>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;
using clock = std::chrono::steady_clock;

constexpr double wanted_recall = 0.95;
/// A scan of the rows that match misses none, which no search of a graph is to be compared at.
constexpr double highest_recall = 0.99;
constexpr std::array<std::uint32_t, 8> tried_efs{10, 20, 40, 80, 160, 320, 640, 1'280};
/// In thousandths of the rows.
constexpr std::array selectivities{500, 100, 10, 1};

/// Which rows a field lets through: those whose place, of 1,000, is below a bound.
struct field {
  std::string name;
  std::vector<std::size_t> places;
};

/// Without a relation to the vectors.
std::vector<std::size_t> random_places(std::size_t rows) {
  std::mt19937_64 random{20'240'602};
  std::vector<std::size_t> places(rows);
  for (auto& place : places)
    place = random() % 1'000;
  return places;
}

/// The thousandth of the rows that are nearest to one direction have place 0, and so on: most queries lie elsewhere.
std::vector<std::size_t> region_places(const matrix& of) {
  std::mt19937_64 random{20'240'603};
  std::normal_distribution<float> normal;
  std::vector<float> direction(of.dimension);
  std::ranges::generate(direction, [&] { return normal(random); });
  std::vector<float> products(of.rows());
  for (std::size_t i = 0; i < of.rows(); ++i)
    products[i] = std::inner_product(direction.begin(), direction.end(), of.row(i).begin(), 0.0F);
  std::vector<std::size_t> order(of.rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, std::greater{}, [&](std::size_t row) { return products[row]; });
  std::vector<std::size_t> places(of.rows());
  for (std::size_t i = 0; i < order.size(); ++i)
    places[order[i]] = i * 1'000 / order.size();
  return places;
}

/// The rows with metadata that has both fields, which are declared, and one of the first again, which is not.
collection store(database& in, const dataset& data, const std::vector<field>& fields) {
  auto made = in.collection("rows",
                            {.dimension = static_cast<std::uint32_t>(data.rows.dimension),
                             .metric = data.metric,
                             .fields = {{fields[0].name, fields[1].name}}})
                .or_exit();
  for (std::size_t row = 0; row < data.rows.rows();) {
    std::vector<item> items;
    for (; row < data.rows.rows() && items.size() < 1'000; ++row) {
      const auto values = data.rows.row(row);
      json metadata{{fields[0].name, fields[0].places[row]},
                    {fields[1].name, fields[1].places[row]},
                    {"undeclared", fields[0].places[row]}};
      items.push_back({std::to_string(row), std::vector<float>{values.begin(), values.end()}, metadata.dump()});
    }
    made.put(std::move(items), no_timeout).or_exit();
  }
  made.compact().or_exit();
  load_fully(made);
  return made;
}

std::string below(const std::string& field_name, int bound) { return json{{field_name, {{"$lt", bound}}}}.dump(); }

/// The true neighbours among the rows of a filter, as row numbers of all rows.
std::vector<neighbours> truth_of(const dataset& data, const field& by, int bound) {
  dataset matching{data.name, data.metric, {data.rows.dimension, {}}, data.queries};
  std::vector<std::int64_t> rows;
  for (std::size_t row = 0; row < data.rows.rows(); ++row)
    if (by.places[row] < static_cast<std::size_t>(bound)) {
      rows.push_back(static_cast<std::int64_t>(row));
      matching.rows.values.insert(matching.rows.values.end(), data.rows.row(row).begin(), data.rows.row(row).end());
    }
  auto truth = exact_neighbours(matching, k, cores());
  for (auto& found : truth)
    for (auto& row : found)
      row = rows[static_cast<std::size_t>(row)];
  return truth;
}

double recall_at(const collection& of, const dataset& data, const search_options& options,
                 const std::vector<neighbours>& truth) {
  lodge_client client{of};
  std::vector<neighbours> found;
  for (std::size_t i = 0; i < data.queries.rows(); ++i) {
    found.emplace_back();
    for (const auto& each : client.search(data.queries.row(i), options))
      found.back().push_back(std::stoll(each.key));
  }
  return recall(truth, found);
}

/// A filter (or none), the least ef at which it reaches the recall, and what it finds there.
struct measured {
  json labels;
  search_options options;
  double found = 0;
};

measured prepare(const collection& of, const dataset& data, const std::string& filter, json labels,
                 const std::vector<neighbours>& truth) {
  measured made{std::move(labels), {.k = k, .timeout = no_timeout, .filter = filter}, 0};
  for (const auto ef : tried_efs) {
    made.options.ef = ef;
    made.found = recall_at(of, data, made.options, truth);
    if (made.found >= wanted_recall)
      break;
  }
  return made;
}

/// Unfiltered searches with the recall that each filter has, or the highest of interest: its label `equal_ef` is their
/// ef.
std::vector<measured> equals_of(const collection& of, const dataset& data, std::vector<measured>& plan,
                                const std::vector<neighbours>& truth) {
  std::vector<measured> made;
  const auto reaches = [&](double wanted) {
    return std::ranges::find_if(made, [&](const measured& x) { return x.found >= wanted; });
  };
  auto next = tried_efs.begin();
  for (auto& each : plan) {
    const auto wanted = std::min(each.found, highest_recall);
    for (; reaches(wanted) == made.end() && next != tried_efs.end(); ++next) {
      const search_options options{.k = k, .ef = *next, .timeout = no_timeout};
      made.push_back({{{"field", "none"}, {"selectivity", 1}}, options, recall_at(of, data, options, truth)});
    }
    const auto found = reaches(wanted);
    // If none has the whole recall, the best of them.
    each.labels["equal_ef"] = found == made.end() ? made.back().options.ef : found->options.ef;
  }
  return made;
}

/// How long a search takes that is the first with its filter, and one after a put; on the index of a field, and by
/// reading all rows.
void measure_first_uses(collection& of, const dataset& data, const run_options& options, journal& out) {
  const std::vector<std::vector<float>> one{{data.queries.row(0).begin(), data.queries.row(0).end()}};
  int round = 0;
  for (unsigned repeat = 0; repeat < options.repeats; ++repeat)
    for (const auto* name : {"random", "undeclared"})
      for (const auto bound : selectivities) {
        // Another filter each time, with the same matches.
        const auto filter = json{{name, {{"$lt", bound}, {"$ne", -1 - ++round}}}}.dump();
        const auto timed = [&](const char* what) {
          const auto start = clock::now();
          const auto reply =
            of.search(one, {.k = k, .timeout = no_timeout, .filter = filter, .explain = true}).or_exit();
          const std::chrono::duration<double, std::milli> took = clock::now() - start;
          if (reply.explanation->filter != what)
            fail("a search explained its filter as " + reply.explanation->filter + ", expected " + what);
          out.write(json{{"part", "filter use"},
                         {"data", data.name},
                         {"rows", data.rows.rows()},
                         {"field", name},
                         {"selectivity", bound / 1'000.0},
                         {"use", what},
                         {"repeat", repeat},
                         {"by_index", reply.explanation->by_field_index},
                         {"ms", took.count()}});
        };
        timed("evaluated");
        timed("kept");
        of.put("another", one.front(), "{\"random\": -7}").or_exit();
        timed("advanced");
      }
}

} // namespace

void filter_part(const run_options& options, const dataset& data, journal& out) {
  const std::vector<field> fields{{"random", random_places(data.rows.rows())}, {"region", region_places(data.rows)}};
  const scratch place{options.out};
  auto db = database::open(place.file(), {.auto_compaction = {.changes = 0}}).or_exit();
  auto stored = store(db, data, fields);
  std::vector<measured> plan;
  for (const auto& by : fields)
    for (const auto bound : selectivities) {
      const auto truth = truth_of(data, by, bound);
      // Of few rows there may be none.
      if (!truth.front().empty())
        plan.push_back(
          prepare(stored, data, below(by.name, bound), {{"field", by.name}, {"selectivity", bound / 1'000.0}}, truth));
    }
  for (auto& each : equals_of(stored, data, plan, exact_neighbours(data, k, cores())))
    plan.push_back(std::move(each));
  lodge_client client{stored};
  for (unsigned repeat = 0; repeat < options.repeats; ++repeat)
    for (const auto& each : plan) {
      const auto seen = run_clients(1, options.time, [&](unsigned, std::size_t n) {
        client.search(data.queries.row(n % data.queries.rows()), each.options);
      });
      json line{{"part", "filter"}, {"data", data.name}, {"rows", data.rows.rows()}};
      line.update(each.labels);
      line.update(json{{"ef", each.options.ef},
                       {"recall", each.found},
                       {"repeat", repeat},
                       {"qps", seen.rate},
                       {"p50_us", seen.p50},
                       {"p99_us", seen.p99}});
      out.write(line);
    }
  measure_first_uses(stored, data, options, out);
}

} // namespace lodge::bench
