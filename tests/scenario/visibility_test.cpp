#include "tests/scenario/scenario.hpp"

#include <atomic>

using namespace lodge;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(visibility)

// 18
BOOST_AUTO_TEST_CASE(a_search_reflects_every_write_acknowledged_before_it) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  const auto vectors = clustered_vectors(5'000, 4, 18);
  put_all(stored, vectors);
  must(stored.compact());
  must(stored.search(vectors[0]));
  for (std::size_t i = 0; i < 300; ++i) {
    const auto place = point(1'000 + static_cast<float>(i));
    const auto at = must(stored.put("new", place));
    const auto reply = must(stored.search(queries{place}, nearest(1)));
    BOOST_TEST(reply.as_of.number >= at.number);
    BOOST_TEST(reply.results.at(0).at(0).key == "new");
    BOOST_TEST(reply.results.at(0).at(0).score == 0);
    const auto removed = must(stored.remove("new"));
    const auto after = must(stored.search(queries{place}, nearest(1)));
    BOOST_TEST(after.as_of.number >= removed.at.number);
    BOOST_TEST(after.results.at(0).at(0).key != "new");
  }
  // Nothing but the changes was read: the graph of the base still serves.
  BOOST_TEST(must(stored.stats()).graph_vectors == vectors.size());
}

BOOST_AUTO_TEST_CASE(many_queries_of_one_call_are_answered_as_of_one_change_in_their_order) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(500, 4, 19);
  const auto last = put_all(stored, vectors, &model);
  const auto reply = must(stored.search(vectors, nearest(3, true)));
  BOOST_REQUIRE_EQUAL(reply.results.size(), vectors.size());
  BOOST_TEST((reply.as_of == last));
  for (std::size_t i = 0; i < vectors.size(); ++i)
    BOOST_TEST(model.mismatch(vectors[i], 3, reply.results[i]) == "");
  BOOST_TEST(must(stored.search(queries{})).results.empty());
}

// 19
BOOST_AUTO_TEST_CASE(a_search_with_a_position_reflects_that_write_of_another_database_object) {
  const scratch_directory directory;
  auto writing = open_file(directory.file());
  auto options = only_on_request();
  options.poll_interval = std::chrono::milliseconds{0};
  auto reading = open_file(directory.file(), options);
  auto mine = must(writing.collection("c", shape(4)));
  auto theirs = must(reading.collection("c"));
  for (std::size_t i = 0; i < 100; ++i) {
    const auto place = point(static_cast<float>(i));
    const auto at = must(mine.put(key_of(i), place));
    const auto hits = theirs.search(place, since(at, nearest(1)));
    BOOST_TEST(code_of(hits) == errc::none);
    if (hits)
      BOOST_TEST(hits->at(0).key == key_of(i));
    BOOST_TEST(must(theirs.contains(key_of(i), at)));
  }
}

BOOST_AUTO_TEST_CASE(a_commit_of_another_database_object_is_seen_without_a_poll_or_a_position) {
  const scratch_directory directory;
  auto writing = open_file(directory.file());
  auto options = only_on_request();
  options.poll_interval = std::chrono::hours{1};
  auto reading = open_file(directory.file(), options);
  auto mine = must(writing.collection("c", shape(4)));
  const auto theirs = must(reading.collection("c"));
  must(theirs.search(point(0)));
  for (std::size_t i = 0; i < 20; ++i) {
    must(mine.put(key_of(i), point(static_cast<float>(i))));
    BOOST_TEST(eventually([&] { return must(theirs.search(point(0), nearest(100))).size() == i + 1; }));
  }
  // Nor does closing wait for the poll.
  must_do(reading.close());
}

