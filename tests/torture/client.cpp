#include "tests/torture/client.hpp"

#include "tests/torture/outcry.hpp"
#include "tests/torture/plan.hpp"
#include "tests/torture/reading.hpp"

#include <algorithm>

namespace lodge::torture {

namespace {

/// The call was not done, and may be tried again.
bool is_refusal(errc code) {
  return code == errc::busy || code == errc::deadline_exceeded || code == errc::overloaded || code == errc::unavailable
    || code == errc::conflict;
}

template <class T>
error error_of(const result<T>& answer) {
  return answer ? error{} : answer.error();
}

} // namespace

std::vector<item> items_of(const cell& where, std::uint64_t vector_of, std::uint64_t operation) {
  std::vector<item> items;
  for (std::uint32_t part = 0; part < where.size; ++part)
    items.push_back(
      {where.key(part), torture::vector_of(vector_of, part, where.size), to_metadata({vector_of, operation, part})});
  return items;
}

client::client(const cell_list& cells, const journal& notes, client_name who, std::uint64_t seed)
  : cells_(cells), notes_(notes), who_(who), random_(generator(seed, who.client, who.life)) {}

void client::step(database& db, collection& things) {
  if (calls_ == 0 && who_.client % clients_a_process == 0 && below(3) == 0)
    return put(things, cell_list::ballast);
  if (prefers_compactions_ && below(2) == 0)
    return compact(things);
  const auto choice = below(100);
  if (choice < 34)
    put(things, any_cell());
  else if (choice < 46)
    remove(things, any_cell());
  else if (choice < 54)
    put_if(things, within(cells_.shared_singles()));
  else if (choice < 60)
    change_metadata(things, within(cells_.singles_of(who_.client)));
  else if (choice < 72)
    read(things, any_cell());
  else if (choice < 84)
    search_exactly(things, any_cell());
  else if (choice < 90)
    search_the_graph(things);
  else if (choice < 93)
    // One of a process, for the others not to wait for the same compaction.
    who_.client % clients_a_process == 0 ? compact(things) : read(things, any_cell());
  else if (choice < 97)
    put_collection(db);
  else if (choice < 99)
    drop_collection(db);
  else
    put(things, cell_list::ballast);
}

std::uint32_t client::any_cell() {
  const auto own = cells_.owned_by(who_.client);
  return below(2) == 0 ? within(cells_.shared()) : within({own.first, own.last - 1});
}

bool client::is_own(std::uint32_t cell) const {
  const auto own = cells_.owned_by(who_.client);
  return own.first <= cell && cell < own.last;
}

entry client::ask(std::uint32_t cell, entry::action what) {
  entry asked;
  asked.operation = (std::uint64_t{who_.client + 1} << 44) + (std::uint64_t{who_.life} << 20) + ++calls_;
  asked.vector_of = asked.operation;
  asked.cell = cell;
  asked.what = what;
  return asked;
}

void client::settle(entry asked, const error& why, position at, std::uint64_t changes) {
  asked.at_ns = now_ns();
  asked.why = why.code;
  asked.how = !why                      ? entry::stage::done
    : why.code == errc::outcome_unknown ? entry::stage::unknown
    : is_refusal(why.code)              ? entry::stage::refused
                                        : entry::stage::asked;
  if (asked.how == entry::stage::asked)
    cry("a write of " + cells_[asked.cell].name + " got " + to_string(why));
  asked.number = at.number;
  asked.changes = changes;
  notes_.note(asked);
  if (at.number > last_.number)
    last_ = at;
  if (changes > 0 && !cells_[asked.cell].is_collection)
    last_written_ = std::max(last_written_, at.number);
  if (!is_own(asked.cell))
    return;
  if (asked.how == entry::stage::unknown)
    known_.erase(asked.cell);
  else if (asked.how == entry::stage::done)
    known_[asked.cell] = {asked.what != entry::action::remove, asked.vector_of, asked.operation, at.number};
}

void client::put(collection& things, std::uint32_t cell) {
  auto asked = ask(cell, entry::action::put);
  auto items = items_of(cells_[cell], asked.vector_of, asked.operation);
  asked.at_ns = now_ns();
  notes_.note(asked);
  const auto done = cells_[cell].size == 1 ? things.put(std::move(items.front())) : things.put(std::move(items));
  settle(asked, error_of(done), done ? *done : position{}, done ? cells_[cell].size : 0);
}

void client::remove(collection& things, std::uint32_t cell) {
  std::vector<std::string> keys;
  for (std::uint32_t part = 0; part < cells_[cell].size; ++part)
    keys.push_back(cells_[cell].key(part));
  auto asked = ask(cell, entry::action::remove);
  asked.at_ns = now_ns();
  notes_.note(asked);
  const auto known = known_.find(cell);
  const auto done = things.remove(std::move(keys));
  if (done && known != known_.end() && done->removed != (known->second.present ? cells_[cell].size : 0))
    cry(std::to_string(done->removed) + " items of " + cells_[cell].name + " were removed, "
        + (known->second.present ? "all were there" : "none was there"));
  settle(asked, error_of(done), done ? done->at : position{}, done ? done->removed : 0);
}

void client::put_if(collection& things, std::uint32_t cell) {
  const auto present = things.get(cells_[cell].key(0));
  if (!present && present.error().code != errc::key_not_found)
    return excuse(present.error(), "get");
  auto asked = ask(cell, entry::action::put_if);
  asked.expected = present ? present->version.number : 0;
  auto items = items_of(cells_[cell], asked.vector_of, asked.operation);
  asked.at_ns = now_ns();
  notes_.note(asked);
  const auto done = things.put_if(std::move(items.front()), present ? std::optional{present->version} : std::nullopt);
  settle(asked, error_of(done), done ? *done : position{}, done ? 1 : 0);
}

void client::change_metadata(collection& things, std::uint32_t cell) {
  const auto known = known_.find(cell);
  if (known == known_.end() || !known->second.present)
    return put(things, cell);
  auto asked = ask(cell, entry::action::metadata);
  asked.vector_of = known->second.vector_of;
  asked.at_ns = now_ns();
  notes_.note(asked);
  const auto done = things.update_metadata(cells_[cell].key(0), to_metadata({asked.vector_of, asked.operation, 0}));
  settle(asked, error_of(done), done ? *done : position{}, done ? 1 : 0);
}

void client::put_collection(database& db) {
  const auto cell = cells_.collection_of(who_.client);
  auto asked = ask(cell, entry::action::put);
  auto items = items_of(cells_[cell], asked.vector_of, asked.operation);
  asked.at_ns = now_ns();
  notes_.note(asked);
  auto shelf =
    db.collection(cells_[cell].name, {.dimension = dimension, .metric = metric::l2, .vector_form = vector_form::int8});
  const auto done = shelf ? shelf->put(std::move(items)) : result<position>{shelf.error()};
  settle(asked, error_of(done), done ? *done : position{}, done ? cells_[cell].size : 0);
}

void client::drop_collection(database& db) {
  const auto cell = cells_.collection_of(who_.client);
  auto asked = ask(cell, entry::action::remove);
  asked.at_ns = now_ns();
  notes_.note(asked);
  const auto known = known_.find(cell);
  auto done = db.drop_collection(cells_[cell].name);
  const auto absent = !done && done.error().code == errc::collection_not_found;
  if ((done || absent) && known != known_.end() && known->second.present && absent)
    cry(cells_[cell].name + " is not there");
  settle(asked, absent ? error{} : error_of(done), done ? *done : position{}, done ? 1 : 0);
}

void client::read(const collection& things, std::uint32_t cell) const {
  const auto& where = cells_[cell];
  auto page = things.scan(where.before(), where.size);
  if (!page)
    return excuse(page.error(), "scan");
  std::erase_if(page->records, [&](const auto& each) { return !where.holds(each.key); });
  const auto seen = look(where, page->records);
  if (!seen)
    cry(seen.error().detail);
  const auto known = known_.find(cell);
  if (known == known_.end())
    return;
  const auto& own = known->second;
  if (seen->present != own.present || (own.present && (seen->operation != own.operation || seen->number != own.number)))
    cry(where.name + " was last written by operation " + std::to_string(own.operation) + ", it holds "
        + (seen->present ? std::to_string(seen->operation) : "nothing"));
}

void client::search_exactly(const collection& things, std::uint32_t cell) const {
  const auto& where = cells_[cell];
  const auto known = known_.find(cell);
  const auto operation = known == known_.end() ? who_.client + 1 : known->second.vector_of;
  const auto query = vector_of(operation, 0, where.size);
  auto options = fresh();
  options.exact = true;
  options.k = std::max<std::int64_t>(5, where.size);
  const auto found = things.search(query, options);
  if (!found)
    return excuse(found.error(), "exact search");
  if (const auto wrong = wrong_with(cells_, query, *found); !wrong.empty())
    cry("exact search: " + wrong);
  if (known == known_.end())
    return;
  const auto own = std::ranges::count_if(*found, [&](const hit& each) {
    const auto from = from_metadata(each.metadata);
    return where.holds(each.key) && from->operation == known->second.operation;
  });
  const auto others = std::ranges::count_if(*found, [&](const hit& each) { return where.holds(each.key); }) - own;
  if (own != (known->second.present ? where.size : 0) || others != 0)
    cry("exact search finds " + std::to_string(own) + " items of " + where.name + " as last written, and "
        + std::to_string(others) + " others");
}

void client::search_the_graph(const collection& things) {
  const auto query = vector_of(random_(), 0, 1);
  const auto found = things.search(std::vector<std::vector<float>>{query, query}, fresh());
  if (!found)
    return excuse(found.error(), "search");
  for (const auto& each : found->results)
    if (const auto wrong = wrong_with(cells_, query, each); !wrong.empty())
      cry("search: " + wrong);
  if (found->as_of.number < last_.number)
    cry("a search is as of " + std::to_string(found->as_of.number) + ", " + std::to_string(last_.number)
        + " was acknowledged before");
}

void client::compact(collection& things) {
  const auto done = things.compact();
  if (!done)
    return excuse(done.error(), "compact");
  if (done->covers.number < last_written_)
    cry("a compaction covers " + std::to_string(done->covers.number) + ", " + std::to_string(last_written_)
        + " was acknowledged before");
}

search_options client::fresh() const {
  search_options options;
  options.with_metadata = true;
  if (last_.file != 0)
    options.at_least = last_;
  return options;
}

void client::excuse(const error& why, const std::string& during) const {
  if (!is_refusal(why.code))
    cry(during + " got " + to_string(why));
}

void client::cry(const std::string& what) const {
  cry_out("client " + std::to_string(who_.client) + ", life " + std::to_string(who_.life) + ", call "
          + std::to_string(calls_) + ": " + what);
}

} // namespace lodge::torture
