#pragma once

#include <lodge/types.hpp>

#include "index/view.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace lodge {

/// Says by its life that something is the newest: its giver lets it go once there is something newer, and those who
/// have a weak pointer to it see that without a message. They never lock it, so that its life is the giver's alone.
struct lease {};
using lease_ptr = std::shared_ptr<const lease>;
using lease_watch = std::weak_ptr<const lease>;

/// Asks for a view to search in.
struct lease_request {
  std::optional<position> at_least = {};
  std::chrono::milliseconds timeout{};
};

/// A view that its reader may search until one of the leases has ended.
struct leased_view {
  std::uint64_t file = 0;
  std::string path;
  index::view_ptr view;
  /// INDEX HOLDER's: it has no newer view.
  lease_watch newest;
  /// WRITER's: it has answered no commit that the view does not hold.
  lease_watch complete;
};

/// What a reader keeps of a leased view between two searches: nothing that lives longer for it.
class view_watch {
public:
  void renew(const leased_view& leased) {
    file_ = leased.file;
    path_ = leased.path;
    view_ = leased.view;
    newest_ = leased.newest;
    complete_ = leased.complete;
  }

  /// The view, if its leases have not ended and it has this change; else null: another is to be asked for.
  index::view_ptr current(const std::optional<position>& at_least) const {
    if (newest_.expired() || complete_.expired())
      return nullptr;
    auto view = view_.lock();
    if (view && at_least && (at_least->file != file_ || at_least->number > view->number))
      return nullptr;
    return view;
  }

  std::uint64_t file() const { return file_; }
  const std::string& path() const { return path_; }

private:
  std::uint64_t file_ = 0;
  std::string path_;
  std::weak_ptr<const index::view> view_;
  lease_watch newest_;
  lease_watch complete_;
};

} // namespace lodge
