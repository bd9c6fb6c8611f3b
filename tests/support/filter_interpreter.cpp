#include "tests/support/filter_interpreter.hpp"

#include <cstdint>
#include <limits>
#include <stdexcept>

namespace lodge::test {

namespace {

using json = nlohmann::json;

static_assert(std::numeric_limits<long double>::digits >= 64, "64-bit integers and doubles are exact in it");

long double exact(const json& number) {
  if (number.is_number_float())
    return number.get<double>();
  if (number.is_number_unsigned() && number.get<std::uint64_t>() > INT64_MAX)
    return number.get<double>();
  return number.get<std::int64_t>();
}

/// Nothing where the member is missing.
const json* member(const json& metadata, const std::string& path) {
  const json* at = &metadata;
  for (std::size_t from = 0; at != nullptr;) {
    const auto dot = path.find('.', from);
    const auto name = path.substr(from, dot == std::string::npos ? dot : dot - from);
    at = at->is_object() && at->contains(name) ? &at->at(name) : nullptr;
    if (dot == std::string::npos)
      break;
    from = dot + 1;
  }
  return at;
}

bool equal(const json* value, const json& operand) {
  if (operand.is_null())
    return value == nullptr || value->is_null();
  if (value == nullptr)
    return false;
  if (operand.is_number())
    return value->is_number() && exact(*value) == exact(operand);
  return value->type() == operand.type() && *value == operand;
}

bool one_of(const json* value, const json& operands) {
  for (const auto& each : operands)
    if (equal(value, each))
      return true;
  return false;
}

/// -1, 0, 1; 2 if there is no order between them.
int order(const json* value, const json& operand) {
  if (value == nullptr)
    return 2;
  if (value->is_number() && operand.is_number()) {
    const auto left = exact(*value);
    const auto right = exact(operand);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (value->is_string() && operand.is_string()) {
    // std::string compares as unsigned bytes.
    const auto sign = value->get<std::string>().compare(operand.get<std::string>());
    return sign < 0 ? -1 : sign > 0 ? 1 : 0;
  }
  return 2;
}

bool holds(const json* value, const std::string& name, const json& operand) {
  if (name == "$eq")
    return equal(value, operand);
  if (name == "$ne")
    return !equal(value, operand);
  if (name == "$in")
    return one_of(value, operand);
  if (name == "$nin")
    return !one_of(value, operand);
  if (name == "$exists")
    return (value != nullptr) == operand.get<bool>();
  const auto found = order(value, operand);
  if (name == "$gt")
    return found == 1;
  if (name == "$gte")
    return found == 1 || found == 0;
  if (name == "$lt")
    return found == -1;
  if (name == "$lte")
    return found == -1 || found == 0;
  throw std::invalid_argument{name};
}

bool all_hold(const json* value, const json& operators) {
  for (const auto& [name, operand] : operators.items())
    if (name == "$not" ? all_hold(value, operand) : !holds(value, name, operand))
      return false;
  return true;
}

bool matches(const json& filter, const json& metadata) {
  for (const auto& [name, value] : filter.items()) {
    bool matched = false;
    if (name == "$and") {
      matched = true;
      for (const auto& each : value)
        matched = matched && matches(each, metadata);
    } else if (name == "$or") {
      for (const auto& each : value)
        matched = matched || matches(each, metadata);
    } else if (name == "$not") {
      matched = !matches(value, metadata);
    } else if (value.is_object()) {
      matched = all_hold(member(metadata, name), value);
    } else {
      matched = equal(member(metadata, name), value);
    }
    if (!matched)
      return false;
  }
  return true;
}

} // namespace

bool filter_matches(const json& filter, const std::string& metadata) {
  return matches(filter, metadata.empty() ? json::object() : json::parse(metadata));
}

} // namespace lodge::test
