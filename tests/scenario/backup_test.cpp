#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"

#include <atomic>

using namespace lodge;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(backups)

BOOST_AUTO_TEST_CASE(a_backup_is_a_file_of_its_own_with_everything_up_to_its_position) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(2'000, 4, 50);
  put_all(stored, std::span{vectors}.first(1'800), &model);
  must(stored.compact());
  const auto last = put_all(stored, std::span{vectors}.subspan(1'800), &model, 1'800);
  const auto at = must(opened.backup(directory.file("copy.lodge")));
  BOOST_TEST(at.number == last.number);
  BOOST_TEST(at.file != last.file);
  must(stored.put("later", point(1'000)));
  BOOST_TEST(code_of(opened.backup(directory.file("copy.lodge"))) == errc::file_exists);
  BOOST_TEST(code_of(opened.backup(directory.file())) == errc::file_exists);
  BOOST_TEST(code_of(opened.backup(directory.file("missing/copy.lodge"))) == errc::file_not_found);
  BOOST_TEST(std::distance(std::filesystem::directory_iterator{directory.path()}, {}) == 5);

  auto copy = open_file(directory.file("copy.lodge"));
  auto copied = must(copy.collection("c"));
  check_against(model, copied, std::span{vectors}.first(50), 10, since(at));
  BOOST_TEST(code_of(copied.search(vectors[0], since(last))) == errc::position_of_other_file);
  BOOST_TEST(eventually([&] { return must(copied.stats()).graph_vectors >= 1'800U; }));
  must(copied.put("only here", point(-1'000)));
  BOOST_TEST(!must(stored.contains("only here")));
  must(copied.compact());
  BOOST_TEST(must(copied.search(point(-1'000), nearest(1))).at(0).key == "only here");
}

BOOST_AUTO_TEST_CASE(a_backup_during_writes_holds_whole_batches) {
  const scratch_directory directory;
  auto opened = open_file(directory.file(), {});
  const auto stored = must(opened.collection("c", shape(4)));
  std::atomic<bool> done = false;
  std::vector<position> made;
  in_threads(2, [&](std::size_t thread) -> std::string {
    if (thread == 0) {
      std::string wrong;
      for (std::size_t i = 0; i < 200 && wrong.empty(); ++i) {
        const std::vector<item> pair{{key_of(2 * i), point(1), {}}, {key_of(2 * i + 1), point(2), {}}};
        if (const auto put = collection{stored}.put(pair); !put)
          wrong = to_string(put.error());
      }
      done = true;
      return wrong;
    }
    do {
      const auto at = opened.backup(directory.file("copy " + std::to_string(made.size())));
      if (!at)
        return to_string(at.error());
      made.push_back(*at);
    } while (!done);
    return {};
  });
  for (std::size_t i = 0; i < made.size(); ++i) {
    auto copy = open_file(directory.file("copy " + std::to_string(i)));
    auto copied = must(copy.collection("c"));
    const auto size = must(copied.size());
    BOOST_TEST(size % 2 == 0U);
    BOOST_TEST(must(copied.search(point(0), nearest(1'000, true))).size() == size);
    BOOST_TEST(must(copied.stats()).last_number == made[i].number);
  }
}

BOOST_AUTO_TEST_SUITE_END()
