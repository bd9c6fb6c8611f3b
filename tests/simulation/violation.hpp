#pragma once

#include <stdexcept>

namespace lodge::test {

/// lodge did what it promises never to do; the text says what.
struct violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace lodge::test
