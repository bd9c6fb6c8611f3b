#include "tests/torture/cells.hpp"

#include <cmath>
#include <cstdio>

namespace lodge::torture {

namespace {

constexpr std::uint32_t ballast_size = 800;
constexpr std::uint32_t own_singles = 10;
constexpr std::uint32_t own_groups = 4;
constexpr std::uint32_t own_cells = own_singles + own_groups + 1;
/// A cell of more is spread like cells of one item.
constexpr std::uint32_t largest_cluster = 100;

/// SplitMix64: one step, well mixed.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e37'79b9'7f4a'7c15;
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9;
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11eb;
  return x ^ (x >> 31);
}

/// From -1 to 1.
float coordinate(std::uint64_t seed, std::uint64_t at) {
  return static_cast<float>(static_cast<double>(mixed(mixed(seed) + at) >> 11) / 4503599627370496.0 - 1.0);
}

} // namespace

std::string cell::key(std::uint32_t part) const {
  auto digits = std::to_string(part);
  return name + '/' + std::string(4 - digits.size(), '0') + digits;
}

cell_list::cell_list(unsigned clients) {
  cells_.push_back({"ballast", ballast_size});
  add("single", 40, 1);
  shared_singles_last_ = size();
  add("group", 20, 5);
  add("crowd", 2, 60);
  shared_last_ = size();
  for (unsigned client = 0; client < clients; ++client) {
    const auto own = "own" + std::to_string(client);
    add(own + "-single", own_singles, 1);
    add(own + "-group", own_groups, 3);
    cells_.push_back({own + "-shelf", 5, true});
  }
}

void cell_list::add(const std::string& kind, std::uint32_t count, std::uint32_t size) {
  for (std::uint32_t i = 0; i < count; ++i)
    cells_.push_back({kind + std::to_string(i), size});
}

cell_list::range cell_list::owned_by(unsigned client) const {
  return {shared_last_ + client * own_cells, shared_last_ + (client + 1) * own_cells};
}

cell_list::range cell_list::singles_of(unsigned client) const {
  const auto first = owned_by(client).first;
  return {first, first + own_singles};
}

std::string to_metadata(const origin& what) {
  return '[' + std::to_string(what.vector_of) + ',' + std::to_string(what.operation) + ',' + std::to_string(what.part)
    + ']';
}

std::optional<origin> from_metadata(const std::string& text) {
  unsigned long long vector = 0;
  unsigned long long operation = 0;
  unsigned part = 0;
  if (std::sscanf(text.c_str(), "[%llu,%llu,%u]", &vector, &operation, &part) != 3)
    return std::nullopt;
  return origin{vector, operation, part};
}

std::vector<float> vector_of(std::uint64_t operation, std::uint32_t part, std::uint32_t cell_size) {
  const auto spread = cell_size > largest_cluster;
  std::vector<float> made(dimension);
  for (std::uint32_t i = 0; i < dimension; ++i)
    made[i] = spread ? coordinate(operation + (std::uint64_t{part} << 52), i)
                     : coordinate(operation, i) + 0.002F * coordinate(operation + part, dimension + i);
  return made;
}

double distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return std::sqrt(sum);
}

} // namespace lodge::torture
