//  thread ── call ──▶ facade ── request ──▶ DATABASE or COLLECTION
//     ◀── result ───────┘ ◀────── answer ────────┘

#include "actors/engine.hpp"

#include "actors/database.hpp"
#include "actors/validate.hpp"

namespace lodge {

engine::config::config(const database_options& options) {
  register_types(*this);
  // Workers that sleep while idle: stealing ones would poll.
  set("scheduler.policy", caf::atom("sharing"));
  // One more than there are SEARCHERs, each of which may be busy for long: COLLECTION and HOLDER answer meanwhile.
  set("scheduler.max-threads", searchers_of(options) + 1);
}

result<std::shared_ptr<engine>> engine::open(const std::string& path, const database_options& options) {
  if (auto checked = check_options(options); !checked)
    return checked.error();
  auto made = std::shared_ptr<engine>{new engine{options}};
  auto opened = open_database(made->running_->system, path, options);
  if (!opened)
    return opened.error();
  made->running_->database = *std::move(opened);
  return made;
}

engine::~engine() {
  if (is_forked()) {
    // To end it here would wait for threads that there are not.
    [[maybe_unused]] auto* const left_alone = running_.release();
    return;
  }
  if (running_->database)
    // There is nobody left to tell.
    close().ignore();
  // The system waits for its actors, and an actor that is held does not end.
  running_->database = nullptr;
}

error engine::forked() const {
  return {errc::forked,
          "the database was opened by process " + std::to_string(process_) + ", and this is process "
            + std::to_string(getpid()) + ", forked from it"};
}

result<void> engine::close() {
  // A second close finds it closed, which is what it wants.
  if (auto closed = ask_database<position>(no_timeout, errc::outcome_unknown, close_atom_v);
      !closed && closed.error().code != errc::closed)
    return closed.error();
  return {};
}

} // namespace lodge
