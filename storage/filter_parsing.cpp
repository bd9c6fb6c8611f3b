#include "storage/filter_parsing.hpp"

#include "storage/metadata_path.hpp"
#include "storage/sqlite.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

namespace lodge::storage {

namespace {

using json = nlohmann::json;
using kind = filter_node::kind;

constexpr std::size_t most_conditions = 512;
constexpr std::size_t most_operands = 10'000;

[[noreturn]] void refuse(std::string detail) { throw failure{errc::invalid_filter, std::move(detail)}; }

/// The beginning of a name, whole characters of it.
std::string shown(const std::string& name) {
  constexpr std::size_t longest = 40;
  if (name.size() <= longest)
    return name;
  auto end = longest;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80)
    --end;
  return name.substr(0, end) + "…";
}

std::string what_it_is(const json& value) {
  switch (value.type()) {
  case json::value_t::null: return "null";
  case json::value_t::boolean: return "a boolean";
  case json::value_t::string: return "a string";
  case json::value_t::array: return "an array";
  case json::value_t::object: return value.empty() ? "an empty object" : "an object";
  default: return "a number";
  }
}

/// An operator on one place: what it tests, and whether it is the negation of that.
struct field_operator {
  std::string_view name;
  filter_test test;
  bool negates;
  bool takes_list;
};

constexpr std::array field_operators{
  field_operator{"$eq", filter_test::one_of, false, false},
  field_operator{"$ne", filter_test::one_of, true, false},
  field_operator{"$gt", filter_test::greater, false, false},
  field_operator{"$gte", filter_test::greater_or_equal, false, false},
  field_operator{"$lt", filter_test::less, false, false},
  field_operator{"$lte", filter_test::less_or_equal, false, false},
  field_operator{"$in", filter_test::one_of, false, true},
  field_operator{"$nin", filter_test::one_of, true, true},
  field_operator{"$exists", filter_test::exists, false, false},
};

/// All or one of some parts, without those that decide nothing, and without brackets where they say nothing.
filter_node combined(kind how, std::vector<filter_node> given) {
  std::vector<filter_node> parts;
  for (auto& part : given) {
    if (part.is == how)
      std::ranges::move(part.parts, std::back_inserter(parts));
    else
      parts.push_back(std::move(part));
  }
  const auto other = how == kind::all ? kind::any : kind::all;
  const auto decides = [&](const filter_node& part) { return part.is == other && part.parts.empty(); };
  if (std::ranges::any_of(parts, decides))
    return {other};
  if (parts.size() == 1)
    return std::move(parts.front());
  return {how, std::move(parts)};
}

kind negated_if(bool negated, kind what) { return (what == kind::all) != negated ? kind::all : kind::any; }

/// Goes down the JSON with the word whether what is below is to hold or not: by De Morgan's laws, so that in the end
/// only single conditions are negated.
class parser {
public:
  filter_node filter_of(const json& from, bool negated, const std::string& expected) {
    if (!from.is_object())
      refuse(expected + ", got " + what_it_is(from));
    std::vector<filter_node> parts;
    for (const auto& [name, value] : from.items())
      parts.push_back(member(name, value, negated));
    return combined(negated_if(negated, kind::all), std::move(parts));
  }

private:
  filter_node member(const std::string& name, const json& value, bool negated) {
    if (name == "$and" || name == "$or")
      return list(name, value, negated_if(negated, name == "$and" ? kind::all : kind::any), negated);
    if (name == "$not")
      return filter_of(value, !negated, "$not takes a filter, which is an object");
    if (name.starts_with('$'))
      refuse("there is no operator '" + shown(name) + "' of filters; there are $and, $or and $not");
    if (const auto path = check_path(name); !path)
      refuse(path.error().detail);
    if (value.is_object())
      return operators(name, value, negated);
    return condition(name, "$eq", value, negated);
  }

