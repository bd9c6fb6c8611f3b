#include "cli/stored_items.hpp"

#include "cli/each_page.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <xxhash.h>

namespace lodge::cli {

namespace {

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::ranges::equal(std::as_bytes(std::span{a}), std::as_bytes(std::span{b}));
}

bool same(const item& a, const item& b) {
  return a.metadata == b.metadata && a.vector.has_value() == b.vector.has_value()
    && (!a.vector || same_bits(*a.vector, *b.vector));
}

} // namespace

result<bool> stored_items::has(const item& what) {
  if (items_ == 0)
    return false;
  if (!read_ && looked_up_ * page_advantage >= items_)
    if (auto done = read_all(); !done)
      return done.error();
  if (read_)
    return std::ranges::binary_search(fingerprints_, fingerprint_of(what));
  ++looked_up_;
  const auto present = target_.get(what.key);
  // A key that cannot be looked up cannot be stored either: the put will say why.
  if (!present && present.error().code != errc::key_not_found && present.error().code != errc::invalid_key)
    return present.error();
  return present && same(*present, what);
}

stored_items::fingerprint stored_items::fingerprint_of(const item& what) {
  // The sizes keep the parts apart.
  const auto vector = std::as_bytes(what.vector ? std::span{*what.vector} : std::span<const float>{});
  const std::uint64_t sizes[]{what.key.size(), what.vector ? vector.size() + 1 : 0};
  std::string bytes{reinterpret_cast<const char*>(sizes), sizeof sizes};
  bytes += what.key;
  bytes.append(reinterpret_cast<const char*>(vector.data()), vector.size());
  bytes += what.metadata;
  const auto hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

result<void> stored_items::read_all() {
  auto read = each_page(target_, [&](const page& next) {
    for (const auto& record : next.records)
      fingerprints_.push_back(fingerprint_of(record));
    return true;
  });
  std::ranges::sort(fingerprints_);
  read_ = read.has_value();
  return read;
}

} // namespace lodge::cli
