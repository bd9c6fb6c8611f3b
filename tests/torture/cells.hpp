#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What the processes write: each item says which operation wrote it, so that the file can be compared with the
/// journal.
namespace lodge::torture {

inline constexpr std::uint32_t dimension = 8;
inline constexpr auto things_name = "things";

/// Items that are always put and removed together, in one call: all or none of them are there, with numbers in a row.
struct cell {
  std::string name;
  std::uint32_t size = 1;
  /// A collection of its own, of the cell's name, that is dropped instead of emptied.
  bool is_collection = false;

  std::string key(std::uint32_t part) const;
  /// The key before all of its keys, for `scan`.
  std::string before() const { return name + '/'; }
  bool holds(const std::string& key) const { return key.starts_with(name + '/'); }
};

/// All cells, the same in every process.
class cell_list {
public:
  explicit cell_list(unsigned clients);

  const std::vector<cell>& all() const { return cells_; }
  const cell& operator[](std::uint32_t index) const { return cells_[index]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(cells_.size()); }

  /// So many items that a base has several chunks, and a batch many pages. Never removed.
  static constexpr std::uint32_t ballast = 0;
  /// Half-open ranges of indices.
  struct range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };
  /// Written by every client.
  range shared() const { return {1, shared_last_}; }
  range shared_singles() const { return {1, shared_singles_last_}; }
  /// Written by one client; the last of them is a collection.
  range owned_by(unsigned client) const;
  range singles_of(unsigned client) const;
  std::uint32_t collection_of(unsigned client) const { return owned_by(client).last - 1; }

private:
  void add(const std::string& kind, std::uint32_t count, std::uint32_t size);

  std::vector<cell> cells_;
  std::uint32_t shared_singles_last_ = 0;
  std::uint32_t shared_last_ = 0;
};

/// What an item's metadata say: which operation its vector is made of, and which wrote the item.
struct origin {
  std::uint64_t vector_of = 0;
  std::uint64_t operation = 0;
  std::uint32_t part = 0;

  friend bool operator==(const origin&, const origin&) = default;
};

std::string to_metadata(const origin& what);
std::optional<origin> from_metadata(const std::string& text);

/// Parts of one cell of few lie close together, so that the nearest of one are the others.
std::vector<float> vector_of(std::uint64_t operation, std::uint32_t part, std::uint32_t cell_size);
double distance(std::span<const float> a, std::span<const float> b);

} // namespace lodge::torture
