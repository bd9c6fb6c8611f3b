#pragma once

#include <boost/test/unit_test.hpp>

#include <lodge/error.hpp>

#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace lodge::test {

/// A process made by fork(), that runs one function; its value is the exit code. To be made while nothing of lodge is
/// open here, but where that is what is tested: a child has none of its parent's threads.
class child {
public:
  explicit child(const std::function<int()>& work) : process_(::fork()) {
    BOOST_REQUIRE(process_ >= 0);
    if (process_ == 0)
      ::_exit(work());
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    if (process_ > 0)
      ::waitpid(process_, nullptr, 0);
  }

  pid_t process() const { return process_; }

  /// Waits for its end, which must not be by a signal.
  int code() {
    int status = 0;
    BOOST_REQUIRE_EQUAL(::waitpid(process_, &status, 0), process_);
    process_ = 0;
    BOOST_REQUIRE_MESSAGE(WIFEXITED(status), "the child was ended by signal " << WTERMSIG(status));
    return WEXITSTATUS(status);
  }

private:
  pid_t process_;
};

/// What a function gives in a child.
inline errc in_child(const std::function<errc()>& work) {
  return static_cast<errc>(child{[&] { return static_cast<int>(work()); }}.code());
}

/// The same in a child without the superuser's rights.
inline errc as_nobody(const std::function<errc()>& work) {
  return in_child([&] {
    constexpr uid_t nobody = 65'534;
    if (::geteuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0))
      return errc::internal;
    return work();
  });
}

} // namespace lodge::test
