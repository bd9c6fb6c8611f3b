#pragma once

#include <lodge/database.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace lodge::cli {

/// Tells whether the very item was stored when the import began, so that a second import writes nothing.
///
/// **Operation**: the first items are looked up one by one. Once that has cost as much as reading the whole collection
/// would have, it is read, and 128 bits of a hash are kept an item.
class stored_items {
public:
  stored_items(const collection& target, std::uint64_t items) : target_(target), items_(items) {}

  result<bool> has(const item& what);

private:
  using fingerprint = std::pair<std::uint64_t, std::uint64_t>;
  static fingerprint fingerprint_of(const item& what);
  result<void> read_all();

  /// Reading an item in a page costs about this part of looking it up by its key.
  static constexpr std::uint64_t page_advantage = 16;

  collection target_;
  std::uint64_t items_;
  std::uint64_t looked_up_ = 0;
  bool read_ = false;
  /// Ascending.
  std::vector<fingerprint> fingerprints_;
};

} // namespace lodge::cli
