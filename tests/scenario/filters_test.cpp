#include "tests/scenario/scenario.hpp"

#include <algorithm>
#include <atomic>
#include <random>
#include <set>

using namespace lodge;
using namespace lodge::test;

namespace {

search_options filtered(std::string filter, std::int64_t k = 10, bool exact = false) {
  auto options = nearest(k, exact);
  options.filter = std::move(filter);
  return options;
}

std::string numbered(std::size_t number) {
  return R"({"n": )" + std::to_string(number) + R"(, "third": )" + (number % 3 == 0 ? "true" : "false")
    + R"(, "of": {"ten": "t)" + std::to_string(number % 10) + R"("}})";
}

/// A collection whose items have metadata that tells their number, and a model of it.
struct numbered_items {
  scratch_directory directory;
  queries vectors;
  database opened;
  collection stored;

  explicit numbered_items(std::size_t count, bool with_fields, lodge::metric by = metric::l2)
    : vectors(clustered_vectors(count, 8, 90)),
      opened(open_file(directory.file())),
      stored(must(opened.collection("c", shape_of(with_fields, by)))) {
    for (std::size_t i = 0; i < count;) {
      std::vector<item> items;
      for (; i < count && items.size() < 2'000; ++i)
        items.push_back({key_of(i), vectors[i], numbered(i)});
      must(stored.put(std::move(items), std::chrono::seconds{60}));
    }
  }

  static collection_options shape_of(bool with_fields, lodge::metric by) {
    auto wanted = shape(8, by);
    if (with_fields)
      wanted.fields = {"n", "of.ten"};
    return wanted;
  }

  exact_model model_of(const std::function<bool(std::size_t)>& matches, lodge::metric by = metric::l2) const {
    exact_model model{by};
    for (std::size_t i = 0; i < vectors.size(); ++i)
      if (matches(i))
        model.put(key_of(i), vectors[i]);
    return model;
  }
};

struct filter_case {
  std::string filter;
  std::function<bool(std::size_t)> matches;
};

std::vector<filter_case> filter_cases(std::size_t count) {
  return {
    {"{}", [](std::size_t) { return true; }},
    {R"({"n": 7})", [](std::size_t n) { return n == 7; }},
    {R"({"n": {"$lt": 5}})", [](std::size_t n) { return n < 5; }},
    {R"({"n": {"$gte": )" + std::to_string(count - 40) + "}}", [count](std::size_t n) { return n >= count - 40; }},
    {R"({"third": true})", [](std::size_t n) { return n % 3 == 0; }},
    {R"({"of.ten": {"$in": ["t1", "t4"]}})", [](std::size_t n) { return n % 10 == 1 || n % 10 == 4; }},
    {R"({"of.ten": {"$ne": "t1"}})", [](std::size_t n) { return n % 10 != 1; }},
    {R"({"$or": [{"n": 3}, {"$and": [{"third": true}, {"of.ten": "t0"}]}]})",
     [](std::size_t n) { return n == 3 || n % 30 == 0; }},
    {R"({"nowhere": {"$exists": true}})", [](std::size_t) { return false; }},
  };
}

} // namespace

BOOST_AUTO_TEST_SUITE(filters)

BOOST_AUTO_TEST_CASE(a_filtered_search_gives_the_nearest_of_those_that_match) {
  constexpr std::size_t count = 6'000;
  for (const bool with_fields : {false, true}) {
    numbered_items items{count, with_fields};
    for (const bool compacted : {false, true}) {
      if (compacted)
        must(items.stored.compact());
      auto reading = must(items.stored.reader());
      for (const auto& [filter, matches] : filter_cases(count)) {
        const auto model = items.model_of(matches);
        const auto matching = model.entries().size();
        BOOST_TEST_CONTEXT(filter << ", fields " << with_fields << ", compacted " << compacted) {
          BOOST_TEST(must(items.stored.count(filter)) == matching);
          for (std::size_t i = 0; i < 20; ++i) {
            const auto& query = items.vectors[i * 17];
            for (const std::int64_t k : {1, 10, 700}) {
              const auto exact = must(items.stored.search(query, filtered(filter, k, true)));
              BOOST_TEST(model.mismatch(query, static_cast<std::size_t>(k), exact) == "");
              BOOST_TEST((must(reading.search(query, filtered(filter, k, true))) == exact));
              const auto found = must(items.stored.search(query, filtered(filter, k)));
              BOOST_TEST(found.size() == std::min<std::size_t>(static_cast<std::size_t>(k), matching));
              BOOST_TEST(
                std::ranges::all_of(found, [&](const hit& each) { return model.entries().contains(each.key); }));
            }
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_filter_sees_every_write_that_was_answered) {
  numbered_items items{500, true};
  auto& stored = items.stored;
  auto reading = must(stored.reader());
  const std::string filter = R"({"of.ten": "new"})";
  std::set<std::string> expected;
  const auto check = [&] {
    for (int how = 0; how < 2; ++how) {
      const auto found = must(how == 0 ? stored.search(items.vectors[0], filtered(filter, 1'000))
                                       : reading.search(items.vectors[0], filtered(filter, 1'000)));
      std::set<std::string> keys;
      for (const auto& each : found)
        keys.insert(each.key);
      BOOST_TEST((keys == expected));
      BOOST_TEST(found.size() == expected.size());
    }
    BOOST_TEST(must(stored.count(filter)) == expected.size());
  };
  check();
  std::mt19937 random{5};
  for (int round = 0; round < 200; ++round) {
    const auto key = key_of(random() % 60);
    switch (random() % 4) {
    case 0:
      must(stored.put(key, items.vectors[random() % 500], R"({"of": {"ten": "new"}})"));
      expected.insert(key);
      break;
    case 1:
      must(stored.put(key, items.vectors[random() % 500], R"({"of": {"ten": "old"}})"));
      expected.erase(key);
      break;
    case 2:
      must(stored.remove(key));
      expected.erase(key);
      break;
    default:
      if (stored.update_metadata(key, R"({"of": {"ten": "new"}, "n": 1})"))
        expected.insert(key);
    }
    if (round % 50 == 49)
      must(stored.compact());
    check();
  }
}

BOOST_AUTO_TEST_CASE(another_process_s_writes_are_seen_by_their_position) {
  numbered_items items{100, false};
  auto other = open_file(items.directory.file());
  auto theirs = must(other.collection("c"));
  const std::string filter = R"({"n": {"$gte": 1000}})";
  BOOST_TEST(must(items.stored.search(items.vectors[0], filtered(filter))).empty());
  for (std::size_t i = 0; i < 20; ++i) {
    const auto at = must(theirs.put(key_of(1'000 + i), items.vectors[i], numbered(1'000 + i)));
    BOOST_TEST(must(items.stored.search(items.vectors[0], since(at, filtered(filter, 100)))).size() == i + 1);
    BOOST_TEST(must(items.stored.count(filter, at)) == i + 1);
  }
}

BOOST_AUTO_TEST_CASE(hits_and_their_metadata_are_of_one_moment_while_batches_replace_each_other) {
  const scratch_directory directory;
  auto opened = open_file(directory.file(), {});
  auto stored = must(opened.collection("c", shape(4)));
  const auto batch = [](int round) {
    std::vector<item> items;
    for (std::size_t i = 0; i < 10; ++i)
      items.push_back({key_of(i), point(static_cast<float>(i)),
                       R"({"round": )" + std::to_string(round) + R"(, "place": )" + std::to_string(i) + "}"});
    return items;
  };
  must(stored.put(batch(0)));
  std::atomic<bool> over = false;
  in_threads(3, [&](std::size_t thread) -> std::string {
    auto mine = stored;
    if (thread == 0) {
      for (int round = 1; round < 400; ++round) {
        if (const auto put = mine.put(batch(round)); !put)
          return to_string(put.error());
        if (round % 100 == 0)
          if (const auto compacted = mine.compact(); !compacted)
            return to_string(compacted.error());
      }
      over = true;
      return {};
    }
    while (!over) {
      auto options = filtered(R"({"place": {"$lt": 7}})", 20);
      options.with_metadata = true;
      const auto found = mine.search(point(0), options);
      if (!found)
        return to_string(found.error());
      if (found->size() != 7)
        return std::to_string(found->size()) + " hits";
      const auto round_of = [](const hit& each) { return each.metadata.substr(0, each.metadata.find(',')); };
      for (const auto& each : *found)
        if (round_of(each) != round_of(found->front()))
          return found->front().metadata + " beside " + each.metadata;
    }
    return {};
  });
}

BOOST_AUTO_TEST_CASE(what_matches_is_removed_at_once_and_nothing_else) {
  for (const bool with_fields : {false, true}) {
    numbered_items items{1'000, with_fields};
    auto& stored = items.stored;
    const auto removed = must(stored.remove_matching(R"({"third": true})"));
    BOOST_TEST(removed.removed == 334U);
    BOOST_TEST(must(stored.count(R"({"third": true})")) == 0U);
    check_against(
      [&] {
        exact_model model{metric::l2};
        for (std::size_t i = 0; i < 1'000; ++i)
          if (i % 3 != 0)
            model.put(key_of(i), items.vectors[i], numbered(i));
        return model;
      }(),
      stored, std::span{items.vectors}.first(20));
    const auto nothing = must(stored.remove_matching(R"({"third": true})"));
    BOOST_TEST(nothing.removed == 0U);
    BOOST_TEST((nothing.at == removed.at));
    BOOST_TEST(must(stored.remove_matching("{}")).removed == 666U);
    BOOST_TEST(must(stored.size()) == 0U);
  }
}

BOOST_AUTO_TEST_CASE(a_filter_that_is_none_is_refused_and_nothing_is_done) {
  numbered_items items{50, false};
  auto& stored = items.stored;
  auto reading = must(stored.reader());
  for (const std::string filter : {"{", "5", "[]", R"({"n": {"$like": 1}})", R"({"$or": []})", R"({"a\"b": 1})"})
    BOOST_TEST_CONTEXT(filter) {
      BOOST_TEST(code_of(stored.search(items.vectors[0], filtered(filter))) == errc::invalid_filter);
      BOOST_TEST(code_of(reading.search(items.vectors[0], filtered(filter))) == errc::invalid_filter);
      BOOST_TEST(code_of(stored.count(filter)) == errc::invalid_filter);
      BOOST_TEST(code_of(stored.remove_matching(filter)) == errc::invalid_filter);
    }
  BOOST_TEST(must(stored.size()) == 50U);
}

BOOST_AUTO_TEST_CASE(an_explanation_tells_how_the_filter_was_answered_and_what_was_compared) {
  numbered_items items{6'000, true};
  auto& stored = items.stored;
  must(stored.compact());
  const auto explained = [&](const std::string& filter) {
    auto options = filtered(filter);
    options.ef = 10;
    options.explain = true;
    const queries one{items.vectors[0]};
    return must(stored.search(one, options)).explanation.value();
  };
  // The graph comes after the rows.
  must(stored.search(items.vectors[0]));
  BOOST_REQUIRE(eventually([&] { return must(stored.stats()).graph_vectors == 6'000; }));
  const auto first = explained(R"({"n": {"$lt": 100}})");
  BOOST_TEST(first.filter == "evaluated");
  BOOST_TEST(first.by_field_index);
  BOOST_TEST(first.matching == 100U);
  BOOST_REQUIRE(first.parts.size() == 2U);
  BOOST_TEST(first.parts[0].rows == 6'000U);
  BOOST_TEST(first.parts[0].graph_searches == 0U);
  BOOST_TEST(first.parts[0].scanned == 100U);
  BOOST_TEST(explained(R"( {"n":{"$lt":100}} )").filter == "kept");
  must(stored.put("another", items.vectors[0], numbered(50)));
  const auto later = explained(R"({"n": {"$lt": 100}})");
  BOOST_TEST(later.filter == "advanced");
  BOOST_TEST(later.matching == 101U);
  const auto most = explained(R"({"third": false})");
  BOOST_TEST(!most.by_field_index);
  BOOST_TEST(most.matching == 4'001U);
  BOOST_TEST(most.parts[0].graph_searches == 1U);
  BOOST_TEST(most.parts[0].visited > 30U);
  const auto none = explained("");
  BOOST_TEST(none.filter == "");
  BOOST_TEST(none.matching == 0U);
  BOOST_TEST(none.parts[0].graph_searches == 1U);
}

BOOST_AUTO_TEST_CASE(a_radius_bounds_the_hits_by_the_score_that_users_read) {
  for (const auto by : {metric::l2, metric::cosine, metric::inner_product}) {
    numbered_items items{3'000, false, by};
    must(items.stored.compact());
    auto reading = must(items.stored.reader());
    std::size_t there = 0;
    std::size_t found_through_graph = 0;
    for (std::size_t i = 0; i < 10; ++i) {
      const auto& query = items.vectors[i * 31];
      const auto all = must(items.stored.search(query, nearest(3'000, true)));
      for (const std::size_t last : {0U, 5U, 200U}) {
        const auto radius = all[last].score;
        const auto within = [&](const hit& each) {
          return by == metric::l2 ? each.score <= radius : each.score >= radius;
        };
        const auto expected = static_cast<std::size_t>(std::ranges::count_if(all, within));
        auto exact = nearest(0, true);
        const auto found = must(items.stored.search_within(query, radius, 3'000, exact));
        BOOST_TEST((found == hits(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(expected))));
        const auto some = must(items.stored.search_within(query, radius, 3));
        BOOST_TEST(some.size() == std::min<std::size_t>(3, expected));
        BOOST_TEST(std::ranges::all_of(some, within));
        auto options = nearest(3'000);
        options.radius = radius;
        const auto approximate = must(reading.search(query, options));
        BOOST_TEST(std::ranges::all_of(approximate, within));
        there += expected;
        found_through_graph += approximate.size();
      }
    }
    BOOST_TEST(static_cast<double>(found_through_graph) >= 0.9 * static_cast<double>(there),
               found_through_graph << " of " << there);
    BOOST_TEST(code_of(items.stored.search_within(items.vectors[0], NAN)) == errc::invalid_argument);
    if (by == metric::l2)
      BOOST_TEST(code_of(items.stored.search_within(items.vectors[0], -1)) == errc::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(pages_are_of_the_state_that_the_first_one_saw) {
  numbered_items items{2'000, false};
  auto& stored = items.stored;
  const auto& query = items.vectors[3];
  const auto all = must(stored.search(query, filtered(R"({"third": false})", 2'000, true)));
  auto options = filtered(R"({"third": false})", 123, true);
  hits paged;
  std::optional<page_mark> next;
  std::mt19937 random{6};
  do {
    auto page = must(stored.search_page(query, options, next));
    BOOST_TEST(page.results.size() <= 123U);
    paged.insert(paged.end(), page.results.begin(), page.results.end());
    next = page.next;
    // What happens meanwhile is of no matter: not even a compaction that builds everything anew.
    must(stored.remove(key_of(random() % 2'000)));
    must(stored.put("nearer " + std::to_string(paged.size()), query, numbered(1)));
    if (paged.size() > 500 && paged.size() < 700)
      must(stored.rebuild());
    BOOST_REQUIRE(paged.size() <= all.size());
  } while (next);
  BOOST_TEST((paged == all));
}

BOOST_AUTO_TEST_CASE(a_page_whose_state_is_kept_no_more_says_so) {
  numbered_items items{100, false};
  auto& stored = items.stored;
  const auto first = must(stored.search_page(items.vectors[0], nearest(5)));
  BOOST_REQUIRE(first.next.has_value());
  for (int i = 0; i < 16; ++i) {
    must(stored.put("another", items.vectors[0]));
    must(stored.search_page(items.vectors[0], nearest(5)));
  }
  BOOST_TEST(code_of(stored.search_page(items.vectors[0], nearest(5), first.next)) == errc::page_expired);
  auto of_another_file = first.next;
  of_another_file->as_of.file ^= 1;
  BOOST_TEST(code_of(stored.search_page(items.vectors[0], nearest(5), of_another_file))
             == errc::position_of_other_file);
  auto not_a_mark = first.next;
  not_a_mark->distance = NAN;
  BOOST_TEST(code_of(stored.search_page(items.vectors[0], nearest(5), not_a_mark)) == errc::invalid_argument);
  const queries two{items.vectors[0], items.vectors[1]};
  auto paged = nearest(5);
  paged.paged = true;
  BOOST_TEST(code_of(stored.search(two, paged)) == errc::invalid_argument);
}

BOOST_AUTO_TEST_CASE(more_filters_than_are_kept_are_answered_all_the_same) {
  numbered_items items{300, true};
  for (int round = 0; round < 2; ++round)
    for (std::size_t n = 0; n < 150; ++n)
      BOOST_TEST(must(items.stored.search(items.vectors[0], filtered(R"({"n": )" + std::to_string(n) + "}"))).size()
                 == 1U);
}

BOOST_AUTO_TEST_CASE(many_threads_with_filters_of_their_own_get_answers_of_their_own) {
  numbered_items items{2'000, false};
  in_threads(8, [&](std::size_t thread) -> std::string {
    auto mine = items.stored;
    for (int i = 0; i < 60; ++i) {
      const auto ten = std::to_string((thread + static_cast<std::size_t>(i)) % 10);
      auto options = filtered(R"({"of.ten": "t)" + ten + "\"}", 300);
      const auto found = mine.search(items.vectors[thread], options);
      if (!found)
        return to_string(found.error());
      if (found->size() != 200)
        return std::to_string(found->size()) + " hits of " + ten;
      for (const auto& each : *found)
        if (each.key.back() != ten.back())
          return each.key + " for " + ten;
      if (i % 10 == 0)
        if (const auto put = mine.put("extra " + std::to_string(thread), items.vectors[0]); !put)
          return to_string(put.error());
    }
    return {};
  });
}

BOOST_AUTO_TEST_CASE(words_are_found_among_the_items_that_match) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto wanted = shape(4);
  wanted.text_fields = {"title"};
  auto stored = must(opened.collection("c", wanted));
  for (std::size_t i = 0; i < 300; ++i)
    must(stored.put(key_of(i), point(static_cast<float>(i)),
                    R"({"title": ")" + std::string{i % 2 == 0 ? "red shoe" : "blue hat"} + R"(", "n": )"
                      + std::to_string(i) + "}"));
  const auto some = filtered(R"({"n": {"$gte": 290}})", 100);
  const auto keys_of = [](const hits& found) {
    std::set<std::string> keys;
    for (const auto& each : found)
      keys.insert(each.key);
    return keys;
  };
  const std::set<std::string> shoes{key_of(290), key_of(292), key_of(294), key_of(296), key_of(298)};
  BOOST_TEST((keys_of(must(stored.search_text("shoe", some))) == shoes));
  must(stored.put(key_of(291), point(291), R"({"title": "green shoe", "n": 291})"));
  auto more = shoes;
  more.insert(key_of(291));
  BOOST_TEST((keys_of(must(stored.search_text("shoe", some))) == more));
  // Both lists of a hybrid search are of those that match.
  const auto both = must(stored.search_hybrid(point(0), "shoe", some));
  BOOST_TEST(both.size() == 10U);
  BOOST_TEST(keys_of(both).contains(key_of(299)));
  BOOST_TEST(!keys_of(both).contains(key_of(0)));
  auto within = some;
  within.radius = 1.0F;
  BOOST_TEST(code_of(stored.search_text("shoe", within)) == errc::invalid_argument);
  BOOST_TEST(code_of(stored.search_text("shoe", filtered("{"))) == errc::invalid_filter);
}

BOOST_AUTO_TEST_SUITE_END()
