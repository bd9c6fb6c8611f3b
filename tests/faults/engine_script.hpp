#pragma once

#include <lodge/error.hpp>
#include <lodge/types.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodge::test {

/// What may be stored under a key: one state after a definite answer, several after `outcome_unknown` and while a
/// call is under way. None: the key is not there.
using stored = std::optional<item>;
using possibilities = std::map<std::string, std::vector<stored>>;

bool same(const stored& a, const stored& b);

/// The life of a database by actors, all on one thread, in a schedule that the seed chooses; whatever fails on the
/// way, each call is answered, and what is answered is right.
class engine_script {
public:
  /// `fill` may bring a file into the directory, with these items in the collection "words".
  explicit engine_script(
    std::uint32_t seed, possibilities present = {},
    const std::function<void(const std::filesystem::path&)>& fill = [](const auto&) {});
  ~engine_script();

  void run();
  /// Nothing fails any more: the parts start again, everything is there and is found, also after closing and opening.
  void verify();

  /// Each error that came, with the call's name.
  std::function<void(const std::string&, const error&)> on_error = [](const std::string&, const error&) {};
  /// Before a call that changes something, and after its answer.
  std::function<void(const possibilities&)> on_change = [](const possibilities&) {};

  /// A call that failed succeeds when it is made again a little later.
  bool faults_pass = false;

private:
  class session;
  std::unique_ptr<session> session_;
};

} // namespace lodge::test
