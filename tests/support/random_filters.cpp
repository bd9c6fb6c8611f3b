#include "tests/support/random_filters.hpp"

#include <array>
#include <cstdint>

namespace lodge::test {

namespace {

using json = nlohmann::json;

std::size_t below(std::size_t end, std::mt19937& random) { return random() % end; }

const std::vector<json>& scalars() {
  static const std::vector<json> values{json(nullptr),
                                        json(true),
                                        json(false),
                                        json(0),
                                        json(-0.0),
                                        json(1),
                                        json(1.0),
                                        json(-1),
                                        json(1.5),
                                        json(2),
                                        json(0.1),
                                        json(1e300),
                                        json(-1e-300),
                                        json(9007199254740992.0),
                                        json(INT64_C(9007199254740993)),
                                        json(INT64_MAX),
                                        json(INT64_MIN),
                                        json(UINT64_C(9223372036854775808)),
                                        json(UINT64_MAX),
                                        json(3.0e25),
                                        json(""),
                                        json("a"),
                                        json("A"),
                                        json("aa"),
                                        json("b"),
                                        json("1"),
                                        json("null"),
                                        json("true"),
                                        json("\xc3\xa9"),
                                        json("\xf0\x9f\x98\x80"),
                                        json("'; DROP TABLE items; --"),
                                        json("\"\\\n\t"),
                                        json("%_*?")};
  return values;
}

json scalar(std::mt19937& random) { return scalars()[below(scalars().size(), random)]; }

json value(std::mt19937& random) {
  switch (below(12, random)) {
  case 0: return json::array({scalar(random), scalar(random)});
  case 1: return json{{"x", scalar(random)}};
  case 2: return json::array();
  case 3: return json::object();
  default: return scalar(random);
  }
}

json ordered_scalar(std::mt19937& random) {
  for (;;)
    if (auto made = scalar(random); made.is_number() || made.is_string())
      return made;
}

json list(std::mt19937& random) {
  auto made = json::array();
  for (auto left = below(5, random); left > 0; --left)
    made.push_back(scalar(random));
  return made;
}

json operators(std::mt19937& random, bool with_not) {
  constexpr std::array names{"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists"};
  auto made = json::object();
  for (auto left = 1 + below(2, random); left > 0; --left) {
    if (with_not && below(6, random) == 0) {
      made["$not"] = operators(random, false);
      continue;
    }
    const auto at = below(names.size(), random);
    made[names[at]] = at < 2 ? scalar(random)
      : at < 6               ? ordered_scalar(random)
      : at < 8               ? list(random)
                             : json(below(2, random) == 0);
  }
  return made;
}

} // namespace

const std::vector<std::string> random_paths{
  "a", "b", "c", "in.x", "in.y", "in.deep.x", "\xc3\xa9", "it's [a] \xe2\x82\xac name", "never"};

std::string random_metadata(std::mt19937& random) {
  constexpr std::array others{"", "5", "null", "[]", "\"a\"", "true", R"([{"a": 1}])", "{}", " { \"a\" :\t1.0 }\n"};
  if (below(8, random) == 0)
    return others[below(others.size(), random)];
  auto made = json::object();
  for (const auto* name : {"a", "b", "c", "\xc3\xa9", "it's [a] \xe2\x82\xac name"})
    if (below(3, random) > 0)
      made[name] = value(random);
  if (below(2, random) == 0) {
    made["in"] = value(random);
    if (below(3, random) > 0)
      made["in"] = {{"x", value(random)}, {"y", value(random)}, {"deep", {{"x", value(random)}}}};
  }
  return made.dump(below(2, random) == 0 ? -1 : 1);
}

json random_filter(std::mt19937& random, int levels) {
  auto made = json::object();
  for (auto left = below(20, random) == 0 ? 0 : 1 + below(3, random); left > 0; --left) {
    const auto what = levels > 0 ? below(8, random) : 7;
    if (what < 2) {
      auto parts = json::array();
      for (auto count = 1 + below(3, random); count > 0; --count)
        parts.push_back(random_filter(random, levels - 1));
      made[what == 0 ? "$and" : "$or"] = std::move(parts);
    } else if (what == 2) {
      made["$not"] = random_filter(random, levels - 1);
    } else {
      const auto& path = random_paths[below(random_paths.size(), random)];
      made[path] = below(3, random) == 0 ? scalar(random) : operators(random, true);
    }
  }
  return made;
}

} // namespace lodge::test
