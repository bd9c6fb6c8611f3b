//  what the clients of the simulated processes ask
#include "tests/simulation/judgement.hpp"
#include "tests/simulation/simulation.hpp"

#include <algorithm>

namespace lodge::test {

namespace {

constexpr const char* names[] = {"words", "others"};

collection_options options_of(const std::string& name) {
  return name == "words" ? collection_options{2, metric::l2, 4, 8}
                         : collection_options{4, metric::cosine, 4, 8, vector_form::int8};
}

} // namespace

void simulation::ask_something(process& in) {
  const std::string name = names[random_() % 8 == 0 ? 1 : 0];
  const auto dice = random_() % 1'000;
  if (dice < plan_.drops)
    return drop_collection(in, name);
  if (dice < plan_.drops + 15)
    return list_collections(in);
  const auto known = in.collections.find(name);
  if (known == in.collections.end() || dice < plan_.drops + 30)
    return open_collection(in, name);
  auto& which = known->second;
  if (random_() % 1'000 < plan_.compactions)
    return compact(in, which);
  switch (random_() % 20) {
  case 0: return contains(in, which);
  case 1: return scan(in, which);
  case 2: return size(in, which);
  case 3: return stats(in, which);
  case 4:
  case 5: return get(in, which);
  case 6:
  case 7:
  case 8:
  case 9:
  case 10:
  case 11: return random_() % 3 == 0 ? search_by_reader(in, which) : search(in, which);
  default: return write(in, which);
  }
}

simulation::call simulation::begin(const process& in, const std::string& what, std::uint64_t collection) const {
  const auto known = in.known.find(collection);
  return {what,     collection, file_.number(), std::max(in.opened_at, known == in.known.end() ? 0 : known->second),
          in.now(), {}};
}

/// One that the file has, seldom one that it has not.
std::optional<position> simulation::some_position() {
  const auto dice = random_() % 12;
  if (dice < 6 || file_.number() == 0)
    return std::nullopt;
  if (dice < 9)
    return position{identity_, file_.number()};
  return position{identity_, 1 + random_() % (dice < 11 ? file_.number() : file_.number() + 5)};
}

std::string simulation::random_key() { return "key " + std::to_string(random_() % plan_.keys); }

/// On a coarse grid, so that there are equal distances and equal vectors.
std::vector<float> simulation::random_vector(std::uint64_t collection) {
  std::vector<float> made(file_.collection(collection).name == "words" ? 2 : 4);
  for (auto& value : made)
    value = static_cast<float>(random_() % 17) - 8.5F;
  return made;
}

item simulation::random_item(std::uint64_t collection, std::size_t place) {
  item made{random_key(), std::nullopt, writes_.token(place)};
  if (random_() % 8 != 0)
    made.vector = random_vector(collection);
  return made;
}

void simulation::open_collection(process& in, const std::string& name) {
  note(&in, "asks to open " + name);
  in.ask<collection_actor>(
    "open " + name,
    [this, &in, name, of = begin(in, "open " + name)](const result<collection_actor>& got) {
      if (!is_answer(in, of, got))
        return;
      const auto id = in.id_of(*got);
      if (!at_some_time(of, [&](std::uint64_t number) {
            const auto* present = file_.named(name, number);
            return present != nullptr && present->id == id;
          }))
        throw violation{of.what + " gave collection " + std::to_string(id) + ", which is not it"};
      hash(id);
      in.collections[name] = {*got, id};
    },
    in.database(), open_atom_v, open_request{name, options_of(name)});
}

void simulation::drop_collection(process& in, const std::string& name) {
  note(&in, "asks to drop " + name);
  in.ask<position>(
    "drop " + name,
    [this, &in, name, of = begin(in, "drop " + name)](const result<position>& got) {
      if (!got && got.error().code == errc::collection_not_found) {
        if (!at_some_time(of, [&](std::uint64_t number) { return file_.named(name, number) == nullptr; }))
          throw violation{of.what + " found none"};
      } else if (is_answer(in, of, got)) {
        const auto& all = file_.collections();
        const auto dropped = std::ranges::find_if(
          all, [&](const auto& x) { return x.second.dropped_at == got->number && x.second.name == name; });
        if (dropped == all.end() || got->file != identity_)
          throw violation{of.what + " was answered as change " + std::to_string(got->number)};
        saw(in, dropped->first, got->number);
      }
    },
    in.database(), drop_atom_v, name);
}

void simulation::list_collections(process& in) {
  note(&in, "asks for a list");
  in.ask<std::vector<collection_info>>(
    "list",
    [this, &in, of = begin(in, "list")](const result<std::vector<collection_info>>& got) {
      if (is_answer(in, of, got) && !at_some_time(of, [&](std::uint64_t number) {
            std::size_t living = 0;
            for (const auto& [id, each] : file_.collections())
              living += each.lives_at(number) ? 1 : 0;
            return living == got->size() && std::ranges::all_of(*got, [&](const collection_info& info) {
                     const auto* named = file_.named(info.name, number);
                     return named != nullptr && named->items_at(number) == info.items;
                   });
          }))
        throw violation{"the list of collections was never so"};
    },
    in.database(), list_atom_v);
}

void simulation::compact(process& in, const process::collection& of) {
  const auto rebuild = random_() % 8 == 0;
  note(&in, std::string{"asks to "} + (rebuild ? "rebuild " : "compact ") + std::to_string(of.id));
  const auto judge = [this, &in, about = begin(in, "compact", of.id)](const result<compaction_report>& got) {
    if (is_answer(in, about, got))
      judge_compaction(about, *got);
  };
  if (rebuild)
    in.ask<compaction_report>("compact", judge, of.actor, rebuild_atom_v);
  else
    in.ask<compaction_report>("compact", judge, of.actor, compact_atom_v);
}

search_request simulation::random_search(const process::collection& where) {
  search_request request;
  request.count = random_() % 5 == 0 ? 2 : 1;
  for (std::uint64_t i = 0; i < request.count; ++i) {
    const auto query = random_vector(where.id);
    request.queries.insert(request.queries.end(), query.begin(), query.end());
  }
  request.options.exact = random_() % 2 == 0;
  request.options.k = random_() % 3 == 0 ? 1'000 : static_cast<std::int64_t>(random_() % 6);
  request.options.ef = static_cast<std::uint32_t>(1 + random_() % 3);
  request.options.with_metadata = random_() % 2 == 0;
  request.options.at_least = some_position();
  if (random_() % 3 == 0)
    request.options.filter = random_filter();
  return request;
}

/// On what `ledger` writes as metadata.
std::string simulation::random_filter() {
  const auto place = std::to_string(random_() % 3);
  switch (random_() % 4) {
  case 0: return R"({"item": {"$lte": )" + place + "}}";
  case 1: return R"({"item": {"$ne": )" + place + "}}";
  case 2: return R"({"write": {"$gte": 10}, "item": )" + place + "}";
  default: return R"({"nothing": 1})";
  }
}

/// As `reader` does it: in the view that it knows, unless a lease on that has ended.
void simulation::search_by_reader(process& in, process::collection& where) {
  // Among rough vectors a reader looks at the file as SEARCHER does.
  if (const auto view = where.watch.current({}); view && view->layout().is_rough())
    return search(in, where);
  auto request = random_search(where);
  request.options.with_metadata = false;
  request.options.filter.clear();
  auto of = begin(in, "reader", where.id);
  of.at_least = request.options.at_least;
  if (const auto view = where.watch.current(of.at_least)) {
    note(&in, "searches " + std::to_string(where.id) + " in a view of " + std::to_string(view->number));
    return judge_search(in, of, request, search_in(*view, request, where.watch.file()));
  }
  note(&in, "asks for a view of " + std::to_string(where.id));
  in.ask<leased_view>(
    "lease",
    [this, &in, of, request](const result<leased_view>& got) {
      if (!is_answer(in, of, got))
        return;
      for (auto& [name, each] : in.collections)
        if (each.id == of.collection)
          each.watch.renew(*got);
      if (!got->view->layout().is_rough())
        judge_search(in, of, request, search_in(*got->view, request, got->file));
    },
    caf::actor_cast<collection_inside_actor>(where.actor), lease_atom_v,
    lease_request{of.at_least, request.options.timeout});
}

search_reply simulation::search_in(const index::view& view, const search_request& request, std::uint64_t file) {
  const auto& options = request.options;
  search_reply reply{{}, {file, view.number}};
  for (std::size_t i = 0; i < request.count; ++i) {
    auto& made = reply.results.emplace_back();
    const auto query = std::span{request.queries}.subspan(i * view.dimension, view.dimension);
    for (const auto& each :
         index::search(view, query, {static_cast<std::size_t>(options.k), options.ef, options.exact}, scratch_))
      made.push_back({std::string{each.key}, index::score_of(view.metric, each.distance)});
  }
  return reply;
}

void simulation::search(process& in, const process::collection& where) {
  const auto request = random_search(where);
  auto of = begin(in, "search", where.id);
  of.at_least = request.options.at_least;
  note(&in,
       "searches " + std::to_string(where.id) + " as of " + std::to_string(of.at_least ? of.at_least->number : 0)
         + " or later, of which it knows " + std::to_string(of.floor));
  in.ask<search_reply>(
    "search",
    [this, &in, of, request](const result<search_reply>& got) {
      if (is_answer(in, of, got))
        judge_search(in, of, request, *got);
    },
    where.actor, search_atom_v, request);
}

void simulation::get(process& in, const process::collection& from) {
  auto of = begin(in, "get", from.id);
  of.at_least = some_position();
  const auto key = random_key();
  note(&in, "gets '" + key + "'");
  in.ask<record>(
    "get",
    [this, &in, of, key](const result<record>& got) {
      if ((!got && got.error().code == errc::key_not_found) || is_answer(in, of, got))
        judge_record(of, key, got);
    },
    from.actor, get_atom_v, get_request{key, of.at_least});
}

void simulation::contains(process& in, const process::collection& from) {
  const auto key = random_key();
  in.ask<bool>(
    "contains",
    [this, &in, key, of = begin(in, "contains", from.id)](const result<bool>& got) {
      if (is_answer(in, of, got) && !at_some_time(of, [&](std::uint64_t number) {
            return (file_.collection(of.collection).at(key, number) != nullptr) == *got;
          }))
        throw violation{"whether there is '" + key + "' was answered wrongly"};
    },
    from.actor, contains_atom_v, get_request{key, {}});
}

void simulation::scan(process& in, const process::collection& of) {
  const scan_request request{random_() % 2 == 0 ? "" : random_key(), 1 + random_() % 30, {}};
  in.ask<page>(
    "scan",
    [this, &in, request, about = begin(in, "scan", of.id)](const result<page>& got) {
      if (is_answer(in, about, got))
        judge_page(about, request, *got);
    },
    of.actor, scan_atom_v, request);
}

void simulation::size(process& in, const process::collection& of) {
  in.ask<std::uint64_t>(
    "size",
    [this, &in, about = begin(in, "size", of.id)](const result<std::uint64_t>& got) {
      if (is_answer(in, about, got) && !at_some_time(about, [&](std::uint64_t number) {
            return file_.collection(about.collection).items_at(number) == *got;
          }))
        throw violation{"the size was never " + std::to_string(*got)};
    },
    of.actor, size_atom_v);
}

void simulation::stats(process& in, const process::collection& of) {
  in.ask<collection_stats>(
    "stats",
    [this, &in, about = begin(in, "stats", of.id)](const result<collection_stats>& got) {
      if (is_answer(in, about, got))
        judge_stats(about, *got);
    },
    of.actor, stats_atom_v);
}

} // namespace lodge::test
