#include "tests/simulation/process.hpp"

#include "actors/database.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace lodge::test {

namespace {

constexpr std::array<std::string_view, roles> names{
  "lodge.database", "lodge.collection", "lodge.writer",  "lodge.log_sync",     "lodge.index_holder", "lodge.loader",
  "lodge.searcher", "lodge.compactor",  "lodge.watcher", "lodge.build_worker", "lodge.matcher"};

caf::scheduled_actor& actor_of(caf::resumable* job) { return dynamic_cast<caf::scheduled_actor&>(*job); }

role role_of(std::string_view name) {
  for (std::size_t i = 0; i < roles; ++i)
    if (names[i] == name)
      return static_cast<role>(i);
  throw violation{"the simulation does not know the actor " + std::string{name}};
}

bool is_supervised(role what) { return what != role::database && what != role::collection; }

} // namespace

std::string to_string(const actor_name& who) {
  return std::string{names[static_cast<std::size_t>(who.role)]} + "#" + std::to_string(who.id);
}

process::process(const std::string& path, const database_options& options, unsigned number)
  : number_(number), options_(options) {
  auto opened = open_database(system_.actors(), path, options);
  if (!opened)
    throw violation{"opening: " + to_string(opened.error())};
  database_ = *std::move(opened);
  look_around();
}

process::~process() { kill(); }

void process::look_around() {
  for (auto* job : system_.jobs()) {
    auto& actor = actor_of(job);
    if (!actors_.contains(actor.id()))
      actors_[actor.id()] = {actor.address(), {actor.id(), role_of(actor.name())}};
  }
}

std::size_t process::choose(std::mt19937& random, const role_weights& weights) const {
  std::vector<std::uint32_t> ends;
  std::uint32_t sum = 0;
  for (auto* job : system_.jobs())
    ends.push_back(sum += weights[static_cast<std::size_t>(actors_.at(actor_of(job).id()).name.role)]);
  const auto dice = random() % sum;
  std::size_t place = 0;
  while (ends[place] <= dice)
    ++place;
  return place;
}

actor_name process::step(std::mt19937& random, const role_weights& weights) {
  const auto place = choose(random, weights);
  const auto who = actors_.at(actor_of(system_.jobs()[place]).id()).name;
  system_.run_at(place);
  look_around();
  return who;
}

std::string process::preview(std::mt19937 random, const role_weights& weights) {
  auto& actor = actor_of(system_.jobs()[choose(random, weights)]);
  const auto* message = actor.mailbox().peek();
  auto text = to_string(actors_.at(actor.id()).name) + " takes "
    + (message == nullptr ? std::string{"nothing"} : message->content().stringify());
  constexpr std::size_t longest = 160;
  return text.size() > longest ? text.substr(0, longest) + "..." : text;
}

void process::advance(std::chrono::milliseconds time) {
  now_ += time;
  system_.advance(time);
  look_around();
}

void process::send_kill(const caf::actor_addr& whom, bool at_once) {
  if (const auto alive = caf::actor_cast<caf::strong_actor_ptr>(whom))
    alive->enqueue(nullptr, caf::make_message_id(at_once ? caf::message_priority::high : caf::message_priority::normal),
                   caf::make_message(caf::exit_msg{whom, caf::exit_reason::kill}), nullptr);
}

void process::kill() {
  collections.clear();
  database_ = nullptr;
  waiting_.clear();
  caf::actor_id killed = 0;
  do {
    look_around();
    // Ids ascend: also who is born of a death is killed before its first message.
    for (auto next = actors_.upper_bound(killed); next != actors_.end(); ++next) {
      killed = next->first;
      send_kill(next->second.address, true);
    }
    if (!system_.is_idle())
      system_.run_at(0);
  } while (!system_.is_idle());
  while (!client_->mailbox().empty())
    client_->dequeue();
  // The actor system would wait for an actor that lives, and nobody would let it work.
  if (system_.actors().registry().running() == 1)
    return;
  std::fputs("an actor survived its kill\n", stderr);
  std::abort();
}

std::optional<actor_name> process::kill_part(std::mt19937& random) {
  const auto what = static_cast<role>(random() % roles);
  const bool at_once = random() % 2 == 0;
  std::vector<const seen_actor*> candidates;
  for (const auto& [id, each] : actors_)
    if (each.name.role == what && is_supervised(what) && caf::actor_cast<caf::strong_actor_ptr>(each.address))
      candidates.push_back(&each);
  if (candidates.empty())
    return std::nullopt;
  const auto& whom = *candidates[random() % candidates.size()];
  has_lost_parts_ = true;
  send_kill(whom.address, at_once);
  look_around();
  return whom.name;
}

void process::deliver() {
  while (!client_->mailbox().empty()) {
    const auto message = client_->dequeue();
    const auto asked = waiting_.find(message->mid.integer_value());
    if (asked == waiting_.end())
      throw violation{"an answer came that nobody waits for: " + message->content().stringify()};
    const auto then = std::move(asked->second.then);
    waiting_.erase(asked);
    then(message->content());
  }
}

std::uint64_t process::id_of(const collection_actor& which) const {
  using actor = std::remove_pointer_t<database_state::self_pointer>;
  const auto& state = dynamic_cast<actor&>(*caf::actor_cast<caf::abstract_actor*>(database_)).state;
  for (const auto& [name, each] : state.collections)
    if (each.actor.address() == which.address())
      return each.row.id;
  return 0;
}

} // namespace lodge::test
