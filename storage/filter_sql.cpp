#include "storage/filter_sql.hpp"

#include "storage/metadata_path.hpp"

#include <algorithm>
#include <utility>

namespace lodge::storage {

namespace {

using value_kind = filter_value::kind;

/// What is said in SQL of the value at a place in metadata.
struct place_terms {
  std::string value;
  std::string is_number;
  std::string is_text;
  std::string is_no;
  std::string is_yes;
  std::string is_null_or_missing;
  std::string is_missing;
  std::string is_there;
};

// The numbers of `field_kind`.
const place_terms field_terms{"value",    "kind = 1",       "kind = 2", "kind = 3",
                              "kind = 4", "kind IN (0, 5)", "kind = 0", "kind > 0"};

place_terms row_terms(const std::string& path) {
  const auto type = "json_type(i.metadata, " + path + ")";
  return {"json_extract(i.metadata, " + path + ")",
          type + " IN ('integer', 'real')",
          type + " = 'text'",
          type + " = 'false'",
          type + " = 'true'",
          "ifnull(" + type + ", 'null') = 'null'",
          type + " IS NULL",
          type + " IS NOT NULL"};
}

const char* sign_of(filter_test test) {
  switch (test) {
  case filter_test::greater: return " > ";
  case filter_test::greater_or_equal: return " >= ";
  case filter_test::less: return " < ";
  case filter_test::less_or_equal: return " <= ";
  default: return " = ";
  }
}

class writer_of_sql {
public:
  writer_of_sql(bool of_rows, int first_place) : of_rows_(of_rows), next_place_(first_place) {}

  /// A chain without brackets, which are for the parts that have parts themselves: those come first. So neither
  /// SQLite's parser, which has a stack of 100, nor the depth of its expressions, 1,000, is at its limit.
  std::string condition(const filter_node& wanted) {
    if (wanted.is == filter_node::kind::leaf)
      return leaf(wanted);
    const auto holds_always = wanted.is == filter_node::kind::all;
    if (wanted.parts.empty())
      return holds_always ? "1" : "0";
    std::string chain;
    for (const auto has_parts : {true, false})
      for (const auto& part : wanted.parts)
        if ((part.is != filter_node::kind::leaf) == has_parts)
          chain += (chain.empty() ? "(" : holds_always ? " AND (" : " OR (") + condition(part) + ")";
    return chain;
  }

  std::vector<sql_value> values;

private:
  std::string place_of(sql_value value) {
    values.push_back(std::move(value));
    return std::string{"?"}.append(std::to_string(next_place_++));
  }

  std::string place_of(const filter_value& value) {
    if (value.is == value_kind::integer)
      return place_of(sql_value{value.integer});
    auto place = place_of(sql_value{value.text});
    // Read by the function that reads metadata, the digits give the same bits. A cast would have an affinity, which
    // keeps SQLite from looking the value up.
    return value.is == value_kind::real ? "json_extract(" + place + ", '$')" : place;
  }

  std::string leaf(const filter_node& wanted) {
    const auto terms = of_rows_ ? row_terms(place_of(sql_value{json_path(wanted.path)})) : field_terms;
    if (wanted.test == filter_test::exists)
      return wanted.negated ? terms.is_missing : terms.is_there;
    auto test = wanted.test == filter_test::one_of ? one_of(wanted.values, terms) : ordered(wanted, terms);
    // Without the member it is NULL.
    return wanted.negated ? "NOT ifnull(" + test + ", 0)" : test;
  }

  std::string ordered(const filter_node& wanted, const place_terms& terms) {
    const auto& bound = wanted.values.front();
    return (bound.is == value_kind::text ? terms.is_text : terms.is_number) + " AND " + terms.value
      + sign_of(wanted.test) + place_of(bound);
  }

  std::string one_of(const std::vector<filter_value>& wanted, const place_terms& terms) {
    const auto has = [&](value_kind kind) {
      return std::ranges::find(wanted, kind, &filter_value::is) != wanted.end();
    };
    std::string test;
    const auto add = [&](const std::string& more) { test += (test.empty() ? "" : " OR ") + more; };
    if (has(value_kind::integer) || has(value_kind::real))
      add(terms.is_number + " AND " + terms.value
          + listed(wanted, [](value_kind kind) { return kind == value_kind::integer || kind == value_kind::real; }));
    if (has(value_kind::text))
      add(terms.is_text + " AND " + terms.value
          + listed(wanted, [](value_kind kind) { return kind == value_kind::text; }));
    if (has(value_kind::no))
      add(terms.is_no);
    if (has(value_kind::yes))
      add(terms.is_yes);
    if (has(value_kind::null))
      add(terms.is_null_or_missing);
    return test;
  }

  template <class Predicate>
  std::string listed(const std::vector<filter_value>& wanted, Predicate is_one) {
    std::string places;
    std::size_t count = 0;
    for (const auto& value : wanted)
      if (is_one(value.is)) {
        places += (places.empty() ? "" : ", ") + place_of(value);
        ++count;
      }
    return count == 1 ? " = " + places : " IN (" + places + ")";
  }

  bool of_rows_;
  int next_place_;
};

filter_sql written(const filter_node& wanted, bool of_rows, int first_place) {
  writer_of_sql to{of_rows, first_place};
  auto condition = to.condition(wanted);
  return {std::move(condition), std::move(to.values)};
}

} // namespace

filter_sql sql_of_rows(const filter_node& wanted, int first_place) { return written(wanted, true, first_place); }

filter_sql sql_of_field(const filter_node& wanted, int first_place) { return written(wanted, false, first_place); }

} // namespace lodge::storage
