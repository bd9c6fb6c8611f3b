#include "tests/scenario/scenario.hpp"

#include <initializer_list>
#include <limits>

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();
constexpr float infinite = std::numeric_limits<float>::infinity();

/// A collection with one item, and what must not change about it.
class untouched {
public:
  explicit untouched(lodge::metric metric = metric::l2)
    : opened_(open_file(directory_.file())), stored(must(opened_.collection("c", shape(4, metric)))) {
    must(stored.put("kept", point(1), R"({"kept":true})"));
    last_ = must(stored.stats()).last_number;
  }

  /// No number was taken, nothing else is there, and the next right calls work.
  void check() {
    BOOST_TEST(must(stored.stats()).last_number == last_);
    BOOST_TEST(must(stored.size()) == 1U);
    BOOST_TEST(must(opened_.collections()).size() == 1U);
    const auto kept = must(stored.get("kept"));
    BOOST_TEST((kept.vector == point(1)));
    BOOST_TEST(kept.metadata == R"({"kept":true})");
    BOOST_TEST(must(stored.search(point(1), nearest(10))).size() == 1U);
    // At a right angle to the other, so that it is nearer under every metric.
    const std::vector<float> aside{0, 2, 0, 0};
    must(stored.put("right", aside));
    BOOST_TEST(must(stored.search(aside, nearest(1))).at(0).key == "right");
    BOOST_TEST(must(stored.remove("right")).removed == 1U);
    last_ = must(stored.stats()).last_number;
  }

private:
  scratch_directory directory_;
  database opened_;
  std::uint64_t last_ = 0;

public:
  lodge::collection stored;
  database& opened() { return opened_; }
};

/// Checks that a result is the error, and that its detail names the figures.
template <class Result>
void check_error(const Result& result, errc code, std::initializer_list<std::string> figures = {}) {
  BOOST_REQUIRE_EQUAL(code_of(result), code);
  for (const auto& figure : figures)
    BOOST_TEST(result.error().detail.find(figure) != std::string::npos,
               "'" << result.error().detail << "' does not name " << figure);
}

} // namespace

BOOST_AUTO_TEST_SUITE(bad_input)

// 11
BOOST_AUTO_TEST_CASE(a_vector_of_another_dimension_is_refused_with_both_figures) {
  untouched c;
  const std::vector<float> three(3, 1);
  const std::vector<float> seventeen(17, 1);
  check_error(c.stored.put("bad", three), errc::dimension_mismatch, {"3", "4"});
  check_error(c.stored.put("kept", seventeen), errc::dimension_mismatch, {"17", "4"});
  check_error(c.stored.put({{"right", point(2), {}}, {"bad", three, {}}}), errc::dimension_mismatch,
              {"3", "4", "item 1"});
  check_error(c.stored.put_if({"bad", three, {}}, {}), errc::dimension_mismatch, {"3", "4"});
  check_error(c.stored.search(three), errc::dimension_mismatch, {"3", "4"});
  check_error(c.stored.search(std::vector{point(1), three}), errc::dimension_mismatch, {"4", "3"});
  check_error(c.stored.search(std::vector{three, three}), errc::dimension_mismatch, {"3", "4"});
  c.check();
}

BOOST_AUTO_TEST_CASE(a_vector_of_another_dimension_is_refused_as_the_first_write_after_opening) {
  const scratch_directory directory;
  {
    auto opened = open_file(directory.file());
    must(must(opened.collection("c", shape(4))).put("a", point(1)));
  }
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c"));
  check_error(stored.put("bad", {1, 2, 3}), errc::dimension_mismatch, {"3", "4"});
  check_error(stored.search({1, 2, 3}), errc::dimension_mismatch, {"3", "4"});
  BOOST_TEST(must(stored.size()) == 1U);
  must(stored.put("b", point(2)));
  BOOST_TEST(must(stored.search(point(2))).size() == 2U);
}

// 12
BOOST_AUTO_TEST_CASE(vectors_that_are_no_points_are_refused) {
  for (const auto metric : {metric::l2, metric::inner_product, metric::cosine}) {
    untouched c{metric};
    std::vector<std::vector<float>> refused{{}};
    for (const float value : {nan_value, infinite, -infinite, 1e30F, -1e30F, std::numeric_limits<float>::max()})
      for (std::size_t place = 0; place < 4; ++place) {
        refused.push_back(point(1));
        refused.back()[place] = value;
      }
    if (metric == metric::cosine)
      refused.push_back(point(0));
    for (const auto& vector : refused) {
      check_error(c.stored.put("bad", vector), errc::invalid_vector);
      check_error(c.stored.put("kept", vector), errc::invalid_vector);
      check_error(c.stored.put({{"right", point(2), {}}, {"bad", vector, {}}}), errc::invalid_vector, {"item 1 of 2"});
      check_error(c.stored.search(vector), errc::invalid_vector);
    }
    c.check();
  }
}

