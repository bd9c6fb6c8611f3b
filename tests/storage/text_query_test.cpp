// What a person types, as an expression of FTS5: storage::to_match_expression.

#include "storage/text_query.hpp"

#include "tests/support/files.hpp"

#include <sqlite3.h>

#include <random>
#include <string>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

/// Whether FTS5 takes an expression.
class fts {
public:
  fts() {
    BOOST_REQUIRE(sqlite3_open(":memory:", &on_) == SQLITE_OK);
    BOOST_REQUIRE(sqlite3_exec(on_, "CREATE VIRTUAL TABLE t USING fts5(a, b); INSERT INTO t VALUES ('near a', 'not b')",
                               nullptr, nullptr, nullptr)
                  == SQLITE_OK);
    BOOST_REQUIRE(sqlite3_prepare_v2(on_, "SELECT bm25(t) FROM t WHERE t MATCH ?", -1, &query_, nullptr) == SQLITE_OK);
  }
  ~fts() {
    sqlite3_finalize(query_);
    sqlite3_close(on_);
  }
  fts(const fts&) = delete;
  fts& operator=(const fts&) = delete;

  /// Rows that match, or -1 for an error.
  int rows(const std::string& expression) {
    sqlite3_reset(query_);
    sqlite3_bind_text(query_, 1, expression.c_str(), static_cast<int>(expression.size()), SQLITE_TRANSIENT);
    int found = 0;
    int code = SQLITE_ROW;
    for (; (code = sqlite3_step(query_)) == SQLITE_ROW; ++found)
      continue;
    return code == SQLITE_DONE ? found : -1;
  }

private:
  sqlite3* on_ = nullptr;
  sqlite3_stmt* query_ = nullptr;
};

std::string expression(const std::string& query) { return must(to_match_expression(query)); }

} // namespace

BOOST_AUTO_TEST_SUITE(text_queries)

BOOST_AUTO_TEST_CASE(any_word_will_do) {
  BOOST_TEST(expression("river") == R"("river")");
  BOOST_TEST(expression("  river\tdeep\n") == R"("river" OR "deep")");
}

BOOST_AUTO_TEST_CASE(a_phrase_stands_in_quotes_of_which_the_last_may_be_absent) {
  BOOST_TEST(expression(R"("new york" city)") == R"("new york" OR "city")");
  BOOST_TEST(expression(R"(old"new york)") == R"("old" OR "new york")");
}

BOOST_AUTO_TEST_CASE(a_star_after_a_word_or_a_phrase_makes_its_end_a_beginning) {
  BOOST_TEST(expression("mus*") == R"("mus*" *)");
  BOOST_TEST(expression(R"("new yo"* x)") == R"("new yo" * OR "x")");
  BOOST_TEST(expression("m*s") == R"("m*s")");
}

BOOST_AUTO_TEST_CASE(what_has_no_letter_and_no_digit_is_no_word) {
  BOOST_TEST(expression("- river & + \"\" * \"--\"*") == R"("river")");
  for (const auto* query : {"", " ", "*", "\"", "\"\"", "+-.,", "\"  *"}) {
    BOOST_TEST_CONTEXT("'" << query << "'")
    BOOST_TEST(code_of(to_match_expression(query)) == errc::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(operators_of_fts5_are_words) {
  fts index;
  BOOST_TEST(index.rows(expression("NOT")) == 1);
  BOOST_TEST(index.rows(expression("near")) == 1);
  BOOST_TEST(index.rows(expression("a NOT b")) == 1);
  BOOST_TEST(index.rows(expression("x AND y")) == 0);
  BOOST_TEST(index.rows(expression("b:near")) == 0);
  BOOST_TEST(index.rows(expression("NEAR(near a, 2)")) == 1);
}

BOOST_AUTO_TEST_CASE(no_text_makes_a_wrong_expression) {
  fts index;
  std::mt19937 random{7};
  const std::string some = "\"*^:+-(){}[]'\\,;.&|!?\n\t aAbNORT0\xc3\xa4\xe2\x82\xac\xff\x01";
  for (int i = 0; i < 20'000; ++i) {
    std::string query;
    for (auto left = 1 + random() % 40; left > 0; --left)
      query += random() % 50 == 0 ? '\0' : some[random() % some.size()];
    const auto made = to_match_expression(query);
    if (made)
      BOOST_TEST(index.rows(*made) >= 0, "'" << query << "' gives '" << *made << "'");
    else
      BOOST_TEST(made.error().code == errc::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(a_query_has_up_to_1000_words_and_65536_bytes) {
  fts index;
  std::string words;
  for (std::size_t i = 0; i < most_query_words; ++i)
    words += std::string{"w"}.append(std::to_string(i)) + "* ";
  BOOST_TEST(index.rows(expression(words)) == 0);
  BOOST_TEST(index.rows(expression(words + "+ *")) == 0);
  BOOST_TEST(code_of(to_match_expression(words + "more")) == errc::invalid_argument);
  BOOST_TEST(index.rows(expression(std::string(longest_text_query, 'x'))) == 0);
  BOOST_TEST(code_of(to_match_expression(std::string(longest_text_query + 1, 'x'))) == errc::invalid_argument);
  // One phrase of very many words.
  std::string phrase = "\"";
  while (phrase.size() < longest_text_query)
    phrase += "a ";
  phrase.resize(longest_text_query);
  BOOST_TEST(index.rows(expression(phrase)) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
