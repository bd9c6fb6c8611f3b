// A service keeps its own actor system; lodge's actors live in it beside the service's.

#include <lodge/interfaces.hpp>

#include <caf/all.hpp>

#include <cstdio>

namespace {

/// The service's own configuration, which learns lodge's messages.
struct service_config : caf::actor_system_config {
  service_config() { lodge::register_types(*this); }
};

/// The service's actor: answers "what is like this item?" with one line.
caf::behavior advisor(caf::event_based_actor* self, lodge::collection_actor films) {
  return {[=](const std::string& key) {
    auto answer = self->make_response_promise<std::string>();
    const auto fail = [=](const caf::error& failure) mutable {
      answer.deliver("no advice: " + lodge::to_string(lodge::from_caf(failure)));
    };
    self->request(films, caf::infinite, lodge::get_atom_v, lodge::get_request{key})
      .then(
        [=](lodge::record& film) mutable {
          if (!film.vector) {
            answer.deliver(key + " has no vector");
            return;
          }
          self
            ->request(films, caf::infinite, lodge::search_atom_v,
                      lodge::search_request{std::move(*film.vector), 1, {.k = 2}})
            .then(
              [=](const lodge::search_reply& found) mutable {
                answer.deliver("after " + key + " watch " + found.results[0].back().key);
              },
              fail);
        },
        fail);
    return answer;
  }};
}

} // namespace

int main(int, char** argv) {
  service_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  auto db = lodge::open_database(system, argv[1] != nullptr ? argv[1] : "films.lodge").or_exit();
  const auto stop = [&](const caf::error& failure) { lodge::exit_with(lodge::from_caf(failure)); };

  lodge::collection_actor films;
  self->request(db, caf::infinite, lodge::open_atom_v, lodge::open_request{"films", {.dimension = 2}})
    .receive([&](lodge::collection_actor& opened) { films = std::move(opened); }, stop);
  lodge::put_request shelf{{{"Alien", {{0.9F, 0.1F}}}, {"Solaris", {{0.8F, 0.3F}}}, {"Amélie", {{0.1F, 0.9F}}}}};
  self->request(films, caf::infinite, lodge::put_atom_v, std::move(shelf)).receive([](lodge::position) {}, stop);

  auto adviser = self->spawn(advisor, films);
  for (const std::string key : {"Alien", "Metropolis"})
    self->request(adviser, caf::infinite, key)
      .receive([](const std::string& advice) { std::puts(advice.c_str()); }, stop);

  // Handles go before the system does; the database is asked to close, so that its file is closed when it answers.
  films = nullptr;
  adviser = nullptr;
  self->request(db, caf::infinite, lodge::close_atom_v).receive([](lodge::position) {}, stop);
}
