#include "storage/check_text.hpp"

#include "storage/sqlite.hpp"
#include "storage/text_index.hpp"

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lodge::storage {

namespace {

/// Rows whose words are made again at once, in memory.
constexpr std::uint64_t rows_a_turn = 10'000;

/// Each occurrence of a word adds its hash, so that the order does not matter.
struct words_seen {
  std::uint64_t sum = 0;
  /// Occurrences in each column.
  std::map<std::string, std::uint64_t> columns;

  std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const auto& [name, words] : columns)
      all += words;
    return all;
  }
  std::uint64_t in(const std::string& column) const {
    const auto found = columns.find(column);
    return found == columns.end() ? 0 : found->second;
  }
  friend bool operator==(const words_seen&, const words_seen&) = default;
};

/// SQLite's variable-length integers, "Database File Format", 1.6: seven bits a byte, the highest first.
std::vector<std::uint64_t> numbers_in(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint64_t> read;
  std::uint64_t next = 0;
  for (const auto byte : bytes) {
    next = next << 7 | (byte & 0x7f);
    if ((byte & 0x80) == 0)
      read.push_back(std::exchange(next, 0));
  }
  return read;
}

/// What FTS5 weighs words by: how many rows there are, and words in each column.
std::vector<std::uint64_t> stored_counts(connection& on, const std::string& index) {
  statement query{on, ("SELECT block FROM " + index + "_data WHERE id = 1").c_str()};
  return query.step() ? numbers_in(query.bytes(0)) : std::vector<std::uint64_t>{};
}

/// @param from An fts5vocab table of occurrences: word, label, column, place.
void add_words(connection& on, const std::string& from, words_seen& to) {
  statement query{on, ("SELECT term, doc, col, \"offset\" FROM " + from).c_str()};
  std::string occurrence;
  while (query.step()) {
    occurrence = query.text(0);
    for (const int column : {1, 2, 3})
      occurrence.append(1, '\0').append(query.text(column));
    to.sum += std::hash<std::string>{}(occurrence);
    ++to.columns[std::string{query.text(2)}];
  }
}

/// Goes through the rows in parts, and makes the words of each again as the index did.
class made_again {
public:
  made_again(connection& on, const collection_row& collection)
    : on_(on),
      index_(text_index::name(collection.id)),
      columns_(text_index::columns(collection.info.text_fields.size())) {
    on_.run(("CREATE VIRTUAL TABLE temp.made USING fts5(" + columns_ + ", content='', " + text_index::tokenizer
             + "); CREATE VIRTUAL TABLE temp.made_words USING fts5vocab('temp', 'made', 'instance')")
              .c_str());
  }

  void look_through() {
    statement last{
      on_,
      ("SELECT max(label) FROM (SELECT label FROM " + index_ + "_rows WHERE label > ? ORDER BY label LIMIT ?)")
        .c_str()};
    for (std::uint64_t done = 0; last.with(done, rows_a_turn).step() && !last.is_null(0);) {
      const auto end = last.number(0);
      last.reset();
      look_at(done, end);
      done = end;
    }
  }

  words_seen words;
  std::uint64_t rows = 0;
  /// Rows that have another number of words than the index says, or that it lacks.
  std::uint64_t rows_that_differ = 0;

private:
  void look_at(std::uint64_t after, std::uint64_t last) {
    statement make{on_,
                   ("INSERT INTO temp.made(rowid, " + columns_ + ") SELECT label, " + columns_ + " FROM " + index_
                    + "_rows WHERE label > ? AND label <= ? ORDER BY label")
                     .c_str()};
    make.with(after, last).run();
    rows += static_cast<std::uint64_t>(on_.ask("SELECT count(*) FROM temp.made_docsize"));
    rows_that_differ +=
      static_cast<std::uint64_t>(on_.ask(("SELECT count(*) FROM temp.made_docsize m LEFT JOIN main." + index_
                                          + "_docsize s ON s.id = m.id WHERE s.sz IS NOT m.sz")
                                           .c_str()));
    add_words(on_, "temp.made_words", words);
    on_.run("INSERT INTO temp.made(made) VALUES ('delete-all')");
  }

  connection& on_;
  std::string index_;
  std::string columns_;
};

finding compare(connection& on, const collection_row& collection, const std::string& subject) {
  const auto index = text_index::name(collection.id);
  on.run(("CREATE VIRTUAL TABLE temp.stored_words USING fts5vocab('main', '" + index + "', 'instance')").c_str());
  words_seen stored;
  add_words(on, "temp.stored_words", stored);
  const auto rows = static_cast<std::uint64_t>(on.ask(("SELECT count(*) FROM " + index + "_docsize").c_str()));
  made_again expected{on, collection};
  expected.look_through();
  std::vector<std::uint64_t> counts{expected.rows};
  for (std::size_t i = 0; i < collection.info.text_fields.size(); ++i)
    counts.push_back(expected.words.in(text_index::column(i)));
  // An index that nothing was put into says nothing yet.
  const auto counts_agree = expected.rows == 0 || stored_counts(on, index) == counts;
  const auto counted = std::to_string(stored.count()) + " of " + std::to_string(rows) + " rows";
  if (stored == expected.words && rows == expected.rows && expected.rows_that_differ == 0 && counts_agree)
    return {subject, counted + ", as the rows have them", true};
  auto detail =
    counted + "; the rows have " + std::to_string(expected.words.count()) + " of " + std::to_string(expected.rows);
  if (stored.count() == expected.words.count() && stored != expected.words)
    detail += ", and others";
  if (expected.rows_that_differ > 0)
    detail += "; " + std::to_string(expected.rows_that_differ) + " rows have another length";
  if (!counts_agree)
    detail += "; what words are weighed by is wrong";
  return {subject, detail, false};
}

} // namespace

void check_text(connection& on, const collection_row& collection, const std::function<void(const finding&)>& tell) {
  if (collection.info.text_fields.empty())
    return;
  const auto subject = "words of '" + collection.info.name + "'";
  try {
    tell(compare(on, collection, subject));
  } catch (const failure& caught) {
    tell({subject, caught.reason.detail, false});
  }
  on.run(
    "DROP TABLE IF EXISTS temp.stored_words; DROP TABLE IF EXISTS temp.made_words; DROP TABLE IF EXISTS temp.made");
}

} // namespace lodge::storage
