#pragma once

#include "actors/engine.hpp"
#include "actors/interfaces.hpp"

#include <lodge/database.hpp>

#include <chrono>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace lodge {

/// Outlives neither its engine, which it keeps.
class collection::handle {
public:
  handle(std::shared_ptr<engine> of, collection_actor opened) : engine_(std::move(of)), actor_(std::move(opened)) {}
  ~handle() { actor_ = nullptr; }

  template <class Reply, class... Ts>
  result<Reply> write(std::chrono::milliseconds timeout, Ts&&... request) {
    return engine_->ask<Reply>(actor_, timeout, errc::outcome_unknown, std::forward<Ts>(request)...);
  }
  template <class Reply, class... Ts>
  result<Reply> read(std::chrono::milliseconds timeout, Ts&&... request) {
    return engine_->ask<Reply>(actor_, timeout, errc::deadline_exceeded, std::forward<Ts>(request)...);
  }

  template <class Reply, class Meanwhile, class... Ts>
  result<Reply> wait(Meanwhile meanwhile, Ts&&... request) {
    return engine_->ask_patiently<Reply>(actor_, meanwhile, std::forward<Ts>(request)...);
  }

  /// The same actor with its side doors: it is one of this process.
  template <class Reply, class... Ts>
  result<Reply> ask_inside(std::chrono::milliseconds timeout, Ts&&... request) {
    return engine_->ask<Reply>(caf::actor_cast<collection_inside_actor>(actor_), timeout, errc::deadline_exceeded,
                               std::forward<Ts>(request)...);
  }
  /// errc::forked in a child of the process that opened it.
  result<void> check_process() const { return engine_->check_process(); }

private:
  std::shared_ptr<engine> engine_;
  collection_actor actor_;
};

/// Queries one after the other, as they travel; errc::dimension_mismatch unless they are of one length.
result<search_request> make_search_request(std::span<const std::vector<float>> queries, const search_options& options);

} // namespace lodge
