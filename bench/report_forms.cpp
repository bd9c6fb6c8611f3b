#include "bench/markdown.hpp"
#include "bench/report.hpp"

#include <functional>

// What the report says of vectors in other forms than float32.
namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr auto given = "float32";

double total_bytes(const figures& of) { return of.of("vector_bytes").median + of.of("link_bytes").median; }

std::string sizes_table(const figures& forms) {
  markdown_table table{
    {"data", "values", "form", "bytes a vector", "of float32", "with links", "of float32", "recall@10 at ef 100"}};
  for (const auto& data : forms.values_of("data"))
    for (const auto& form : forms.values_of("form")) {
      const auto all = forms.where({{"data", data}, {"form", given}});
      const auto mine = forms.where({{"data", data}, {"form", form}});
      table.add({data, mine.first().at("dimension").dump(), form, number(mine.of("vector_bytes").median),
                 times(mine.of("vector_bytes").median, all.of("vector_bytes").median), number(total_bytes(mine)),
                 times(total_bytes(mine), total_bytes(all)), number(mine.of("recall_at_ef_100").median)});
    }
  return table.text();
}

std::string rates_table(const figures& searches) {
  markdown_table table{{"data", "recall@10", "form", "ef", "recall", "queries/s", "of float32", "p50, µs", "p99, µs"}};
  for (const auto& data : searches.values_of("data"))
    for (const auto& target : searches.values_of("target")) {
      const auto here = searches.where({{"data", data}, {"target", target}});
      const auto all = here.where({{"form", given}}).of("qps").median;
      for (const auto& form : here.values_of("form")) {
        const auto mine = here.where({{"form", form}});
        table.add({data, target.dump(), form, mine.first().at("ef").dump(), number(mine.of("recall").median),
                   with_spread(mine.of("qps")), times(mine.of("qps").median, all), with_spread(mine.of("p50_us")),
                   with_spread(mine.of("p99_us"))});
      }
    }
  return table.text();
}

std::string of_float32(const figures& lines, const std::string& form, const std::function<double(const figures&)>& of) {
  return times(of(lines.where({{"form", form}})), of(lines.where({{"form", given}})));
}

} // namespace

std::string form_section(const figures& all) {
  const auto forms = all.where({{"part", "form"}});
  const auto searches = all.where({{"part", "form search"}});
  if (forms.empty() || searches.empty())
    return {};
  return "\n## Vectors in other forms\n\nOf the same rows in collections of their own; the links of a vector as they "
         "lie in memory.\n\n"
    + sizes_table(forms)
    + "\nOne client through a reader, at the least ef that reaches each recall. int8 compares its best candidates "
      "again by the rows of the file.\n\n"
    + rates_table(searches);
}

void add_form_aims(markdown_table& to, const figures& all, const std::string& data) {
  const auto forms = all.where({{"part", "form"}, {"data", data}});
  const auto searches = all.where({{"part", "form search"}, {"data", data}, {"target", 0.95}});
  const auto vectors = [](const figures& of) { return of.of("vector_bytes").median; };
  const auto recall = [](const figures& of) { return of.of("recall_at_ef_100").median; };
  const auto rate = [](const figures& of) { return of.of("qps").median; };
  to.add({data + ": float16 has ≤ 0.55 × the memory of vectors, and the recall of float32",
          of_float32(forms, "float16", vectors) + ", recall at ef 100 " + of_float32(forms, "float16", recall)});
  const auto is_wide = forms.first().at("dimension").get<std::size_t>() >= 768;
  to.add({data
            + (is_wide ? ": int8 ≥ 1.3 × as fast at recall 0.95"
                       : ": int8 ≥ 1 × as fast at recall 0.95 in 0.45 × the memory, links included"),
          of_float32(searches, "int8", rate) + " in " + of_float32(forms, "int8", total_bytes)});
}

} // namespace lodge::bench
