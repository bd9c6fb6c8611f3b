#include "tests/faults/storage_script.hpp"

#include "storage/schema.hpp"
#include "storage/snapshot.hpp"
#include "tests/support/files.hpp"

#include <algorithm>
#include <utility>

namespace lodge::test {

namespace {

constexpr std::uint32_t dimension = 200;
/// Small, so that each sweep takes several slices.
constexpr std::uint64_t rows_a_sweep = 7;
constexpr std::size_t chunk_bytes = 6'000;

std::vector<float> vector_of(int number, float turn) {
  std::vector<float> made(dimension, static_cast<float>(number));
  made[1] = turn;
  return made;
}

std::string key_of(int number) { return "key" + std::to_string(number); }

item item_of(int number, float turn = 0) {
  return {key_of(number), vector_of(number, turn),
          R"({"turn": )" + std::to_string(turn) + R"(, "said": "turn )" + std::to_string(turn) + " of "
            + std::to_string(number) + "\"}"};
}

std::vector<item> items_of(int first, int end, float turn) {
  std::vector<item> made;
  for (int number = first; number < end; ++number)
    made.push_back(item_of(number, turn));
  return made;
}

result<void> without_value(const auto& outcome) {
  if (!outcome)
    return outcome.error();
  return {};
}

} // namespace

