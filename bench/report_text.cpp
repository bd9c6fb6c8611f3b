#include "bench/markdown.hpp"
#include "bench/report.hpp"

// What the report says of puts with text, and of searches for words.
namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

std::string puts_table(const figures& puts) {
  markdown_table table{
    {"rows there", "puts", "single: mean, µs", "p50, µs", "p99, µs", "longest, µs", "batches of 100: µs a row"}};
  for (const auto& rows : puts.values_of("rows"))
    for (const auto& contestant : puts.values_of("contestant")) {
      const auto mine = puts.where({{"rows", rows}, {"contestant", contestant}});
      const auto cell = [&](const char* member) { return with_spread(mine.of(member)); };
      table.add({number(rows.get<double>()), contestant, cell("mean_us"), cell("p50_us"), cell("p99_us"),
                 cell("longest_us"), cell("batch_row_us")});
    }
  return table.text();
}

std::string searches_table(const figures& searches) {
  markdown_table table{
    {"rows", "word", "words: p50, µs", "words: p99, µs", "with a vector: p50, µs", "with a vector: p99, µs"}};
  for (const auto& rows : searches.values_of("rows"))
    for (const auto& word : searches.values_of("word")) {
      const auto cell = [&](const char* kind, const char* member) {
        return with_spread(searches.where({{"rows", rows}, {"word", word}, {"kind", kind}}).of(member));
      };
      table.add({number(rows.get<double>()), word, cell("words", "p50_us"), cell("words", "p99_us"),
                 cell("hybrid", "p50_us"), cell("hybrid", "p99_us")});
    }
  return table.text();
}

} // namespace

std::string text_section(const figures& all) {
  const auto puts = all.where({{"part", "text puts"}});
  const auto searches = all.where({{"part", "text search"}});
  if (puts.empty() || searches.empty())
    return {};
  return "\n## Words\n\nPuts of rows with 20 words each, beside the same rows in a collection without text fields:\n\n"
    + puts_table(puts)
    + "\nSearches for one word, and for one beside a vector, through the pool. *rare*: words of rank 20,000 to 22,000 "
      "among 50,000, drawn by Zipf's law; *medium*: 200 to 220; *frequent*: the first, which 4 of 5 rows have:\n\n"
    + searches_table(searches);
}

void add_text_aims(markdown_table& to, const figures& all) {
  const auto puts = all.where({{"part", "text puts"}});
  const auto sizes = puts.values_of("rows");
  if (sizes.size() < 2)
    return;
  const auto ratio = [&](const char* contestant, const char* member) {
    const auto mine = puts.where({{"contestant", contestant}});
    return times(mine.where({{"rows", sizes.back()}}).of(member).median,
                 mine.where({{"rows", sizes.front()}}).of(member).median);
  };
  to.add({"a single put with text costs at " + number(sizes.back().get<double>()) + " rows what it does at "
            + number(sizes.front().get<double>()) + " (mean ≤ 1.2 ×)",
          ratio("with text", "mean_us") + " (longest " + ratio("with text", "longest_us") + "; without text "
            + ratio("the same rows without", "mean_us") + ")"});
}

} // namespace lodge::bench