BOOST_AUTO_TEST_CASE(a_position_just_written_is_not_called_unreached_by_the_answer_to_an_earlier_one) {
  const scratch_directory directory;
  auto writing = open_file(directory.file());
  auto options = only_on_request();
  options.poll_interval = std::chrono::milliseconds{0};
  auto reading = open_file(directory.file(), options);
  const auto mine = must(writing.collection("c", shape(4)));
  const auto theirs = must(reading.collection("c"));
  must(theirs.search(point(0)));
  in_threads(6, [&](std::size_t thread) -> std::string {
    for (std::size_t i = 0; i < 200; ++i) {
      const auto place = point(static_cast<float>(1'000 * thread + i));
      const auto at = collection{mine}.put(key_of(1'000 * thread + i), place);
      if (!at)
        return to_string(at.error());
      const auto hits = theirs.search(place, since(*at, nearest(1)));
      if (!hits)
        return to_string(hits.error());
      if (hits->empty() || hits->front().score != 0)
        return "change " + std::to_string(at->number) + " is not in the answer";
    }
    return {};
  });
}

BOOST_AUTO_TEST_CASE(a_position_that_the_file_cannot_serve_is_an_error_at_once) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto other = open_file(directory.file("other.lodge"));
  auto stored = must(opened.collection("c", shape(4)));
  const auto here = must(stored.put("a", point(1)));
  const auto elsewhere = must(must(other.collection("c", shape(4))).put("a", point(1)));
  const position ahead{here.file, here.number + 1'000};
  const auto start = std::chrono::steady_clock::now();
  for (int warm = 0; warm < 2; ++warm) {
    BOOST_TEST(code_of(stored.search(point(1), since(ahead))) == errc::position_not_reached);
    BOOST_TEST(code_of(stored.search(point(1), since(elsewhere))) == errc::position_of_other_file);
    BOOST_TEST(code_of(stored.get("a", ahead)) == errc::position_not_reached);
    BOOST_TEST(code_of(stored.get("a", elsewhere)) == errc::position_of_other_file);
    BOOST_TEST(code_of(stored.contains("a", ahead)) == errc::position_not_reached);
    BOOST_TEST(code_of(stored.scan({}, 10, ahead)) == errc::position_not_reached);
    BOOST_TEST(must(stored.search(point(1), since(here))).size() == 1U);
  }
  BOOST_TEST((std::chrono::steady_clock::now() - start < default_timeout));
}

// 20
BOOST_AUTO_TEST_CASE(each_answer_matches_one_committed_state_while_others_commit) {
  const scratch_directory directory;
  auto writing = open_file(directory.file());
  auto reading = open_file(directory.file());
  auto mine = must(writing.collection("c", shape(4)));
  auto theirs = must(reading.collection("c"));
  // Every commit moves all items to the same round: their distances and metadata agree.
  constexpr std::size_t count = 50;
  const auto move_to = [&](int round) {
    std::vector<item> items;
    for (std::size_t i = 0; i < count; ++i)
      items.push_back({key_of(i), point(static_cast<float>(round)), std::to_string(round)});
    return mine.put(std::move(items));
  };
  must(move_to(1));
  std::atomic<bool> done = false;
  in_threads(4, [&](std::size_t thread) -> std::string {
    if (thread == 0) {
      std::string wrong;
      for (int round = 2; round < 200 && wrong.empty(); ++round)
        if (const auto moved = move_to(round); !moved)
          wrong = to_string(moved.error());
        else if (round % 50 == 0)
          if (const auto compacted = mine.compact(); !compacted)
            wrong = to_string(compacted.error());
      done = true;
      return wrong;
    }
    auto options = nearest(100);
    options.with_metadata = true;
    const auto& stored = thread == 1 ? mine : theirs;
    for (bool last = false; !last;) {
      last = done;
      const auto hits = stored.search(point(0), options);
      if (!hits)
        return to_string(hits.error());
      if (hits->size() != count)
        return "got " + std::to_string(hits->size()) + " hits";
      for (const auto& hit : *hits)
        if (hit.score != hits->front().score || hit.metadata != std::to_string(static_cast<int>(hit.score)))
          return "one answer has scores " + std::to_string(hit.score) + " and " + std::to_string(hits->front().score)
            + ", metadata " + hit.metadata;
    }
    return {};
  });
}

// 22
BOOST_AUTO_TEST_CASE(a_commit_elsewhere_during_a_page_wise_iteration_disturbs_no_write) {
  const scratch_directory directory;
  auto here = open_file(directory.file());
  auto there = open_file(directory.file());
  auto mine = must(here.collection("c", shape(4)));
  auto theirs = must(there.collection("c"));
  put_all(mine, clustered_vectors(100, 4, 22));
  std::string after;
  std::size_t seen = 0;
  for (bool more = true; more;) {
    const auto page = must(mine.scan(after, 10));
    seen += page.records.size();
    after = page.records.back().key;
    more = page.more;
    must(theirs.put("another " + std::to_string(seen), point(1)));
    must(mine.put("before " + std::to_string(seen), point(2)));
  }
  BOOST_TEST(seen == 100U);
  BOOST_TEST(must(theirs.size()) == 120U);
}

// 40
BOOST_AUTO_TEST_CASE(a_batch_of_ten_thousand_is_seen_whole_or_not_at_all) {
  const scratch_directory directory;
  auto writing = open_file(directory.file());
  auto reading = open_file(directory.file());
  auto mine = must(writing.collection("c", shape(4)));
  auto theirs = must(reading.collection("c"));
  constexpr std::size_t count = 10'000;
  const auto vectors = clustered_vectors(count, 4, 40);
  std::atomic<bool> done = false;
  in_threads(5, [&](std::size_t thread) -> std::string {
    if (thread == 0) {
      std::vector<item> items;
      for (std::size_t i = 0; i < count; ++i)
        items.push_back({key_of(i), vectors[i], {}});
      const auto put = mine.put(std::move(items), std::chrono::seconds{60});
      done = true;
      return put ? "" : to_string(put.error());
    }
    const auto& stored = thread % 2 == 0 ? mine : theirs;
    for (bool last = false; !last;) {
      last = done;
      const auto seen = thread < 3 ? stored.size() : [&]() -> result<std::uint64_t> {
        auto hits = stored.search(vectors[0], nearest(count + 1));
        if (!hits)
          return hits.error();
        return hits->size();
      }();
      if (!seen)
        return to_string(seen.error());
      if (*seen != 0 && *seen != count)
        return "saw " + std::to_string(*seen);
    }
    return {};
  });
  const auto at = must(mine.search(queries{vectors[0]})).as_of;
  BOOST_TEST(must(theirs.search(vectors[0], since(at, nearest(count + 1)))).size() == count);
}

BOOST_AUTO_TEST_SUITE_END()
