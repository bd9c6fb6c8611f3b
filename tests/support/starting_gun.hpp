#pragma once

#include "tests/support/child.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace lodge::test {

/// Lets children begin at the same moment: they wait until the other end is closed.
class starting_gun {
public:
  starting_gun() { BOOST_REQUIRE_EQUAL(::pipe(ends_.data()), 0); }
  starting_gun(const starting_gun&) = delete;
  starting_gun& operator=(const starting_gun&) = delete;
  ~starting_gun() {
    ::close(ends_[0]);
    if (ends_[1] >= 0)
      ::close(ends_[1]);
  }
  /// In a child.
  void wait() {
    ::close(std::exchange(ends_[1], -1));
    char byte = 0;
    [[maybe_unused]] const auto end = ::read(ends_[0], &byte, 1);
  }
  void fire() { ::close(std::exchange(ends_[1], -1)); }

private:
  std::array<int, 2> ends_{-1, -1};
};

/// Runs `work` in so many processes at once. @returns What each gave.
inline std::vector<errc> at_once(std::size_t count, const std::function<errc(std::size_t)>& work) {
  starting_gun gun;
  std::vector<std::unique_ptr<child>> children;
  for (std::size_t i = 0; i < count; ++i)
    children.push_back(std::make_unique<child>([&, i] {
      gun.wait();
      return static_cast<int>(work(i));
    }));
  gun.fire();
  std::vector<errc> codes;
  for (const auto& each : children)
    codes.push_back(static_cast<errc>(each->code()));
  return codes;
}

} // namespace lodge::test
