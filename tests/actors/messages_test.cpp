#include <lodge/interfaces.hpp>

#include <boost/test/unit_test.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/message.hpp>

#include <cmath>
#include <limits>

using namespace lodge;

namespace {

using bytes = std::vector<char>;

struct with_types : caf::actor_system_config {
  with_types() { register_types(*this); }
};

struct wire_fixture {
  with_types config;
  caf::actor_system system{config};

  template <class T>
  bytes written(T value) {
    bytes out;
    caf::binary_serializer sink{system, out};
    BOOST_REQUIRE(!sink(value));
    return out;
  }

  template <class T>
  bool reads(const bytes& from, T& value) {
    caf::binary_deserializer source{system, from};
    return !source(value);
  }

  /// The value as it arrives elsewhere, by itself and as the content of a message.
  template <class T>
  T sent(const T& value) {
    const auto once = written(value);
    T back{};
    BOOST_REQUIRE(reads(once, back));
    BOOST_TEST(written(back) == once);
    // Cut short anywhere, it is refused.
    for (std::size_t size = 0; size < once.size(); ++size) {
      T ignored{};
      BOOST_TEST(!reads(bytes(once.begin(), once.begin() + static_cast<std::ptrdiff_t>(size)), ignored));
    }
    caf::message received;
    BOOST_REQUIRE(reads(written(caf::make_message(value)), received));
    BOOST_REQUIRE(received.match_elements<T>());
    return received.get_as<T>(0);
  }
};

constexpr auto infinity = std::numeric_limits<float>::infinity();
constexpr position somewhere{0xfedc'ba98'7654'3210, 77};

std::vector<float> unusual_floats() {
  return {0.0F,  -0.0F, 1.5F, -3e38F, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::min(),
          1e-30F};
}

/// Equal to the last bit.
bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return std::ranges::equal(a, b, [](float x, float y) { return x == y && std::signbit(x) == std::signbit(y); });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(messages, wire_fixture)

BOOST_AUTO_TEST_CASE(a_put_arrives_as_it_was_sent) {
  put_request request;
  request.items = {
    {"key", unusual_floats(), "{\"a\": 1}"}, {"без вектора", std::nullopt, {}}, {"", std::vector<float>{}, {}}};
  request.timeout = std::chrono::milliseconds{-5};
  for (const auto expected : {std::optional<std::uint64_t>{}, {0}, {UINT64_MAX}}) {
    request.expected = expected;
    const auto back = sent(request);
    BOOST_TEST(back.items.size() == 3u);
    BOOST_TEST(back.items[0].key == "key");
    BOOST_TEST(back.items[0].metadata == "{\"a\": 1}");
    BOOST_TEST(same(back.items[0].vector.value(), unusual_floats()));
    BOOST_TEST(back.items[1].key == "без вектора");
    BOOST_TEST(!back.items[1].vector.has_value());
    BOOST_TEST(back.items[2].vector.has_value());
    BOOST_TEST(back.items[2].vector->empty());
    BOOST_TEST((back.expected == expected));
    BOOST_TEST((back.timeout == request.timeout));
  }
  BOOST_TEST(sent(put_request{}).items.empty());
}

BOOST_AUTO_TEST_CASE(the_other_writes_arrive_as_they_were_sent) {
  const auto metadata = sent(metadata_request{"key", "[]", no_timeout});
  BOOST_TEST(metadata.key == "key");
  BOOST_TEST(metadata.metadata == "[]");
  BOOST_TEST((metadata.timeout == no_timeout));
  const auto removed = sent(remove_request{{"a", "", std::string(1'024, 'x')}, std::chrono::milliseconds{7}});
  BOOST_TEST((removed.keys == std::vector<std::string>{"a", "", std::string(1'024, 'x')}));
  BOOST_TEST((removed.timeout == std::chrono::milliseconds{7}));
}

BOOST_AUTO_TEST_CASE(a_search_for_nothing_arrives_as_it_was_sent) {
  search_request nothing;
  nothing.options.filter = "{}";
  BOOST_TEST(sent(nothing).queries.empty());
}

BOOST_AUTO_TEST_CASE(reads_arrive_as_they_were_sent) {
  for (const auto at_least : {std::optional<position>{}, {somewhere}}) {
    const auto get = sent(get_request{"key", at_least});
    BOOST_TEST(get.key == "key");
    BOOST_TEST((get.at_least == at_least));
    const auto scan = sent(scan_request{"after", 4'242, at_least});
    BOOST_TEST(scan.after_key == "after");
    BOOST_TEST(scan.limit == 4'242u);
    BOOST_TEST((scan.at_least == at_least));
    search_request asked;
    asked.queries = unusual_floats();
    asked.count = 7;
    asked.options.k = -1;
    asked.options.ef = 4'000'000'000;
    asked.options.exact = true;
    asked.options.with_metadata = true;
    asked.options.at_least = at_least;
    asked.options.timeout = std::chrono::milliseconds{1};
    asked.options.filter = R"({"a": 1})";
    asked.options.radius = 0.1F;
    asked.options.paged = true;
    asked.options.after = page_mark{somewhere, std::numeric_limits<float>::denorm_min(), 5, 6};
    asked.options.explain = true;
    const auto search = sent(asked);
    BOOST_TEST(same(search.queries, unusual_floats()));
    BOOST_TEST(search.count == 7u);
    BOOST_TEST(search.options.k == -1);
    BOOST_TEST(search.options.ef == 4'000'000'000u);
    BOOST_TEST(search.options.exact);
    BOOST_TEST(search.options.with_metadata);
    BOOST_TEST((search.options.at_least == at_least));
    BOOST_TEST((search.options.timeout == std::chrono::milliseconds{1}));
    BOOST_TEST(search.options.filter == R"({"a": 1})");
    BOOST_TEST((search.options.radius == 0.1F));
    BOOST_TEST(search.options.paged);
    BOOST_TEST((search.options.after == asked.options.after));
    BOOST_TEST(search.options.explain);
    text_request words;
    words.query = "red shoes";
    words.options.k = 7;
    words.options.with_metadata = true;
    words.options.at_least = at_least;
    words.options.timeout = std::chrono::milliseconds{2};
    const auto text = sent(words);
    BOOST_TEST(text.query == "red shoes");
    BOOST_TEST(text.options.k == 7);
    BOOST_TEST(text.options.with_metadata);
    BOOST_TEST((text.options.at_least == at_least));
    BOOST_TEST((text.options.timeout == std::chrono::milliseconds{2}));
  }
  search_request fused;
  fused.queries = unusual_floats();
  fused.text = "red \"shoes\"";
  fused.fusion = {17, UINT64_MAX};
  const auto hybrid = sent(fused);
  BOOST_TEST(same(hybrid.queries, unusual_floats()));
  BOOST_TEST(hybrid.text == "red \"shoes\"");
  BOOST_TEST(hybrid.fusion.rank_constant == 17u);
  BOOST_TEST(hybrid.fusion.depth == UINT64_MAX);
}

BOOST_AUTO_TEST_CASE(the_opening_of_a_collection_arrives_as_it_was_sent) {
  const auto empty = sent(open_request{"words", {}});
  BOOST_TEST(empty.name == "words");
  BOOST_TEST(!empty.options.dimension.has_value());
  BOOST_TEST(!empty.options.metric.has_value());
  BOOST_TEST(!empty.options.m.has_value());
  BOOST_TEST(!empty.options.ef_construction.has_value());
  BOOST_TEST(!empty.options.vector_form.has_value());
  BOOST_TEST(!empty.options.fields.has_value());
  BOOST_TEST(!empty.options.text_fields.has_value());
  for (const auto metric : {metric::l2, metric::inner_product, metric::cosine}) {
    const auto full =
      sent(open_request{"words", {65'536, metric, 128, 4'096, vector_form::float16, {{"a", "b.c"}}, {{"d"}}}});
    BOOST_TEST((full.options.dimension == 65'536u));
    BOOST_TEST((full.options.metric == metric));
    BOOST_TEST((full.options.m == 128u));
    BOOST_TEST((full.options.ef_construction == 4'096u));
    BOOST_TEST((full.options.vector_form == vector_form::float16));
    BOOST_TEST((full.options.fields == std::vector<std::string>{"a", "b.c"}));
    BOOST_TEST((full.options.text_fields == std::vector<std::string>{"d"}));
  }
}

BOOST_AUTO_TEST_CASE(items_arrive_as_they_were_sent) {
  const auto plain = sent(item{"key", unusual_floats(), "1"});
  BOOST_TEST(same(plain.vector.value(), unusual_floats()));
  record stored{{"key", std::nullopt, "{}"}, somewhere};
  const auto back = sent(page{{stored, {{"other", unusual_floats(), {}}, {1, 2}}}, true});
  BOOST_TEST(back.more);
  BOOST_TEST(back.records.size() == 2u);
  BOOST_TEST((back.records[0].version == somewhere));
  BOOST_TEST(back.records[0].metadata == "{}");
  BOOST_TEST(!back.records[0].vector.has_value());
  BOOST_TEST(same(back.records[1].vector.value(), unusual_floats()));
  BOOST_TEST((sent(stored).version == somewhere));
}

BOOST_AUTO_TEST_CASE(scores_arrive_bit_for_bit_the_infinite_ones_too) {
  const std::vector<hit> found{
    {"far", infinity, {}}, {"near", -infinity, "{}"}, {"zero", -0.0F, {}}, {"tiny", 1e-44F, {}}};
  const auto back = sent(search_reply{{found, {}}, somewhere, {}, {}});
  BOOST_TEST(back.results.size() == 2u);
  BOOST_TEST((back.results[0] == found));
  BOOST_TEST(std::signbit(back.results[0][2].score));
  BOOST_TEST(back.results[1].empty());
  BOOST_TEST((back.as_of == somewhere));
  BOOST_TEST((sent(found[0]) == found[0]));
}

BOOST_AUTO_TEST_CASE(what_a_search_says_besides_its_hits_arrives_as_it_was_sent) {
  search_reply reply;
  reply.next = page_mark{somewhere, -0.0F, 7, 8};
  reply.explanation = search_explanation{"kept", true, 9, {{1, 2, 3, 4, 5, 6}, {}}};
  const auto back = sent(reply);
  BOOST_TEST((back.next == reply.next));
  BOOST_TEST(std::signbit(back.next->distance));
  BOOST_TEST((back.explanation == reply.explanation));
  const auto removal_asked = sent(remove_matching_request{"{}", std::chrono::milliseconds{3}});
  BOOST_TEST(removal_asked.filter == "{}");
  BOOST_TEST((removal_asked.timeout == std::chrono::milliseconds{3}));
  const auto count_asked = sent(count_request{"{}", somewhere});
  BOOST_TEST(count_asked.filter == "{}");
  BOOST_TEST((count_asked.at_least == somewhere));
}

BOOST_AUTO_TEST_CASE(the_other_replies_arrive_as_they_were_sent) {
  BOOST_TEST((sent(somewhere) == somewhere));
  const auto removed = sent(removal{3, somewhere});
  BOOST_TEST(removed.removed == 3u);
  BOOST_TEST((removed.at == somewhere));
  const auto compacted = sent(compaction_report{somewhere, 9, true});
  BOOST_TEST((compacted.covers == somewhere));
  BOOST_TEST(compacted.vectors == 9u);
  const auto infos =
    sent(std::vector<collection_info>{{"a", 1, metric::l2, 2, 3, 4, 5, vector_form::int8, {"f"}, {"t", "u"}}, {}});
  BOOST_TEST(infos.size() == 2u);
  const auto& info = infos.front();
  BOOST_TEST(info.name == "a");
  BOOST_TEST(info.dimension == 1u);
  BOOST_TEST((info.metric == metric::l2));
  BOOST_TEST(info.m == 2u);
  BOOST_TEST(info.ef_construction == 3u);
  BOOST_TEST(info.items == 4u);
  BOOST_TEST(info.vectors == 5u);
  BOOST_TEST((info.vector_form == vector_form::int8));
  BOOST_TEST((info.fields == std::vector<std::string>{"f"}));
  BOOST_TEST((info.text_fields == std::vector<std::string>{"t", "u"}));
}

BOOST_AUTO_TEST_CASE(stats_arrive_with_every_figure_in_its_place) {
  const collection_stats all{
    1, metric::inner_product, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, "waiting", 19, "busy: x"};
  const auto back = sent(all);
  const auto figures = [](const collection_stats& x) {
    return std::vector<std::uint64_t>{x.dimension,       static_cast<std::uint64_t>(x.metric),
                                      x.items,           x.vectors,
                                      x.dead_rows,       x.last_number,
                                      x.view_number,     x.base_version,
                                      x.base_vectors,    x.base_bytes,
                                      x.base_covers,     x.changes_since_base,
                                      x.log_entries,     x.graph_vectors,
                                      x.scanned_vectors, x.file_bytes,
                                      x.wal_bytes,       x.free_bytes,
                                      x.compactions};
  };
  BOOST_TEST(figures(back) == figures(all), boost::test_tools::per_element());
  BOOST_TEST(back.compaction == all.compaction);
  BOOST_TEST(back.compaction_error == all.compaction_error);
}

BOOST_AUTO_TEST_CASE(a_block_that_claims_more_values_than_there_are_is_refused) {
  const auto honest = written(search_request{{1, 2, 3}, 1, {}});
  // The count comes first, in eight bytes of network order.
  BOOST_REQUIRE(honest[7] == 3);
  search_request ignored;
  for (const auto& [place, value] : {std::pair{7, 0x7f}, {0, 0x7f}, {0, -1}, {3, 1}, {4, 4}}) {
    auto lying = honest;
    lying[static_cast<std::size_t>(place)] = static_cast<char>(value);
    BOOST_TEST(!reads(lying, ignored), "byte " << place);
    BOOST_TEST(ignored.queries.capacity() <= wire::longest_block);
  }
}

BOOST_AUTO_TEST_CASE(an_error_keeps_its_code_and_its_detail) {
  for (int code = 1; code <= static_cast<int>(errc::internal); ++code) {
    const error failure{static_cast<errc>(code), "got 3 values"};
    caf::error back;
    BOOST_REQUIRE(reads(written(to_caf(failure)), back));
    BOOST_TEST((from_caf(back).code == failure.code));
    BOOST_TEST(from_caf(back).detail == failure.detail);
    BOOST_TEST(system.render(back) == to_string(failure));
  }
  BOOST_TEST((from_caf(caf::sec::request_timeout).code == errc::deadline_exceeded));
  BOOST_TEST((from_caf(caf::sec::request_receiver_down).code == errc::unavailable));
  BOOST_TEST((from_caf(caf::sec::unexpected_message).code == errc::internal));
}

BOOST_AUTO_TEST_SUITE_END()