BOOST_AUTO_TEST_CASE(a_zero_vector_is_a_point_where_lengths_matter) {
  for (const auto metric : {metric::l2, metric::inner_product}) {
    const scratch_directory directory;
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape(4, metric)));
    must(stored.put("zero", point(0)));
    must(stored.put("minus zero", point(-0.0F)));
    must(stored.put("tiny", point(std::numeric_limits<float>::denorm_min())));
    const auto hits = must(stored.search(point(0), nearest(10)));
    BOOST_REQUIRE_EQUAL(hits.size(), 3U);
    BOOST_TEST(hits[0].score == 0);
    BOOST_TEST(std::signbit(must(stored.get("minus zero")).vector->front()));
    BOOST_TEST(must(stored.get("tiny")).vector->front() == std::numeric_limits<float>::denorm_min());
  }
}

BOOST_AUTO_TEST_CASE(large_and_tiny_vectors_rank_right_under_every_metric) {
  for (const auto metric : {metric::l2, metric::inner_product, metric::cosine}) {
    const scratch_directory directory;
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape(4, metric)));
    exact_model model{metric};
    const auto vectors = clustered_vectors(200, 4, 12);
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      auto scaled = vectors[i];
      for (auto& value : scaled)
        value *= i % 2 == 0 ? 1e14F : 1e-14F;
      must(stored.put(key_of(i), scaled));
      model.put(key_of(i), scaled);
    }
    must(stored.compact());
    for (const auto& hit : must(stored.search({1e17F, 1, 1, 1}, nearest(200, true))))
      BOOST_TEST(std::isfinite(hit.score));
    const std::vector<float> query{1e14F, -1e13F, 0, 1};
    BOOST_TEST(model.mismatch(query, 100, must(stored.search(query, nearest(100, true)))) == "");
  }
}

