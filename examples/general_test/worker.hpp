#pragma once

#include "plan.hpp"

namespace general_test {

/// One process: puts, updates, removes and searches at random, says "written" and the last number that it was
/// answered; reads from standard input up to which number all have come; writes what it sees as of there into its state
/// file.
///
/// @returns An exit code.
int work(const plan& what, unsigned process);

} // namespace general_test
