#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"
#include "tests/scenario/small_disk.hpp"

using namespace lodge;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(full_disk)

// 14
BOOST_AUTO_TEST_CASE(a_write_that_finds_the_disk_full_leaves_no_trace_and_can_be_repeated) {
  const scratch_directory directory;
  small_disk disk{directory.path().string()};
  if (!disk.is_there())
    return;
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(2'000, 16, 14);
  {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape(16)));
    put_all(stored, std::span{vectors}.first(1'000), &model);
    must(stored.search(vectors[0]));
    const auto before = must(stored.stats());
    std::vector<item> items;
    for (std::size_t i = 500; i < vectors.size(); ++i)
      items.push_back({key_of(i), vectors[vectors.size() - 1 - i + 500], "{}"});

    disk.fill();
    for (int attempt = 0; attempt < 3; ++attempt) {
      BOOST_TEST(code_of(stored.put(items)) == errc::disk_full);
      check_against(model, stored, std::span{vectors}.last(20));
      const auto stats = must(stored.stats());
      BOOST_TEST(stats.last_number == before.last_number);
      BOOST_TEST(stats.items == before.items);
      BOOST_TEST(stats.dead_rows == 0U);
    }
    BOOST_TEST(code_of(opened.collection("new", shape(4))) == errc::disk_full);
    BOOST_TEST(code_of(opened.backup(directory.file("copy.lodge"))) == errc::disk_full);
    BOOST_TEST(!std::filesystem::exists(directory.file("copy.lodge")));

    disk.free();
    const auto at = must(stored.put(items));
    BOOST_TEST(at.number == before.last_number + items.size());
    for (const auto& each : items)
      model.put(each.key, each.vector, each.metadata);
    check_against(model, stored, std::span{vectors}.last(20));
    must_do(opened.close());
  }
  {
    raw_file raw{directory.file()};
    BOOST_TEST(raw.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
  }
  auto opened = open_file(directory.file());
  check_against(model, must(opened.collection("c")), std::span{vectors}.last(20));
}

// 14, 29
BOOST_AUTO_TEST_CASE(a_compaction_that_finds_the_disk_full_says_so_and_is_done_once_there_is_space) {
  const scratch_directory directory;
  small_disk disk{directory.path().string()};
  if (!disk.is_there())
    return;
  auto options = only_on_request();
  options.restart_delay = std::chrono::milliseconds{5};
  auto opened = open_file(directory.file(), options);
  auto stored = must(opened.collection("c", shape(8)));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(3'000, 8, 15);
  put_all(stored, vectors, &model);
  must(stored.search(vectors[0]));
  disk.fill();
  BOOST_TEST(code_of(stored.compact()) == errc::disk_full);
  BOOST_TEST(must(stored.stats()).compaction_error.find("disk_full") != std::string::npos);
  BOOST_TEST(must(stored.stats()).base_version == 0U);
  check_against(model, stored, std::span{vectors}.first(20));
  disk.free();
  BOOST_TEST(eventually([&] { return must(stored.stats()).base_vectors == vectors.size(); }));
  check_against(model, stored, std::span{vectors}.first(20));
  must(stored.put("new", vectors[0]));
  must_do(opened.close());
}

BOOST_AUTO_TEST_CASE(a_new_file_on_a_full_disk_is_refused_and_made_once_there_is_space) {
  const scratch_directory directory;
  small_disk disk{directory.path().string()};
  if (!disk.is_there())
    return;
  disk.fill();
  BOOST_TEST(code_of(database::open(directory.file())) == errc::disk_full);
  disk.free();
  auto opened = open_file(directory.file());
  must(must(opened.collection("c", shape(4))).put("a", point(1)));
}

BOOST_AUTO_TEST_CASE(a_file_on_a_read_only_file_system_is_refused) {
  const scratch_directory directory;
  small_disk disk{directory.path().string()};
  if (!disk.is_there())
    return;
  { must(open_file(directory.file()).collection("c", shape(4))); }
  const auto bytes = bytes_of(directory.file());
  if (!disk.make_read_only())
    return;
  BOOST_TEST(code_of(database::open(directory.file())) == errc::permission_denied);
  BOOST_TEST(code_of(database::open(directory.file("new.lodge"))) == errc::permission_denied);
  BOOST_TEST((bytes_of(directory.file()) == bytes));
}

BOOST_AUTO_TEST_CASE(a_file_on_a_read_only_file_system_can_be_read) {
  const scratch_directory directory;
  const auto copy = directory.file("copy.lodge");
  small_disk disk{directory.path().string()};
  if (!disk.is_there())
    return;
  {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape(4)));
    put_all(stored, clustered_vectors(100, 4, 4));
    must(stored.compact());
    must(opened.backup(copy));
    must(stored.put("later", point(1)));
  }
  if (!disk.make_read_only())
    return;
  auto options = only_on_request();
  options.read_only = true;
  // The one with the -shm of its writer beside it, the other without anything.
  const auto both = must(must(open_file(directory.file(), options).collection("c")).search(point(1), nearest(1)));
  BOOST_TEST(both.front().key == "later");
  auto stored = must(open_file(copy, options).collection("c"));
  BOOST_TEST(must(stored.size()) == 100U);
  BOOST_TEST(must(stored.search(point(1), nearest(200))).size() == 100U);
  BOOST_TEST(code_of(stored.put("a", point(1))) == errc::read_only);
}

BOOST_AUTO_TEST_SUITE_END()