void storage_script::run() {
  open_step("create", true);
  fill("words", 0, 4);
  if (has("words", key_of(1)))
    transact("several requests at once",
             {put("words", {item_of(4), {"plain", {}, "1"}}), describe("words", key_of(1), R"({"said": "other"})"),
              remove("words", {key_of(0), "missing"}), put("words", {item_of(4, 1)})});
  fill("words", 5, 40);
  look();
  compact("words", 20'000);
  fill("words", 30, 50);
  if (make("words"))
    transact("remove", {remove("words", {key_of(5), key_of(45), "plain"})});
  sweep();
  checkpoint(true);
  look();
  fill("other", 0, 12);
  compact("words", 30'000);
  compact("other", 5'000);
  checkpoint(false);
  close();
  open_step("open again", false);
  look();
  drop("other");
  sweep();
  if (make("words") && has("words", key_of(7)))
    transact("metadata", {describe("words", key_of(7), "[7]"), put("words", {{"plain", {}, "2"}})});
  checkpoint(true);
  fill("other", 3, 6);
  look();
  close();
  open_step("open a third time", true);
  fill("words", 0, 3);
}

void storage_script::go_on() {
  if (!file_ || !read_)
    return;
  // What failed last holds up no other process.
  const auto other = must(storage::writer::open(path_));
  must_do(other->begin(storage::writer::clock::now()));
  other->roll_back();
  BOOST_REQUIRE(make("words"));
  BOOST_TEST(transact("going on", {put("words", {{"after", vector_of(1, 1), "1"}})}));
  look();
  BOOST_TEST(seen_.size() == 1U);
  BOOST_TEST(must(read_->contains(ids_.at("words"), "after")));
}

void storage_script::reopen_and_verify() {
  close();
  BOOST_REQUIRE_MESSAGE(open(true), "the file cannot be opened");
  BOOST_TEST(complaints(path_) == "");
  const auto now = must(read_contents(path_, *read_));
  look_at(now, "after opening");
  on_error = [](const std::string& name, const error& why) { BOOST_ERROR(name << " failed: " << to_string(why)); };
  fill("words", 60, 64);
  compact("words", 9'000);
  sweep();
  checkpoint(true);
  fill("late", 0, 3);
  look();
  close();
  BOOST_TEST(complaints(path_) == "");
  BOOST_REQUIRE(open(false));
  look();
}

// Opening and closing.

bool storage_script::open(bool create) {
  seen_.insert(seen_.end(), unknown_.begin(), unknown_.end());
  unknown_.clear();
  if (const auto prepared = storage::prepare_file(path_, create || !was_made_); !prepared) {
    fail("prepare", prepared.error());
    return false;
  }
  was_made_ = true;
  auto writer = storage::writer::open(path_);
  if (!writer) {
    fail("open the writer", writer.error());
    return false;
  }
  auto reader = storage::reader::open(path_);
  if (!reader) {
    fail("open the reader", reader.error());
    return false;
  }
  file_ = *std::move(writer);
  read_ = *std::move(reader);
  return true;
}

void storage_script::close() {
  ids_.clear();
  file_.reset();
  read_.reset();
}

/// Tried again as a user would; the rest of the script has nothing to do without.
void storage_script::open_step(const std::string& name, bool create) {
  if (!open(create))
    open(true);
  if (file_)
    on_answer(seen_.front());
  else
    BOOST_TEST_MESSAGE(name << " failed twice");
}

// Changes.

/// As the engine does it: a request that fails by itself leaves the others of the transaction.
bool storage_script::transact(const std::string& name, const std::vector<request>& requests) {
  if (!file_)
    return false;
  if (const auto begun = file_->begin(storage::writer::clock::now()); !begun) {
    fail(name + ", begin", begun.error());
    return false;
  }
  std::vector<const request*> done;
  for (const auto& each : requests)
    if (const auto applied = file_->in_transaction() ? each.apply(*file_) : result<void>{errc::io_error, "given up"})
      done.push_back(&each);
    else
      fail(name, applied.error());
  const auto committed = file_->commit();
  BOOST_TEST(!file_->in_transaction());
  settle(done, committed);
  if (!committed)
    fail(name + ", commit", committed.error());
  return committed && done.size() == requests.size();
}

void storage_script::settle(const std::vector<const request*>& done, const result<std::uint64_t>& outcome) {
  auto next = seen_;
  for (auto& each : next)
    for (const auto* what : done)
      what->effect(each);
  if (outcome) {
    // It went over whatever an unknown one left in the WAL.
    unknown_.clear();
    seen_ = std::move(next);
    on_answer(seen_.front());
  } else if (outcome.error().code == errc::outcome_unknown) {
    for (auto& each : next)
      if (std::ranges::find(unknown_, each) == unknown_.end())
        unknown_.push_back(std::move(each));
  }
}

void storage_script::fail(const std::string& name, const error& why) { on_error(name, why); }

bool storage_script::has(const std::string& name) const {
  return std::ranges::all_of(seen_, [&](const auto& each) { return each.collections.contains(name); });
}

bool storage_script::has(const std::string& name, const std::string& key) const {
  return has(name)
    && std::ranges::all_of(seen_, [&](const auto& each) { return each.collections.at(name).rows.contains(key); });
}

/// Whether the collection is there now.
bool storage_script::make(const std::string& name) {
  if (ids_.contains(name))
    return true;
  storage::collection_id id = 0;
  const request open_it{[&](storage::writer& file) {
                          collection_info info{name, dimension, metric::l2, 16, 200};
                          info.text_fields = {"said"};
                          const auto opened = file.open_collection(info);
                          id = opened ? opened->id : 0;
                          return without_value(opened);
                        },
                        [name](contents& after) { after.collections.try_emplace(name); }};
  if (!transact("open collection", {open_it}))
    return false;
  ids_[name] = id;
  return true;
}

storage_script::request storage_script::put(const std::string& name, std::vector<item> items) {
  const auto id = ids_.at(name);
  return {[=](storage::writer& file) { return without_value(file.put(id, items)); },
          [=](contents& after) {
            for (const auto& each : items)
              after.collections[name].rows[each.key] = {each.vector, each.metadata};
          }};
}

storage_script::request storage_script::describe(const std::string& name, const std::string& key,
                                                 const std::string& metadata) {
  const auto id = ids_.at(name);
  return {[=](storage::writer& file) { return without_value(file.update_metadata(id, key, metadata)); },
          [=](contents& after) { after.collections[name].rows.at(key).metadata = metadata; }};
}

storage_script::request storage_script::remove(const std::string& name, std::vector<std::string> keys) {
  const auto id = ids_.at(name);
  return {[=](storage::writer& file) { return without_value(file.remove(id, keys)); },
          [=](contents& after) {
            for (const auto& key : keys)
              after.collections[name].rows.erase(key);
          }};
}

/// The keys in three batches, each later one over half of the one before.
void storage_script::fill(const std::string& name, int first, int end) {
  if (!make(name))
    return;
  const auto third = std::max((end - first) / 3, 1);
  for (int from = first; from < end; from += third)
    transact(
      "put",
      {put(name, items_of(std::max(first, from - third / 2), std::min(end, from + third), static_cast<float>(from)))});
}

// Compaction, in the compactor's order: what fails ends it.

void storage_script::compact(const std::string& name, std::size_t bytes) {
  if (!make(name) || !read_)
    return;
  const auto id = ids_.at(name);
  const auto distance = read_->distance_to_base(id);
  if (!distance)
    return fail("distance to base", distance.error());
  storage::manifest next{distance->version + 1, distance->version + 1, distance->counted_to, distance->watermark, {}};
  storage::segment_record segment{0, 1, bytes, 0};
  if (!transact("new segment",
                {{[&](storage::writer& file) {
                    const auto number = file.new_segment();
                    segment.id = number ? *number : 0;
                    return without_value(number);
                  },
                  [](contents&) {}}}))
    return;
  for (std::size_t written = 0; written < bytes; ++segment.chunks) {
    const auto size = std::min(chunk_bytes, bytes - written);
    const storage::chunk part{id, segment.id, segment.chunks, std::vector<std::uint8_t>(size, 7)};
    if (!transact("chunk", {{[&](storage::writer& file) { return file.add_chunk(part); }, [](contents&) {}}}))
      return;
    written += size;
  }
  next.segments.push_back(segment);
  if (!transact("publish",
                {{[&](storage::writer& file) { return without_value(file.publish(id, next)); },
                  [&](contents& after) { after.collections[name].base_version = next.version; }}}))
    return;
  transact("forget", {{[&](storage::writer& file) { return file.forget_history(id); }, [](contents&) {}}});
}

void storage_script::sweep() {
  for (bool more = true; more;)
    if (!transact("sweep",
                  {{[&](storage::writer& file) {
                      const auto swept = file.sweep(rows_a_sweep);
                      more = swept && *swept;
                      return without_value(swept);
                    },
                    [](contents&) {}}}))
      return;
}

void storage_script::drop(const std::string& name) {
  const request drop_it{[&](storage::writer& file) { return without_value(file.drop_collection(name)); },
                        [&](contents& after) { after.collections.erase(name); }};
  if (has(name) && transact("drop", {drop_it}))
    ids_.erase(name);
}

void storage_script::checkpoint(bool always) {
  if (!file_)
    return;
  if (const auto done = always ? file_->checkpoint_all(storage::writer::clock::now() + std::chrono::seconds{5})
                               : file_->checkpoint_if_grown();
      !done)
    fail("checkpoint", done.error());
}

// Reading.

/// What is read is right, or an error is said.
void storage_script::look() {
  if (!read_)
    return;
  if (const auto now = read_contents(path_, *read_))
    look_at(*now, "meanwhile");
  else
    fail("read", now.error());
}

void storage_script::look_at(const contents& read, const std::string& when) {
  const auto known = std::ranges::find(seen_, read);
  BOOST_TEST((known != seen_.end()),
             when << " the file holds " << summary(read) << "\nexpected " << summary(seen_.front()) << "\nor one of "
                  << seen_.size() - 1 << " others");
  seen_ = {read};
}

} // namespace lodge::test
