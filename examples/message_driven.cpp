// A pipeline by messages only: a sensor sends readings, a watcher stores each and reports the one unlike all before it.

#include <lodge/interfaces.hpp>

#include <caf/all.hpp>

#include <cstdio>
#include <random>

namespace {

constexpr int readings = 200;
constexpr int odd_one = 150;
constexpr float usual_distance = 5;

using reading = std::vector<float>;

/// Searches first, then puts: what has no near neighbour is reported. One reading at a time, in their order.
caf::behavior watcher(caf::event_based_actor* self, lodge::collection_actor store, caf::actor reporter) {
  const auto stop = [=](const caf::error& failure) { self->quit(failure); };
  return {[=](int number, const reading& values) {
    self->request(store, caf::infinite, lodge::search_atom_v, lodge::search_request{values, 1, {.k = 1}})
      .await(
        [=](const lodge::search_reply& found) {
          const auto& nearest = found.results[0];
          if (!nearest.empty() && nearest.front().score > usual_distance)
            self->send(reporter, number, nearest.front().score);
          lodge::put_request put{{{"reading " + std::to_string(number), values}}};
          self->request(store, caf::infinite, lodge::put_atom_v, std::move(put))
            .await([=](lodge::position) { self->send(reporter, number); }, stop);
        },
        stop);
  }};
}

/// Sends all readings at once; the pipeline takes them as fast as it can.
void sensor(caf::event_based_actor* self, const caf::actor& to) {
  std::mt19937 random{7};
  std::normal_distribution<float> noise;
  for (int number = 0; number < readings; ++number) {
    const float level = number == odd_one ? 20 : 0;
    self->send(to, number, reading{level + noise(random), noise(random), noise(random), noise(random)});
  }
}

} // namespace

int main(int, char** argv) {
  caf::actor_system_config config;
  lodge::register_types(config);
  config.add_message_type<reading>("reading");
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  auto db = lodge::open_database(system, argv[1] != nullptr ? argv[1] : "readings.lodge").or_exit();
  const auto stop = [&](const caf::error& failure) { lodge::exit_with(lodge::from_caf(failure)); };

  lodge::collection_actor store;
  self
    ->request(db, caf::infinite, lodge::open_atom_v,
              lodge::open_request{"readings", {.dimension = 4, .metric = lodge::metric::l2}})
    .receive([&](lodge::collection_actor& opened) { store = std::move(opened); }, stop);
  auto watch = self->spawn(watcher, store, caf::actor{self});
  self->spawn(sensor, watch);
  int odd = -1;
  for (int stored = 0; stored < readings;)
    self->receive([&](int) { ++stored; },
                  [&](int number, float distance) {
                    odd = number;
                    std::printf("reading %d is unlike all before it: %.1f from the nearest\n", number,
                                static_cast<double>(distance));
                  });
  store = nullptr;
  watch = nullptr;
  self->request(db, caf::infinite, lodge::close_atom_v).receive([](lodge::position) {}, stop);
  return odd == odd_one ? 0 : 1;
}
