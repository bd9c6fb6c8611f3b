#include "cli/commands.hpp"

#include <lodge/database.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace lodge::cli {

namespace {

lodge::search_options asked(const search_options& options, std::int64_t k) {
  return {.k = k, .ef = options.ef, .exact = options.exact, .with_metadata = true};
}

void print(const hits& found) {
  for (const auto& hit : found)
    std::printf("  %8.4f  %s%s%s\n", static_cast<double>(hit.score), hit.key.c_str(), hit.metadata.empty() ? "" : "  ",
                hit.metadata.c_str());
}

/// The neighbours of an item, without itself.
result<hits> neighbours(const collection& source, const std::string& key, const search_options& options) {
  auto item = source.get(key);
  if (!item)
    return item.error();
  if (!item->vector)
    return error{errc::invalid_argument, "the item '" + key + "' has no vector"};
  auto found = source.search(*std::move(item->vector),
                             asked(options, options.k < 0 || options.k == INT64_MAX ? options.k : options.k + 1));
  if (!found)
    return found;
  std::erase_if(*found, [&](const hit& each) { return each.key == key; });
  if (found->size() > static_cast<std::size_t>(options.k))
    found->pop_back();
  return found;
}

} // namespace

int search(const search_options& options) {
  if (options.like.empty() && options.vector.empty())
    return report({errc::invalid_argument, "one of --like and --vector is needed"});
  auto db = database::open(options.file, {.create = false});
  if (!db)
    return report(db.error());
  auto source = db->collection(options.collection);
  if (!source)
    return report(source.error());
  if (!options.vector.empty()) {
    auto found = source->search(options.vector, asked(options, options.k));
    if (!found)
      return report(found.error());
    print(*found);
  }
  for (const auto& key : options.like) {
    auto found = neighbours(*source, key, options);
    if (!found)
      return report(found.error());
    std::printf("%s\n", key.c_str());
    print(*found);
  }
  return succeeded;
}

} // namespace lodge::cli
