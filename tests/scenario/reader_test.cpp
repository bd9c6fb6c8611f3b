#include "tests/scenario/scenario.hpp"

#include <atomic>

using namespace lodge;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(reader)

BOOST_AUTO_TEST_CASE(a_reader_gives_what_the_collection_gives) {
  const scratch_directory directory;
  for (const auto compared : {metric::l2, metric::cosine, metric::inner_product}) {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection(to_string(compared), shape(8, compared)));
    const auto vectors = clustered_vectors(3'000, 8, 60);
    auto reading = must(stored.reader());
    for (const std::size_t end : {1'000U, 2'000U, 3'000U}) {
      put_all(stored, std::span{vectors}.subspan(end - 1'000, 1'000), nullptr, end - 1'000);
      if (end == 2'000)
        must(stored.compact());
      for (const bool exact : {false, true}) {
        for (std::size_t i = 0; i < 50; ++i)
          BOOST_TEST((must(reading.search(vectors[i], nearest(5, exact)))
                      == must(stored.search(vectors[i], nearest(5, exact)))));
        const queries several{vectors.begin(), vectors.begin() + 20};
        const auto mine = must(reading.search(several, nearest(3, exact)));
        const auto theirs = must(stored.search(several, nearest(3, exact)));
        BOOST_TEST((mine.results == theirs.results));
        BOOST_TEST((mine.as_of == theirs.as_of));
      }
    }
    search_options with_metadata = nearest(1);
    with_metadata.with_metadata = true;
    must(stored.put("named", vectors[7], R"({"a":1})"));
    BOOST_TEST(must(stored.remove(key_of(7U))).removed == 1U);
    if (compared != metric::inner_product)
      BOOST_TEST(must(reading.search(vectors[7], with_metadata)).front().metadata == R"({"a":1})");
  }
}

BOOST_AUTO_TEST_CASE(a_reader_gives_the_errors_that_the_collection_gives) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4, metric::cosine)));
  const auto at = must(stored.put("a", point(1)));
  auto reading = must(stored.reader());
  must(reading.search(point(1)));
  const std::vector<float> good = point(2);
  const auto same = [&](const std::vector<float>& query, const search_options& options, errc code) {
    const auto mine = reading.search(query, options);
    const auto theirs = stored.search(query, options);
    BOOST_TEST(code_of(mine) == code);
    BOOST_TEST(to_string(mine.error()) == to_string(theirs.error()));
  };
  same({1, 2}, {}, errc::dimension_mismatch);
  same({}, {}, errc::invalid_vector);
  same({0, 0, 0, 0}, {}, errc::invalid_vector);
  same({NAN, 0, 0, 0}, {}, errc::invalid_vector);
  same(good, nearest(-1), errc::invalid_argument);
  same(good, since({at.file + 1, 1}), errc::position_of_other_file);
  same(good, since({at.file, at.number + 1}), errc::position_not_reached);
  BOOST_TEST(code_of(reading.search(queries{good, {1}})) == code_of(stored.search(queries{good, {1}})));
  BOOST_TEST(must(reading.search(queries{})).results.empty());
  BOOST_TEST(must(reading.search(good, nearest(0))).empty());
}

BOOST_AUTO_TEST_CASE(a_reader_sees_each_write_that_was_answered) {
  const scratch_directory directory;
  auto opened = open_file(directory.file(), {});
  auto stored = must(opened.collection("c", shape(4)));
  auto reading = must(stored.reader());
  must(stored.put("far away", point(-1'000)));
  for (std::size_t i = 0; i < 500; ++i) {
    must(stored.put(key_of(i), point(static_cast<float>(i))));
    const auto found = must(reading.search(point(static_cast<float>(i)), nearest(1, i % 2 == 0)));
    BOOST_TEST(found.front().key == key_of(i));
    if (i % 3 == 0) {
      must(stored.remove(key_of(i)));
      BOOST_TEST(must(reading.search(point(static_cast<float>(i)), nearest(1, true))).front().key != key_of(i));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_reader_sees_what_another_process_wrote) {
  const scratch_directory directory;
  auto writing = open_file(directory.file());
  auto theirs = must(writing.collection("c", shape(4)));
  auto opened = open_file(directory.file());
  auto reading = must(must(opened.collection("c")).reader());
  for (std::size_t i = 0; i < 50; ++i) {
    const auto at = must(theirs.put(key_of(i), point(static_cast<float>(i))));
    const auto found_here = [&] {
      return must(reading.search(point(static_cast<float>(i)), nearest(1))).front().key == key_of(i);
    };
    if (i > 0 && i % 2 == 0)
      BOOST_TEST(eventually(found_here));
    else
      BOOST_TEST(must(reading.search(point(static_cast<float>(i)), since(at, nearest(1)))).front().key == key_of(i));
  }
}

BOOST_AUTO_TEST_CASE(readers_on_several_threads_see_growing_numbers_beside_writes_and_compactions) {
  const scratch_directory directory;
  database_options options;
  options.auto_compaction = {300, 0, 100};
  auto opened = open_file(directory.file(), options);
  auto stored = must(opened.collection("c", shape(4)));
  constexpr std::size_t puts = 2'000;
  std::atomic<std::size_t> answered{0};
  std::string wrong[2];
  std::vector<std::thread> threads;
  for (auto& mine : wrong)
    threads.emplace_back([&, reading = must(stored.reader())]() mutable {
      for (std::uint64_t last = 0; answered < puts;) {
        const auto known = answered.load();
        const auto got = reading.search(queries{point(static_cast<float>(known))}, nearest(1, true));
        if (!got)
          mine = to_string(got.error());
        else if (got->as_of.number < last)
          mine = "the number went back";
        else if (known > 0 && got->results.front().front().score > 1)
          mine = key_of(known - 1) + " was not found";
        last = got ? got->as_of.number : last;
        if (!mine.empty())
          return;
      }
    });
  for (std::size_t i = 0; i < puts; ++i) {
    must(stored.put(key_of(i), point(static_cast<float>(i))));
    answered = i + 1;
  }
  for (auto& each : threads)
    each.join();
  for (const auto& each : wrong)
    BOOST_TEST(each == "");
}

BOOST_AUTO_TEST_CASE(a_close_or_a_drop_waits_for_no_reader_and_ends_it) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  auto dropped = must(opened.collection("d", shape(4)));
  must(stored.put("a", point(1)));
  must(dropped.put("a", point(1)));
  auto reading = must(stored.reader());
  auto of_dropped = must(dropped.reader());
  must(reading.search(point(1)));
  must(of_dropped.search(point(1)));
  must(opened.drop_collection("d"));
  BOOST_TEST(code_of(of_dropped.search(point(1))) == errc::collection_dropped);
  must(reading.search(point(1)));
  must_do(opened.close());
  BOOST_TEST(code_of(reading.search(point(1))) == errc::closed);
  BOOST_TEST(code_of(reading.search(queries{point(1)})) == errc::closed);
}

BOOST_AUTO_TEST_CASE(a_reader_lives_on_without_its_collection_and_database_handles) {
  const scratch_directory directory;
  auto reading = [&] {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape(4)));
    must(stored.put("a", point(1)));
    return must(stored.reader());
  }();
  auto moved = std::move(reading);
  BOOST_TEST(must(moved.search(point(1))).front().key == "a");
}

BOOST_AUTO_TEST_SUITE_END()
