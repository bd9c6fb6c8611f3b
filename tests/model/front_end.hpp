#pragma once

#include <lodge/error.hpp>
#include <lodge/options.hpp>
#include <lodge/types.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodge::test {

/// One write of a client. With `keys` it removes them, with `matching` what a filter matches; else it puts the items,
/// or gives `items.front()` other metadata.
struct write {
  bool removes() const { return matching || !keys.empty(); }

  std::vector<item> items;
  std::vector<std::string> keys;
  std::optional<nlohmann::json> matching;
  bool only_metadata = false;
  /// For `put_if`.
  std::optional<std::uint64_t> expected;
};

/// How it went: the code, the last number that it took, and how many keys it removed.
struct written {
  errc code = errc::none;
  std::uint64_t number = 0;
  std::uint64_t removed = 0;
};

/// A way to use lodge, as far as the model uses it.
class front_end {
public:
  virtual ~front_end() = default;

  virtual result<void> open_collection(const std::string& name, const collection_options& options) = 0;
  virtual result<void> drop_collection(const std::string& name) = 0;
  /// Closes the file and opens it and its collections again.
  virtual result<void> reopen() = 0;

  /// One client's writes in this order; they may be under way at the same time.
  virtual std::vector<written> apply(const std::string& name, const std::vector<write>& writes) = 0;
  virtual result<record> get(const std::string& name, const std::string& key) = 0;
  virtual result<bool> contains(const std::string& name, const std::string& key) = 0;
  virtual result<page> scan(const std::string& name, const std::string& after_key, std::uint64_t limit) = 0;
  virtual result<std::uint64_t> size(const std::string& name) = 0;
  virtual result<std::uint64_t> count(const std::string& name, const std::string& filter) = 0;
  virtual result<search_reply> search(const std::string& name, const std::vector<std::vector<float>>& queries,
                                      const search_options& options) = 0;
  virtual result<collection_stats> stats(const std::string& name) = 0;
  virtual result<compaction_report> compact(const std::string& name) = 0;
};

/// By the blocking calls, with real threads.
std::unique_ptr<front_end> make_facade_front_end(const database_options& options);

/// By messages, on one thread, in a schedule that the seed chooses; what runs by itself runs between the steps.
std::unique_ptr<front_end> make_message_front_end(database_options options, std::uint32_t seed);

} // namespace lodge::test