  filter_node list(const std::string& name, const json& value, kind how, bool negated) {
    if (!value.is_array() || value.empty())
      refuse(name + " takes an array of filters, got " + (value.is_array() ? "an empty one" : what_it_is(value)));
    std::vector<filter_node> parts;
    for (const auto& each : value)
      parts.push_back(filter_of(each, negated, name + " takes filters, which are objects"));
    return combined(how, std::move(parts));
  }

  filter_node operators(const std::string& path, const json& value, bool negated) {
    if (!value.is_object() || value.empty())
      refuse(shown(path) + ": an object of operators was expected, got " + what_it_is(value));
    std::vector<filter_node> parts;
    for (const auto& [name, operand] : value.items())
      parts.push_back(name == "$not" ? operators(path, operand, !negated) : condition(path, name, operand, negated));
    return combined(negated_if(negated, kind::all), std::move(parts));
  }

  filter_node condition(const std::string& path, const std::string& name, const json& operand, bool negated) {
    const auto* found = std::ranges::find(field_operators, std::string_view{name}, &field_operator::name);
    if (found == field_operators.end())
      refuse(shown(path) + ": there is no operator '" + shown(name)
             + "'; there are $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists and $not, and '" + shown(path)
             + ".name' is a place inside");
    if (++conditions_ > most_conditions)
      refuse("a filter has up to " + std::to_string(most_conditions) + " conditions, got more");
    filter_node made{kind::leaf, {}, path, found->test, negated != found->negates, {}};
    const auto taker = shown(path) + ": " + name;
    if (found->takes_list)
      made.values = list_of_values(operand, taker);
    else if (found->test == filter_test::exists)
      made.negated = negated == is_wanted(operand, taker);
    else
      made.values.push_back(found->test == filter_test::one_of
                              ? scalar(operand, taker + " takes a number, a string, a boolean or null")
                              : ordered(operand, taker + " takes a number or a string"));
    // An empty list.
    if (made.test == filter_test::one_of && made.values.empty())
      return {made.negated ? kind::all : kind::any};
    return made;
  }

  static bool is_wanted(const json& operand, const std::string& taker) {
    if (!operand.is_boolean())
      refuse(taker + " takes true or false, got " + what_it_is(operand));
    return operand.get<bool>();
  }

  std::vector<filter_value> list_of_values(const json& operand, const std::string& taker) {
    if (!operand.is_array())
      refuse(taker + " takes an array of values, got " + what_it_is(operand));
    operands_ += operand.size();
    if (operands_ > most_operands)
      refuse("the lists of a filter have up to " + std::to_string(most_operands) + " values in all, got more");
    std::vector<filter_value> values;
    for (const auto& each : operand)
      values.push_back(scalar(each, taker + " takes an array of numbers, strings, booleans and null"));
    return values;
  }

  static filter_value ordered(const json& operand, const std::string& expected) {
    if (!operand.is_number() && !operand.is_string())
      refuse(expected + ", got " + what_it_is(operand));
    return scalar(operand, expected);
  }

  static filter_value scalar(const json& operand, const std::string& expected) {
    using value = filter_value::kind;
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (operand.is_structured())
      refuse(expected + ", got " + what_it_is(operand));
    if (operand.is_null())
      return {value::null};
    if (operand.is_boolean())
      return {operand.get<bool>() ? value::yes : value::no};
    if (operand.is_number_float() || (operand.is_number_unsigned() && operand.get<std::uint64_t>() > largest))
      return {value::real, 0, operand.dump()};
    if (operand.is_number())
      return {value::integer, operand.get<std::int64_t>()};
    auto text = operand.get<std::string>();
    if (text.find('\0') != std::string::npos)
      refuse(expected + ", got a string with a zero byte");
    return {value::text, 0, std::move(text)};
  }

  std::size_t conditions_ = 0;
  std::size_t operands_ = 0;
};

} // namespace

filter_node parse_filter(const json& from) { return parser{}.filter_of(from, false, "a filter is an object"); }

} // namespace lodge::storage