// 13
BOOST_AUTO_TEST_CASE(bad_keys_are_refused) {
  untouched c;
  for (const auto& key : {std::string{}, std::string(1'025, 'k'), std::string{"\xff"}, std::string{"cut \xe2\x82"},
                          std::string{"long form \xc0\xaf"}, std::string{"surrogate \xed\xa0\x80"},
                          std::string{"beyond \xf4\x90\x80\x80"}, std::string{"a\0b", 3}}) {
    check_error(c.stored.put(key, point(2)), errc::invalid_key);
    check_error(c.stored.put({{"right", point(2), {}}, {key, point(2), {}}}), errc::invalid_key, {"item 1 of 2"});
    check_error(c.stored.remove(key), errc::invalid_key);
    check_error(c.stored.remove(std::vector<std::string>{"kept", key}), errc::invalid_key);
    check_error(c.stored.get(key), errc::invalid_key);
    check_error(c.stored.contains(key), errc::invalid_key);
    check_error(c.stored.update_metadata(key, "{}"), errc::invalid_key);
  }
  check_error(c.stored.put(std::string(1'025, 'k'), point(2)), errc::invalid_key, {"1025", "1024"});
  c.check();
}

BOOST_AUTO_TEST_CASE(unusual_keys_that_are_right_are_kept) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  const std::vector<std::string> keys{std::string(1'024, 'k'),
                                      "Zürich 北京 \xf0\x9f\x98\x80",
                                      " ",
                                      "'; DROP TABLE items; --",
                                      "%",
                                      "\n\t\x01",
                                      "key",
                                      "KEY"};
  for (std::size_t i = 0; i < keys.size(); ++i)
    must(stored.put(keys[i], point(static_cast<float>(i))));
  BOOST_TEST(must(stored.size()) == keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    BOOST_TEST(must(stored.search(point(static_cast<float>(i)), nearest(1))).at(0).key == keys[i]);
    BOOST_TEST((must(stored.get(keys[i])).vector == point(static_cast<float>(i))));
  }
}

BOOST_AUTO_TEST_CASE(metadata_that_is_not_json_is_refused) {
  untouched c;
  for (const std::string bad : {"{", "nothing", "{'a':1}", "{\"a\":1,}", "[1 2]", "{} {}", "\"\xff\"", "NaN", " "}) {
    check_error(c.stored.put("bad", point(2), bad), errc::invalid_metadata);
    check_error(c.stored.put({{"right", point(2), {}}, {"bad", point(2), bad}}), errc::invalid_metadata);
    check_error(c.stored.update_metadata("kept", bad), errc::invalid_metadata);
  }
  c.check();
  for (const std::string good : {"{}", "null", "1", R"("text")", R"({"a":[1,2,{"b":"é"}]})"}) {
    must(c.stored.put("json", point(2), good));
    BOOST_TEST(must(c.stored.get("json")).metadata == good);
  }
}

BOOST_AUTO_TEST_CASE(bad_collection_names_are_refused) {
  untouched c;
  for (const auto& name : {std::string{}, std::string{"\xff"}, std::string{"a\0b", 3}, std::string(100'000, 'n')})
    check_error(c.opened().collection(name, shape(4)), errc::invalid_name);
  check_error(c.opened().collection("new"), errc::collection_not_found, {"new"});
  check_error(c.opened().drop_collection("new"), errc::collection_not_found, {"new"});
  c.check();
}

BOOST_AUTO_TEST_CASE(figures_out_of_range_are_refused) {
  untouched c;
  for (const std::int64_t k : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()})
    check_error(c.stored.search(point(1), nearest(k)), errc::invalid_argument, {std::to_string(k)});
  auto options = nearest(1);
  options.ef = 0;
  check_error(c.stored.search(point(1), options), errc::invalid_argument, {"0"});
  check_error(c.stored.scan({}, 0), errc::invalid_argument, {"0", "10000"});
  check_error(c.stored.scan({}, 10'001), errc::invalid_argument, {"10001", "10000"});
  check_error(c.stored.put(std::vector<item>{}), errc::invalid_argument);
  check_error(c.stored.remove(std::vector<std::string>{}), errc::invalid_argument);
  for (const std::uint32_t dimension : {0U, 65'537U})
    check_error(c.opened().collection("new", shape(dimension)), errc::invalid_argument,
                {std::to_string(dimension), "65536"});
  for (const std::uint32_t m : {0U, 3U, 129U}) {
    auto wanted = shape(4);
    wanted.m = m;
    check_error(c.opened().collection("new", wanted), errc::invalid_argument, {std::to_string(m), "128"});
  }
  for (const std::uint32_t ef : {0U, 7U, 4'097U}) {
    auto wanted = shape(4);
    wanted.ef_construction = ef;
    check_error(c.opened().collection("new", wanted), errc::invalid_argument, {std::to_string(ef), "4096"});
  }
  c.check();
}

// 15
BOOST_AUTO_TEST_CASE(other_options_than_the_stored_ones_are_refused_naming_both) {
  untouched c;
  const scratch_directory directory;
  { must(open_file(directory.file()).collection("c", shape(4))); }
  auto reopened = open_file(directory.file());
  for (auto* opened : {&c.opened(), &reopened}) {
    check_error(opened->collection("c", shape(5)), errc::options_mismatch, {"dimension", "5", "4"});
    check_error(opened->collection("c", shape(4, metric::cosine)), errc::options_mismatch, {"metric", "cosine", "l2"});
    auto wanted = shape(4);
    wanted.m = 32;
    check_error(opened->collection("c", wanted), errc::options_mismatch, {"m", "32", "16"});
    wanted = shape(4);
    wanted.ef_construction = 100;
    check_error(opened->collection("c", wanted), errc::options_mismatch, {"ef_construction", "100", "200"});
    const auto info = must(must(opened->collection("c", shape(4))).info());
    BOOST_TEST(info.dimension == 4U);
    BOOST_TEST((info.metric == metric::l2));
  }
  c.check();
}

BOOST_AUTO_TEST_CASE(options_that_let_nothing_through_are_refused_and_no_file_is_made) {
  const scratch_directory directory;
  const auto refused = [&](auto change) {
    database_options options;
    change(options);
    const auto opened = database::open(directory.file(), options);
    BOOST_TEST(code_of(opened) == errc::invalid_argument);
    BOOST_TEST(!std::filesystem::exists(directory.file()));
  };
  refused([](auto& x) { x.max_waiting_writes = 0; });
  refused([](auto& x) { x.max_waiting_bytes = 0; });
  refused([](auto& x) { x.max_waiting_searches = 0; });
  refused([](auto& x) { x.largest_segment = 0; });
  refused([](auto& x) { x.searchers = 257; });
  refused([](auto& x) { x.build_workers = 257; });
  refused([](auto& x) { x.poll_interval = std::chrono::milliseconds{-1}; });
  refused([](auto& x) { x.restart_delay = std::chrono::milliseconds{-1}; });
  refused([](auto& x) { x.auto_compaction.idle = std::chrono::milliseconds{-1}; });
}

BOOST_AUTO_TEST_CASE(the_longest_times_that_can_be_said_are_long) {
  const scratch_directory directory;
  constexpr auto longest = std::chrono::milliseconds::max();
  database_options options;
  options.auto_compaction = {2'000, 10, 4'096, longest};
  auto opened = must(database::open(directory.file(), options));
  auto stored = must(opened.collection("c", shape(4)));
  must(stored.put(item{"a", point(1)}, longest));
  search_options search;
  search.timeout = longest;
  BOOST_TEST(must(stored.search(point(1), search)).size() == 1U);
  BOOST_TEST(must(must(stored.reader()).search(point(1), search)).size() == 1U);
  for (std::size_t i = 0; i < 1'100; ++i)
    must(stored.put(key_of(i), point(2)));
  BOOST_TEST(must(stored.stats()).base_version == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
