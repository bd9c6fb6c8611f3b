// Collections whose vectors lie in memory as float16 or int8.

#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr std::uint32_t dimension = 24;

collection_options shape_of(vector_form form, lodge::metric metric = metric::l2) {
  auto made = shape(dimension, metric);
  made.vector_form = form;
  return made;
}

double recall(const exact_model& model, const collection& stored, const queries& asked, std::size_t k) {
  std::size_t right = 0;
  for (const auto& query : asked) {
    const auto expected = model.nearest(query, k);
    for (const auto& hit : must(stored.search(query, nearest(static_cast<std::int64_t>(k)))))
      right += static_cast<std::size_t>(std::ranges::count(expected, hit.key, &std::pair<double, std::string>::second));
  }
  return static_cast<double>(right) / static_cast<double>(asked.size() * k);
}

} // namespace

BOOST_AUTO_TEST_SUITE(forms)

BOOST_AUTO_TEST_CASE(an_int8_collection_answers_exact_searches_as_float32_does_through_all_that_befalls_it) {
  for (const auto compared : {metric::l2, metric::cosine, metric::inner_product}) {
    const scratch_directory directory;
    exact_model model{compared};
    const auto vectors = clustered_vectors(3'000, dimension, 1);
    const auto asked = clustered_vectors(20, dimension, 2);
    {
      auto opened = open_file(directory.file());
      auto stored = must(opened.collection("c", shape_of(vector_form::int8, compared)));
      put_all(stored, std::span{vectors}.first(2'000), &model);
      check_against(model, stored, asked);
      must(stored.compact());
      check_against(model, stored, asked);
      put_all(stored, std::span{vectors}.subspan(2'000), &model, 2'000);
      for (std::size_t i = 0; i < 3'000; i += 4) {
        must(stored.remove(key_of(i)));
        model.remove(key_of(i));
      }
      for (std::size_t i = 1; i < 3'000; i += 40) {
        must(stored.put(key_of(i), vectors[3'000 - i]));
        model.put(key_of(i), vectors[3'000 - i]);
      }
      check_against(model, stored, asked, 100);
      must_do(opened.close());
    }
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c"));
    BOOST_TEST((must(stored.info()).vector_form == vector_form::int8));
    check_against(model, stored, asked, 100);
    must(stored.compact());
    check_against(model, stored, asked, 3);
  }
}

BOOST_AUTO_TEST_CASE(graphs_of_each_form_find_as_many_neighbours_as_those_of_float32) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  const auto vectors = clustered_vectors(4'000, dimension, 12);
  const auto asked = clustered_vectors(100, dimension, 13);
  for (const auto compared : {metric::l2, metric::cosine, metric::inner_product}) {
    std::map<vector_form, double> found;
    for (const auto form : {vector_form::float32, vector_form::float16, vector_form::int8}) {
      exact_model model{compared};
      auto stored = must(opened.collection(to_string(form) + to_string(compared), shape_of(form, compared)));
      put_all(stored, vectors, &model);
      must(stored.compact());
      found[form] = recall(model, stored, asked, 10);
      BOOST_TEST(found[form] >= found[vector_form::float32] - 0.01, to_string(form) << ", " << to_string(compared));
    }
    BOOST_TEST(found[vector_form::float32] >= 0.8);
  }
}

BOOST_AUTO_TEST_CASE(a_float16_collection_gives_the_vectors_that_were_put_and_the_scores_of_rounded_ones) {
  for (const auto compared : {metric::l2, metric::cosine, metric::inner_product}) {
    const scratch_directory directory;
    exact_model model{compared};
    const auto vectors = clustered_vectors(3'000, dimension, 3);
    const auto asked = clustered_vectors(50, dimension, 4);
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape_of(vector_form::float16, compared)));
    put_all(stored, vectors, &model);
    for (std::size_t i = 0; i < 3'000; i += 100)
      BOOST_TEST((must(stored.get(key_of(i))).vector == vectors[i]));
    for (const auto& hit : must(stored.search(asked[0], nearest(10, true)))) {
      const auto right = model.score(asked[0], *model.entries().at(hit.key).vector);
      BOOST_TEST(std::abs(hit.score - right) <= 2e-3 * (1 + std::abs(right)));
    }
  }
}

BOOST_AUTO_TEST_CASE(readers_batches_and_messages_give_the_same_hits_in_every_form) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  const auto vectors = clustered_vectors(2'500, dimension, 5);
  const queries asked = clustered_vectors(30, dimension, 6);
  for (const auto form : {vector_form::float16, vector_form::int8}) {
    auto stored = must(opened.collection(to_string(form), shape_of(form)));
    put_all(stored, std::span{vectors}.first(2'000));
    must(stored.compact());
    put_all(stored, std::span{vectors}.subspan(2'000), nullptr, 2'000);
    auto reading = must(stored.reader());
    for (const bool exact : {false, true}) {
      const auto together = must(stored.search(asked, nearest(7, exact)));
      BOOST_TEST((must(reading.search(asked, nearest(7, exact))).results == together.results));
      for (std::size_t i = 0; i < asked.size(); ++i) {
        BOOST_TEST((must(stored.search(asked[i], nearest(7, exact))) == together.results[i]));
        BOOST_TEST((must(reading.search(asked[i], nearest(7, exact))) == together.results[i]));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(pages_and_radii_among_int8_vectors_leave_nothing_out_and_give_nothing_twice) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape_of(vector_form::int8)));
  auto known = must(opened.collection("known", shape_of(vector_form::float32)));
  const auto vectors = clustered_vectors(1'500, dimension, 7);
  for (auto* each : {&stored, &known})
    put_all(*each, vectors);
  for (const auto& query : clustered_vectors(10, dimension, 8)) {
    const auto all = must(known.search(query, nearest(200, true)));
    search_options options = nearest(40, true);
    hits paged;
    std::optional<page_mark> mark;
    for (int page = 0; page < 5; ++page) {
      auto reply = must(stored.search_page(query, options, mark));
      paged.insert(paged.end(), reply.results.begin(), reply.results.end());
      mark = reply.next;
    }
    BOOST_TEST((paged == all));
    BOOST_TEST((must(stored.search_within(query, all[120].score, 1'000, nearest(10, true)))
                == must(known.search_within(query, all[120].score, 1'000, nearest(10, true)))));
  }
}

BOOST_AUTO_TEST_CASE(filters_choose_among_vectors_of_every_form) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  const auto vectors = clustered_vectors(2'000, dimension, 9);
  std::map<vector_form, collection> stored;
  for (const auto form : {vector_form::float32, vector_form::float16, vector_form::int8}) {
    auto options = shape_of(form);
    options.fields = {{"n"}};
    auto made = must(opened.collection(to_string(form), options));
    std::vector<item> items;
    for (std::size_t i = 0; i < vectors.size(); ++i)
      items.push_back({key_of(i), vectors[i], "{\"n\":" + std::to_string(i % 50) + "}"});
    must(made.put(std::move(items)));
    must(made.compact());
    stored.emplace(form, made);
  }
  for (const auto& query : clustered_vectors(20, dimension, 10))
    for (const auto* filter : {R"({"n":3})", R"({"n":{"$lt":30}})"}) {
      auto options = nearest(10, true);
      options.filter = filter;
      const auto right = must(stored.at(vector_form::float32).search(query, options));
      BOOST_TEST(right.size() == 10U);
      BOOST_TEST((must(stored.at(vector_form::int8).search(query, options)) == right));
      BOOST_TEST(must(stored.at(vector_form::float16).search(query, options)).size() == 10U);
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_row_that_an_int8_search_needs_is_an_error_and_not_a_wrong_score) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape_of(vector_form::int8)));
  const auto vectors = clustered_vectors(100, dimension, 11);
  put_all(stored, vectors);
  must(stored.search(vectors[5], nearest(3)));
  raw_file{directory.file()}.run("UPDATE vectors SET vector = zeroblob(length(vector))"
                                 " WHERE label = (SELECT label FROM items WHERE key = 'key 5')");
  auto reading = must(stored.reader());
  BOOST_TEST(code_of(stored.search(vectors[5], nearest(3))) == errc::corrupt);
  BOOST_TEST(code_of(reading.search(vectors[5], nearest(3))) == errc::corrupt);
  must(stored.put(key_of(5), vectors[5]));
  BOOST_TEST(must(stored.search(vectors[5], nearest(1))).front().key == key_of(5));
  BOOST_TEST(must(reading.search(vectors[5], nearest(1))).front().key == key_of(5));
}

BOOST_AUTO_TEST_CASE(values_that_half_precision_cannot_hold_are_refused_and_nothing_is_stored) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape_of(vector_form::float16)));
  std::vector<float> vector(dimension, 1);
  vector[7] = 65'505;
  BOOST_TEST(code_of(stored.put("a", vector)) == errc::invalid_vector);
  BOOST_TEST(must(stored.size()) == 0U);
  vector[7] = -65'504;
  must(stored.put("a", vector));
  vector[7] = 1e9F;
  BOOST_TEST(must(stored.search(vector, nearest(1))).front().key == "a");
  auto directed = must(opened.collection("directed", shape_of(vector_form::float16, metric::cosine)));
  must(directed.put("a", vector));
}

BOOST_AUTO_TEST_CASE(another_form_than_the_collections_is_a_mismatch) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  must(opened.collection("c", shape_of(vector_form::int8)));
  BOOST_TEST(code_of(opened.collection("c", shape_of(vector_form::float16))) == errc::options_mismatch);
  must(opened.collection("c", shape_of(vector_form::int8)));
}

BOOST_AUTO_TEST_SUITE_END()
