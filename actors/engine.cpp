//  thread ── call ──▶ facade ── request ──▶ DATABASE or COLLECTION
//     ◀── result ───────┘ ◀────── answer ────────┘

#include "actors/engine.hpp"

#include <algorithm>
#include <thread>

namespace lodge {

engine::config::config() {
  register_types(*this);
  // One worker a core, which sleep while idle: stealing workers would poll.
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", std::max(2U, std::thread::hardware_concurrency()));
}

result<std::shared_ptr<engine>> engine::open(const std::string& path, const database_options& options) {
  auto made = std::shared_ptr<engine>{new engine};
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
