#include "tests/simulation/judgement.hpp"

namespace lodge::test {

void simulation::write(process& in, const process::collection& to) {
  switch (random_() % 12) {
  case 0:
  case 1: return update_metadata(in, to);
  case 2:
  case 3:
  case 4: return remove(in, to);
  case 5:
  case 6: return put(in, to, true);
  default: return put(in, to, false);
  }
}

void simulation::put(process& in, const process::collection& to, bool only_if) {
  write_order order{0, in.number(), to.id, only_if ? write_order::kind::put_if : write_order::kind::put};
  const auto count = only_if || random_() % 3 != 0 ? 1 : 1 + random_() % 8;
  for (std::size_t i = 0; i < count; ++i)
    order.items.push_back(random_item(to.id, i));
  put_request request{order.items, {}};
  if (only_if) {
    const auto* present = file_.collection(to.id).at(order.items.front().key, file_.number());
    // Now and then another version than the present one.
    order.expected = random_() % 4 == 0 ? random_() % (file_.number() + 1) : present == nullptr ? 0 : present->number;
    request.expected = order.expected;
  }
  const auto id = writes_.note(order);
  note(&in,
       "puts '" + order.items.front().key + "' and " + std::to_string(count - 1) + " more, write "
         + std::to_string(id));
  in.ask<position>(
    "put",
    [this, &in, id, of = begin(in, "put", to.id)](const result<position>& got) {
      if (got) {
        writes_.done(id, got->number);
        saw(in, of.collection, got->number);
        return;
      }
      writes_.failed(id, got.error());
      const auto& asked = writes_.order(id);
      if (got.error().code != errc::conflict || asked.what != write_order::kind::put_if)
        return judge_failure(in, of, got.error());
      if (!at_some_time(of, [&](std::uint64_t number) {
            const auto* present = file_.collection(of.collection).at(asked.items.front().key, number);
            return (present == nullptr ? 0 : present->number) != asked.expected;
          }))
        throw violation{"write " + std::to_string(id) + " expected what was there, and was a conflict"};
    },
    to.actor, put_atom_v, std::move(request));
}

void simulation::update_metadata(process& in, const process::collection& to) {
  write_order order{0, in.number(), to.id, write_order::kind::update_metadata};
  order.items.push_back({random_key(), std::nullopt, writes_.token(0)});
  const auto& item = order.items.front();
  metadata_request request{item.key, item.metadata};
  const auto id = writes_.note(order);
  note(&in, "gives '" + request.key + "' other metadata, write " + std::to_string(id));
  in.ask<position>(
    "update_metadata",
    [this, &in, id, of = begin(in, "update_metadata", to.id)](const result<position>& got) {
      if (got) {
        writes_.done(id, got->number);
        saw(in, of.collection, got->number);
        return;
      }
      writes_.failed(id, got.error());
      if (got.error().code != errc::key_not_found)
        return judge_failure(in, of, got.error());
      const auto& key = writes_.order(id).items.front().key;
      if (!at_some_time(
            of, [&](std::uint64_t number) { return file_.collection(of.collection).at(key, number) == nullptr; }))
        throw violation{"write " + std::to_string(id) + " did not find '" + key + "', which was there"};
    },
    to.actor, metadata_atom_v, std::move(request));
}

void simulation::remove(process& in, const process::collection& from) {
  write_order order{0, in.number(), from.id, write_order::kind::remove};
  // Each key once.
  const auto first = random_() % plan_.keys;
  const auto count = random_() % 2 == 0 ? 1 : 1 + random_() % std::min(6U, plan_.keys);
  for (std::size_t i = 0; i < count; ++i)
    order.keys.push_back("key " + std::to_string((first + i) % plan_.keys));
  remove_request request{order.keys};
  const auto id = writes_.note(order);
  note(&in,
       "removes '" + order.keys.front() + "' and " + std::to_string(count - 1) + " more, write " + std::to_string(id));
  in.ask<removal>(
    "remove",
    [this, &in, id, of = begin(in, "remove", from.id)](const result<removal>& got) {
      if (got) {
        writes_.removed(id, got->removed, got->at.number);
        if (got->removed > 0)
          saw(in, of.collection, got->at.number);
        return;
      }
      writes_.failed(id, got.error());
      judge_failure(in, of, got.error());
    },
    from.actor, remove_atom_v, std::move(request));
}

} // namespace lodge::test
