#pragma once

#include <csignal>

namespace lodge::cli {

/// Holds SIGINT and SIGTERM back while it lives, so that a command can end in good order where it likes.
///
/// **Operation**: to be made before the database is opened, so that its threads hold them back too. A signal that came
/// is consumed at the end.
class interruption {
public:
  interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;
  ~interruption();

  bool arrived() const;
  /// Can be read from, as poll says, once a signal has arrived.
  int descriptor() const { return descriptor_; }

private:
  sigset_t signals_{};
  sigset_t before_{};
  int descriptor_ = -1;
};

} // namespace lodge::cli
