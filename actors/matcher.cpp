//  SEARCHER, reader ── filter, number ──▶ MATCHER ── matches ──▶ whoever asked
//                                            ▲
//                                       SQLite file (rows)

#include "actors/matcher.hpp"

#include "actors/caf_errors.hpp"
#include "actors/spawn.hpp"

#include <algorithm>
#include <limits>

namespace lodge {

namespace {

constexpr std::size_t most_filters = 64;
/// A few milliseconds' work.
constexpr std::size_t rows_a_slice = 2'000;
/// Of a reading for a count: those that live.
constexpr auto living_only = std::numeric_limits<std::int64_t>::max();

} // namespace

caf::result<match_reply> matcher_state::match(matcher_self* self, const match_request& request) {
  auto what = storage::filter::parse(request.filter);
  if (!what)
    return to_caf(what.error());
  const filter_key key{request.collection, what->text()};
  const auto [place, is_new] = filters_.try_emplace(key, known_filter{*std::move(what), nullptr, {}, 0});
  auto& filter = place->second;
  filter.used = ++requests_;
  if (filter.present && filter.present->serve(request.number))
    return match_reply{filter.present, "kept"};
  if (filter.present && request.number < filter.present->from)
    return match_reply{};
  auto promise = self->make_response_promise<match_reply>();
  const auto is_in_line = !filter.waiting.empty();
  filter.waiting.push_back({request.number, request.until, {promise, errc::unavailable}});
  if (!is_in_line)
    add(self, key);
  if (is_new)
    forget_oldest();
  return promise;
}

caf::result<std::uint64_t> matcher_state::count(matcher_self* self, collection_id id, const count_request& request) {
  auto what = storage::filter::parse(request.filter);
  if (!what)
    return to_caf(what.error());
  if (request.at_least && request.at_least->file != file_id)
    return to_caf(
      {errc::position_of_other_file,
       "the position is of file " + std::to_string(request.at_least->file) + ", this is " + std::to_string(file_id)});
  auto promise = self->make_response_promise<std::uint64_t>();
  add(self, counting{id, *std::move(what), request.at_least, {promise, errc::unavailable}});
  return promise;
}

void matcher_state::add(matcher_self* self, std::variant<filter_key, counting> what) {
  to_do_.push_back(std::move(what));
  if (!now_ && to_do_.size() == 1)
    self->send(self, next_atom_v);
}

result<matcher_state::reading_under_way> matcher_state::begin(std::variant<filter_key, counting>& whose) {
  reading_under_way made{filter_key{}, nullptr, {}, 0, "evaluated"};
  auto collection = collection_id{0};
  storage::filter_range within;
  const storage::filter* what = nullptr;
  if (const auto* const counted = std::get_if<counting>(&whose)) {
    collection = counted->collection;
    what = &counted->what;
    within.as_of = living_only;
  } else {
    const auto& key = std::get<filter_key>(whose);
    const auto& filter = filters_.at(key);
    collection = key.first;
    what = &filter.what;
    within.as_of = std::ranges::min_element(filter.waiting, {}, [](const waiter& each) { return each.number; })->number;
    if (filter.present) {
      made.how = "advanced";
      made.found = *filter.present;
      within = {filter.present->to, filter.present->from};
    }
  }
  auto begun = file->begin(collection, *what, within);
  if (!begun)
    return begun.error();
  made.rows = *std::move(begun);
  made.found.from = std::max(within.as_of, made.rows->complete_from());
  made.found.to = made.rows->number();
  made.whose = std::move(whose);
  return made;
}

void matcher_state::go_on(matcher_self* self) {
  expire(self);
  if (!now_) {
    if (to_do_.empty())
      return;
    auto whose = std::move(to_do_.front());
    to_do_.pop_front();
    if (is_wanted(whose)) {
      if (auto begun = begin(whose))
        now_.emplace(*std::move(begun));
      else
        fail(whose, begun.error());
    }
  } else {
    std::vector<std::uint64_t> labels;
    const auto more = now_->rows->step(rows_a_slice, labels);
    now_->counted += labels.size();
    if (std::holds_alternative<filter_key>(now_->whose))
      now_->found.labels.insert(labels);
    if (!more)
      fail(now_->whose, more.error());
    else if (!*more)
      finish(*now_);
    if (!more || !*more)
      now_.reset();
  }
  if (now_ || !to_do_.empty())
    self->send(self, next_atom_v);
}

void matcher_state::finish(reading_under_way& done) {
  done.found.by_field_index = done.found.by_field_index || done.rows->by_index();
  if (auto* const counted = std::get_if<counting>(&done.whose)) {
    if (counted->at_least && counted->at_least->number > done.rows->number())
      return counted->asker.deliver(error{errc::position_not_reached,
                                          "change " + std::to_string(counted->at_least->number)
                                            + " was asked for, the file has " + std::to_string(done.rows->number())});
    return counted->asker.deliver(done.counted);
  }
  const auto filter = filters_.find(std::get<filter_key>(done.whose));
  if (filter == filters_.end())
    return;
  filter->second.present = std::make_shared<const matches>(std::move(done.found));
  answer(filter->first, filter->second, done.how);
}

/// Those that came meanwhile, with a view of a change that the reading has not seen, go on waiting.
void matcher_state::answer(const filter_key& key, known_filter& filter, const std::string& how) {
  std::erase_if(filter.waiting, [&](waiter& each) {
    if (each.number > filter.present->to)
      return false;
    each.asker.deliver(each.number < filter.present->from ? match_reply{} : match_reply{filter.present, how});
    return true;
  });
  if (!filter.waiting.empty())
    to_do_.push_back(key);
}

void matcher_state::fail(std::variant<filter_key, counting>& whose, const error& why) {
  if (auto* const counted = std::get_if<counting>(&whose))
    return counted->asker.deliver(why);
  const auto failed = filters_.find(std::get<filter_key>(whose));
  if (failed == filters_.end())
    return;
  for (auto& each : failed->second.waiting)
    each.asker.deliver(why);
  // It may be asked for again, which may go better.
  filters_.erase(failed);
}

/// All who waited for it may be gone.
bool matcher_state::is_wanted(const std::variant<filter_key, counting>& whose) const {
  const auto* const key = std::get_if<filter_key>(&whose);
  if (key == nullptr)
    return true;
  const auto filter = filters_.find(*key);
  return filter != filters_.end() && !filter->second.waiting.empty();
}

/// What is read goes on being read: who asks again has it the sooner.
void matcher_state::expire(matcher_self* self) {
  const auto time = self->clock().now();
  for (auto& [key_, filter] : filters_)
    std::erase_if(filter.waiting, [&](waiter& each) {
      if (each.until.at > time)
        return false;
      each.asker.deliver(error{errc::deadline_exceeded, "the rows that match the filter were not known in time"});
      return true;
    });
}

void matcher_state::forget_oldest() {
  if (filters_.size() <= most_filters)
    return;
  auto oldest = filters_.end();
  for (auto each = filters_.begin(); each != filters_.end(); ++each)
    if (each->second.waiting.empty() && (oldest == filters_.end() || each->second.used < oldest->second.used))
      oldest = each;
  if (oldest != filters_.end())
    filters_.erase(oldest);
}

void matcher_state::fail_all(const error& why) {
  for (auto& [key_, filter] : filters_)
    for (auto& each : std::exchange(filter.waiting, {}))
      each.asker.deliver(why);
  for (auto& each : to_do_)
    if (auto* const counted = std::get_if<counting>(&each))
      counted->asker.deliver(why);
  if (auto* const counted = now_ ? std::get_if<counting>(&now_->whose) : nullptr)
    counted->asker.deliver(why);
}

matcher_actor::behavior_type matcher(matcher_self* self, std::string path, std::uint64_t file_id) {
  self->set_exception_handler(end_quietly);
  auto opened = storage::filter_source::open(path);
  if (!opened) {
    self->quit(to_caf(opened.error()));
    return matcher_actor::behavior_type::make_empty_behavior();
  }
  self->state.file = *std::move(opened);
  self->state.file_id = file_id;
  self->set_exit_handler([self](caf::exit_msg& message) {
    if (message.reason == caf::exit_reason::user_shutdown)
      self->state.fail_all({errc::closed, "the database was closed"});
    self->quit(message.reason);
  });
  return {
    [self](match_atom, const match_request& request) { return self->state.match(self, request); },
    [self](count_atom, collection_id id, const count_request& request) { return self->state.count(self, id, request); },
    [self](next_atom) { self->state.go_on(self); },
  };
}

} // namespace lodge
