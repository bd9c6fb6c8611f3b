#pragma once

#include "tests/support/deterministic.hpp"

#include <lodge/messages.hpp>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace lodge::test {

/// A vector of four values that differs for every number.
inline std::vector<float> vector_of(int number) {
  const auto value = static_cast<float>(number);
  return {value, 1 + 0.5F * value, 2, 3};
}

inline std::string key_of(int number) { return "key " + std::to_string(number); }

inline item item_of(int number, std::string metadata = {}) {
  return {key_of(number), vector_of(number), std::move(metadata)};
}

inline put_request put_of(item what) {
  put_request request;
  request.items.push_back(std::move(what));
  return request;
}
inline put_request put_of(int number) { return put_of(item_of(number)); }

inline remove_request remove_of(std::string key) {
  remove_request request;
  request.keys.push_back(std::move(key));
  return request;
}
inline remove_request remove_of(int number) { return remove_of(key_of(number)); }

/// An exact search for the vector of a number.
inline search_request search_of(int number, std::int64_t k = 1, std::optional<position> at_least = {}) {
  search_request request;
  request.queries = vector_of(number);
  request.options.k = k;
  request.options.exact = true;
  request.options.at_least = at_least;
  return request;
}

/// Whether a search for its vector finds the number's key at distance 0.
inline bool finds(const search_reply& reply, int number) {
  return !reply.results.empty() && !reply.results.front().empty() && reply.results.front().front().key == key_of(number)
    && reply.results.front().front().score == 0;
}

/// The hits of one query.
inline hits found(deterministic& t, const collection_actor& words, search_request request) {
  return must(t.call<search_reply>(words, search_atom_v, std::move(request))).results.front();
}

inline bool finds(deterministic& t, const collection_actor& words, int number) {
  return finds(must(t.call<search_reply>(words, search_atom_v, search_of(number))), number);
}

/// Puts the numbers one by one.
inline void put_all(deterministic& t, const collection_actor& words, int first, int end) {
  for (int number = first; number < end; ++number)
    must(t.call<position>(words, put_atom_v, put_of(number)));
}

/// Checks that an answer came, and that it is a success or one of these errors.
template <class Reply>
void check_answer(deterministic& t, pending<Reply> what, std::initializer_list<errc> allowed) {
  const auto outcome = t.take(what);
  BOOST_TEST(outcome.has_value(), "no answer came");
  if (outcome && !*outcome)
    BOOST_TEST((std::ranges::find(allowed, outcome->error().code) != allowed.end()), to_string(outcome->error()));
}

inline collection_stats stats_of(deterministic& t, const collection_actor& words) {
  return must(t.call<collection_stats>(words, stats_atom_v));
}

} // namespace lodge::test
