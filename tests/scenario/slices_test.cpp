#include "tests/scenario/scenario.hpp"

#include <lodge/interfaces.hpp>

#include <caf/all.hpp>

using namespace lodge;
using namespace lodge::test;

namespace {

/// A host's actor system in which one thread serves every actor.
struct one_thread : caf::actor_system_config {
  explicit one_thread(caf::atom_value policy) {
    register_types(*this);
    set("scheduler.policy", policy);
    set("scheduler.max-threads", 1);
  }
};

template <class Reply, class Handle, class... Ts>
Reply ask(caf::scoped_actor& self, const Handle& whom, Ts&&... request) {
  std::optional<Reply> reply;
  self->request(whom, caf::infinite, std::forward<Ts>(request)...)
    .receive([&](Reply& came) { reply = std::move(came); },
             [&](caf::error& failure) { BOOST_FAIL(to_string(from_caf(failure))); });
  return *std::move(reply);
}

search_request exact(const std::vector<std::vector<float>>& vectors, std::size_t count) {
  search_request made;
  made.count = count;
  made.options.k = 1;
  made.options.exact = true;
  made.options.timeout = std::chrono::minutes{5};
  for (std::size_t i = 0; i < count; ++i)
    made.queries.insert(made.queries.end(), vectors[i % vectors.size()].begin(), vectors[i % vectors.size()].end());
  return made;
}

} // namespace

BOOST_AUTO_TEST_SUITE(slices)

BOOST_AUTO_TEST_CASE(two_long_batches_leave_the_only_thread_of_a_host_to_others) {
  for (const auto policy : {caf::atom("sharing"), caf::atom("stealing")}) {
    const scratch_directory directory;
    const auto vectors = clustered_vectors(2'000, 64, 90);
    one_thread config{policy};
    caf::actor_system system{config};
    {
      caf::scoped_actor self{system};
      database_options options;
      options.searchers = 2;
      const auto database = must(open_database(system, directory.file(), options));
      const auto words =
        ask<collection_actor>(self, database, open_atom_v, open_request{"words", {64, metric::l2, {}, {}}});
      put_request put;
      for (std::size_t i = 0; i < vectors.size(); ++i)
        put.items.push_back({"key " + std::to_string(i), vectors[i], {}});
      ask<position>(self, words, put_atom_v, std::move(put));
      ask<search_reply>(self, words, search_atom_v, exact(vectors, 1));
      // Hundreds of slices each. The mailbox keeps the order in which the answers come.
      int batches = 0;
      for (int i = 0; i < 2; ++i)
        self->send(caf::actor_cast<caf::actor>(words), search_atom_v, exact(vectors, 60'000));
      for (int i = 0; i < 20; ++i)
        self->send(caf::actor_cast<caf::actor>(words), contains_atom_v, get_request{"key 5", {}});
      int before = 0;
      self->receive_while([&] { return batches < 2; })(
        [&](const search_reply& reply) {
          ++batches;
          BOOST_TEST(reply.results.size() == 60'000u);
        },
        [&](bool) { before += batches == 0 ? 1 : 0; });
      BOOST_TEST(before == 20);
      ask<position>(self, database, close_atom_v);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
