#pragma once

#include "storage/writer.hpp"
#include "tests/faults/contents.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lodge::test {

/// A whole life of a file, by storage's own classes: made, filled, compacted, swept, closed, opened again, and so on,
/// whatever fails on the way; beside it, what the file must hold after it.
///
/// A change that was answered with success is there from then on, one that was answered with an error is not. After
/// `outcome_unknown` it is not there for this process, and may be there once the file is opened again.
class storage_script {
public:
  explicit storage_script(std::string path) : path_(std::move(path)) {}
  /// Of a file that holds this already.
  storage_script(std::string path, contents present) : path_(std::move(path)), seen_{std::move(present)} {}

  void run();
  /// Without opening anything anew: one more put, that must be done and seen.
  void go_on();
  /// Closes the file, opens it, verifies all of it, and changes it once more. Nothing may fail.
  void reopen_and_verify();

  /// Called after each answer to a change, with what the file must hold from then on.
  std::function<void(const contents&)> on_answer = [](const contents&) {};
  /// Each error that came, with the step's name.
  std::function<void(const std::string&, const error&)> on_error = [](const std::string&, const error&) {};

private:
  struct request {
    std::function<result<void>(storage::writer&)> apply;
    std::function<void(contents&)> effect;
  };

  bool open(bool create);
  void close();
  void open_step(const std::string& name, bool create);
  bool transact(const std::string& name, const std::vector<request>& requests);
  void settle(const std::vector<const request*>& done, const result<std::uint64_t>& outcome);
  void fail(const std::string& name, const error& why);

  /// In every state that may be the present one.
  bool has(const std::string& name) const;
  bool has(const std::string& name, const std::string& key) const;
  bool make(const std::string& name);
  request put(const std::string& name, std::vector<item> items);
  request describe(const std::string& name, const std::string& key, const std::string& metadata);
  request remove(const std::string& name, std::vector<std::string> keys);
  void fill(const std::string& name, int first, int end);
  void compact(const std::string& name, std::size_t bytes);
  void sweep();
  void drop(const std::string& name);
  void checkpoint(bool always);
  void look();
  void look_at(const contents& read, const std::string& when);

  std::string path_;
  bool was_made_ = false;
  std::unique_ptr<storage::writer> file_;
  std::unique_ptr<storage::reader> read_;
  /// By name, as this process was told.
  std::map<std::string, storage::collection_id> ids_;
  /// What this process must see: one of these, more than one only between an opening and the first look.
  std::vector<contents> seen_{1};
  /// What may be there instead after the next opening.
  std::vector<contents> unknown_;
};

} // namespace lodge::test
