#include "storage/backup.hpp"

#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/snapshot.hpp"
#include "storage/writer.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

struct source_file : store {
  scratch_directory targets;
  std::string target = targets.file("copy.lodge");
  collection_id words = make("words", 2, metric::cosine);

  std::uint64_t put(const std::string& key, float value) {
    const std::vector<item> items{{key, std::vector<float>{value, value}, "1"}};
    return commit([&] { must(file->put(words, items)); });
  }

  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator{targets.path()})
      found.insert(entry.path().filename().string());
    return found;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(backups, source_file)

BOOST_AUTO_TEST_CASE(a_copy_opens_and_has_all_that_the_file_had) {
  put("a", 1);
  put("b", 2);
  put("a", 3);
  const std::vector<std::string> keys{"b"};
  commit([&] { must(file->remove(words, keys)); });
  std::uint64_t segment = 0;
  commit([&] {
    segment = must(file->new_segment());
    must_do(file->add_chunk({words, segment, 0, {1, 2, 3}}));
  });
  const auto last = commit([&] { must(file->publish(words, {1, 1, 5, 0, {{segment, 1, 3, 1}}})); });
  const auto at = must(back_up(path, target));
  BOOST_TEST(at.number == last);
  BOOST_TEST(must(prepare_file(target, false)) == at.file);
  const auto copy = must(reader::open(target));
  BOOST_TEST(copy->identity() == at.file);
  BOOST_TEST(must(copy->size(words)) == 1U);
  BOOST_TEST(must(copy->get(words, "a")).vector->at(0) == 3.0F);
  BOOST_TEST(must(copy->log_after(words, 0, true)).entries.size() == 6U);
  const auto seen = must(snapshot::open(target, words));
  BOOST_TEST(must(seen->segment_bytes(must(seen->base())->segments.at(0))).size() == 3U);
  BOOST_TEST(sql(target, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
}

BOOST_AUTO_TEST_CASE(a_copy_is_a_file_of_its_own) {
  put("a", 1);
  const auto at = must(back_up(path, target));
  BOOST_TEST(at.file != identity);
  BOOST_TEST(must(reader::open(path))->identity() == identity);
  must(prepare_file(target, false));
  const auto other = must(writer::open(target));
  must_do(other->begin(writer::clock::now()));
  const std::vector<item> items{{"b"}};
  BOOST_TEST(must(other->put(words, items)) == at.number + 1);
  must(other->commit());
  BOOST_TEST(must(must(reader::open(path))->size(words)) == 1U);
  BOOST_TEST(must(must(reader::open(target))->size(words)) == 2U);
  BOOST_TEST(code_of(must(reader::open(target))->require({identity, 1})) == errc::position_of_other_file);
  BOOST_TEST(must(back_up(path, targets.file("second"))).file != at.file);
}

BOOST_AUTO_TEST_CASE(a_copy_is_one_file_with_nothing_beside_it) {
  put("a", 1);
  must(back_up(path, target));
  BOOST_TEST(names() == std::set<std::string>{"copy.lodge"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_there_already_is_not_overwritten) {
  put("a", 1);
  std::ofstream{target} << "precious";
  BOOST_TEST(code_of(back_up(path, target)) == errc::file_exists);
  BOOST_TEST(code_of(back_up(path, path)) == errc::file_exists);
  std::string content;
  std::getline(std::ifstream{target}, content);
  BOOST_TEST(content == "precious");
  std::filesystem::create_symlink(targets.file("nowhere"), targets.file("link"));
  BOOST_TEST(code_of(back_up(path, targets.file("link"))) == errc::file_exists);
  BOOST_TEST(names() == (std::set<std::string>{"copy.lodge", "link"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_copy_that_fails_leaves_nothing_behind) {
  BOOST_TEST(code_of(back_up(directory.file("missing"), target)) == errc::file_not_found);
  BOOST_TEST(names().empty());
  BOOST_TEST(code_of(back_up(path, targets.file("missing/copy"))) == errc::file_not_found);
  BOOST_TEST(names().empty());
  sql(path, "PRAGMA user_version = " + std::to_string(format_version + 1));
  BOOST_TEST(code_of(back_up(path, target)) == errc::newer_format);
  BOOST_TEST(names().empty());
}

BOOST_AUTO_TEST_CASE(what_an_earlier_copy_left_when_it_was_killed_is_in_nobodys_way) {
  put("a", 1);
  std::ofstream{target + ".partial"} << std::string(10'000, 'x');
  std::ofstream{target + ".partial-wal"} << std::string(10'000, 'x');
  must(back_up(path, target));
  BOOST_TEST(names() == std::set<std::string>{"copy.lodge"}, boost::test_tools::per_element());
  must(prepare_file(target, false));
}

BOOST_AUTO_TEST_CASE(what_is_not_committed_is_not_copied) {
  const auto last = put("a", 1);
  must_do(file->begin(writer::clock::now()));
  const std::vector<item> items{{"b"}};
  must(file->put(words, items));
  BOOST_TEST(must(back_up(path, target)).number == last);
  must(file->commit());
  must(prepare_file(target, false));
  BOOST_TEST(must(must(reader::open(target))->size(words)) == 1U);
}

BOOST_AUTO_TEST_CASE(a_copy_taken_while_others_write_is_of_one_moment) {
  // Each commit gives both keys the same value.
  std::atomic<bool> done{false};
  std::atomic<int> failures{0};
  std::thread writing{[&] {
    for (float value = 1; !done; value += 1) {
      const std::vector<item> items{{"a", std::vector<float>{value, 1}}, {"b", std::vector<float>{value, 1}}};
      const bool committed = file->begin(writer::clock::now()) && file->put(words, items) && file->commit();
      failures += committed ? 0 : 1;
    }
  }};
  std::vector<position> copies;
  for (int i = 0; i < 5; ++i) {
    const auto made = back_up(path, targets.file(std::to_string(i)));
    BOOST_TEST(made.has_value());
    copies.push_back(made ? *made : position{});
  }
  done = true;
  writing.join();
  BOOST_TEST(failures == 0);
  for (int i = 0; i < 5; ++i) {
    const auto copy = targets.file(std::to_string(i));
    must(prepare_file(copy, false));
    const auto other = must(reader::open(copy));
    must_do(other->require(copies[static_cast<std::size_t>(i)]));
    const auto size = must(other->size(words));
    BOOST_TEST((size == 0 || size == 2));
    if (size == 2)
      BOOST_TEST(must(other->get(words, "a")).vector->at(0) == must(other->get(words, "b")).vector->at(0));
  }
}

BOOST_AUTO_TEST_SUITE_END()
