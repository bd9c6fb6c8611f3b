#pragma once

#include <cassert>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace lodge {

/// What went wrong, named by what the caller must act on. The figures are in `error::detail`.
enum class errc : std::uint8_t {
  none = 0,
  /// An argument is out of its range (a negative k, a limit of 0).
  invalid_argument,
  /// A vector or query has another number of values than the collection.
  dimension_mismatch,
  /// A vector is empty, holds NaN or infinity, or is zero under the cosine metric.
  invalid_vector,
  /// A key is empty, too long, or not UTF-8.
  invalid_key,
  /// A collection name is empty, too long, or not UTF-8.
  invalid_name,
  /// Metadata is not JSON text, or is nested too deep.
  invalid_metadata,
  /// A filter is no JSON, or has an operator or operand that there is not.
  invalid_filter,
  /// No living item has this key.
  key_not_found,
  /// No collection has this name, and none was to be created.
  collection_not_found,
  /// The collection was dropped after the handle was made.
  collection_dropped,
  /// The collection exists with another dimension, metric or graph option.
  options_mismatch,
  /// `put_if` found another version of the item than it was told to expect.
  conflict,
  /// Too many calls or bytes wait already; nothing was done, try again later.
  overloaded,
  /// One call carries more than the limit; nothing was done, split it.
  too_large,
  /// The deadline passed before the call was begun; it was not and will not be done.
  deadline_exceeded,
  /// The write was under way when its answer was lost; it may be there or not. Repeating a put is safe.
  outcome_unknown,
  /// A part of the engine is being restarted; nothing was done, try again.
  unavailable,
  /// The database was closed.
  closed,
  /// Another process holds the lock that is needed, until after the deadline.
  busy,
  /// The database was opened for reading only.
  read_only,
  /// The handle, or a file that was open, comes from before a fork(); in the child it is of no use. Open files after
  /// the fork, or exec.
  forked,
  /// The disk is full; nothing was written.
  disk_full,
  /// Reading or writing the file failed; the detail has the system's words.
  io_error,
  /// The file or its directory may not be read or written by this process.
  permission_denied,
  /// The file is on a network file system, and the options do not insist.
  network_file_system,
  /// The file cannot be read without one who may write it opening it first: its -shm is missing, or out of date.
  needs_recovery,
  /// There is no such file, and none was to be created.
  file_not_found,
  /// The target of a backup or export exists already.
  file_exists,
  /// The file is no SQLite database.
  not_a_database,
  /// The file is an SQLite database of another application.
  foreign_file,
  /// The file was written by a newer lodge; this one writes nothing to it.
  newer_format,
  /// Rows of the file are damaged; see `lodge check`.
  corrupt,
  /// The stored graph is damaged; answers stay right, it is rebuilt from the rows.
  base_corrupt,
  /// `at_least` names a number that the file has not reached.
  position_not_reached,
  /// `at_least` was given out by another file.
  position_of_other_file,
  /// The state that a page of hits is of is kept no more; begin again with the first page.
  page_expired,
  /// Memory ran out.
  out_of_memory,
  /// A bug in lodge; please report it with the detail.
  internal,
};

/// The enumerator's name, as written above.
inline std::string to_string(errc code) {
  switch (code) {
  case errc::none: return "none";
  case errc::invalid_argument: return "invalid_argument";
  case errc::dimension_mismatch: return "dimension_mismatch";
  case errc::invalid_vector: return "invalid_vector";
  case errc::invalid_key: return "invalid_key";
  case errc::invalid_name: return "invalid_name";
  case errc::invalid_metadata: return "invalid_metadata";
  case errc::invalid_filter: return "invalid_filter";
  case errc::key_not_found: return "key_not_found";
  case errc::collection_not_found: return "collection_not_found";
  case errc::collection_dropped: return "collection_dropped";
  case errc::options_mismatch: return "options_mismatch";
  case errc::conflict: return "conflict";
  case errc::overloaded: return "overloaded";
  case errc::too_large: return "too_large";
  case errc::deadline_exceeded: return "deadline_exceeded";
  case errc::outcome_unknown: return "outcome_unknown";
  case errc::unavailable: return "unavailable";
  case errc::closed: return "closed";
  case errc::busy: return "busy";
  case errc::read_only: return "read_only";
  case errc::forked: return "forked";
  case errc::disk_full: return "disk_full";
  case errc::io_error: return "io_error";
  case errc::permission_denied: return "permission_denied";
  case errc::network_file_system: return "network_file_system";
  case errc::needs_recovery: return "needs_recovery";
  case errc::file_not_found: return "file_not_found";
  case errc::file_exists: return "file_exists";
  case errc::not_a_database: return "not_a_database";
  case errc::foreign_file: return "foreign_file";
  case errc::newer_format: return "newer_format";
  case errc::corrupt: return "corrupt";
  case errc::base_corrupt: return "base_corrupt";
  case errc::position_not_reached: return "position_not_reached";
  case errc::position_of_other_file: return "position_of_other_file";
  case errc::page_expired: return "page_expired";
  case errc::out_of_memory: return "out_of_memory";
  case errc::internal: return "internal";
  }
  return "unknown";
}

/// A failure: what to act on, and a sentence with the figures ("got 3 values, the collection holds 4").
struct error {
  errc code = errc::none;
  std::string detail;

  explicit operator bool() const { return code != errc::none; }
};

/// "dimension_mismatch: got 3 values, the collection holds 4"
inline std::string to_string(const error& failure) { return to_string(failure.code) + ": " + failure.detail; }

/// Ends the program with exit code 1 after a line on standard error.
[[noreturn]] inline void exit_with(const error& failure) {
  std::fprintf(stderr, "lodge: %s\n", to_string(failure).c_str());
  std::exit(1);
}

/// A value, or the error that kept it from being made. Never empty.
///
/// `value`, `*` and `->` are for one that has a value, and throw a std::logic_error that tells the error otherwise;
/// `error` is for one that has none.
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(lodge::error failure) : state_(std::in_place_index<1>, std::move(failure)) { assert(std::get<1>(state_)); }
  result(errc code, std::string detail) : result(lodge::error{code, std::move(detail)}) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool has_value() const { return state_.index() == 0; }

  T& value() & {
    check();
    return std::get<0>(state_);
  }
  const T& value() const& {
    check();
    return std::get<0>(state_);
  }
  T&& value() && {
    check();
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  /// By value, so that `for (auto& hit : *words.search(query))` keeps what it walks over.
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const lodge::error& error() const { return std::get<1>(state_); }

  /// The value; an error is written to standard error and ends the program. For small programs and examples.
  T or_exit() && {
    require();
    return *std::move(*this);
  }
  const T& or_exit() const& {
    require();
    return value();
  }

private:
  void check() const {
    if (!*this)
      throw std::logic_error{"a result was taken for a value, and is an error: " + to_string(error())};
  }
  void require() const {
    if (!*this)
      exit_with(error());
  }

  std::variant<T, lodge::error> state_;
};

/// Success without a value, or the error.
template <>
class [[nodiscard]] result<void> {
public:
  result() = default;
  result(lodge::error failure) : failure_(std::move(failure)) { assert(*failure_); }
  result(errc code, std::string detail) : result(lodge::error{code, std::move(detail)}) {}

  explicit operator bool() const { return !failure_; }
  bool has_value() const { return !failure_; }
  const lodge::error& error() const { return *failure_; }

  void or_exit() const {
    if (failure_)
      exit_with(*failure_);
  }

  /// For a step whose failure is made good elsewhere; the caller says where.
  void ignore() const {}

private:
  std::optional<lodge::error> failure_;
};

} // namespace lodge
