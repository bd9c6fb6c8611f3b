#pragma once

#include "storage/rows.hpp"
#include "storage/sqlite.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lodge::storage {

/// The words of one collection's rows, on a connection that writes: an FTS5 table whose rowids are labels.
///
/// Rows are versions, and the index has each as long as its row is there, dead or alive: an update costs as much as
/// another put, and a search as of an earlier number finds what lived then. It is derived: where it turns out to be
/// damaged while it is written, it is built anew of the rows, which takes as long as there are many. All throw
/// `failure`.
class text_index {
public:
  /// "text_7"
  static std::string name(collection_id collection);
  /// "field_1", of the first of the collection's text fields.
  static std::string column(std::size_t place);
  /// "field_1, field_2"
  static std::string columns(std::size_t count);
  /// Words are runs of letters and digits, without regard to case and accents: "Müller" is found by "muller".
  static inline const std::string tokenizer = "tokenize='unicode61 remove_diacritics 2'";

  static void create(connection& on, collection_id collection, std::span<const std::string> fields);
  /// A slice of taking an index apart, whose rows nobody needs any more. @returns Whether it was there.
  static bool drop(connection& on, collection_id collection);
  /// Forgets all, and puts every row of the collection in.
  static void build_anew(connection& on, collection_id collection);

  text_index(connection& on, collection_id collection, std::span<const std::string> fields);

  /// Puts a row in, whose item is stored already. Labels that ascend within a transaction are written together.
  void add(std::uint64_t label, std::string_view metadata);
  /// Takes rows out that are still there, and about to be deleted. The labels ascend.
  ///
  /// @returns Whether all went well; if not, a row or the index is damaged, and the index is to be built anew.
  bool take_out_rows(std::span<const std::uint64_t> labels);
  /// Puts parts of the index together that belong together, up to so many pages. @returns Whether there may be more.
  bool merge(std::uint64_t pages);
  void build_anew() { build_anew(on_, collection_); }

  /// Whether it has gathered what it will write with the next savepoint or commit.
  bool has_gathered() const { return has_gathered_; }
  void forget_gathered() { has_gathered_ = false; }

private:
  template <class Function>
  void or_build_anew(Function function);

  connection& on_;
  collection_id collection_;
  bool has_gathered_ = false;
  std::string name_;
  statement insert_;
  statement remove_;
};

/// Calls a function that uses a text index. What FTS5 calls a plain error is damage, since our statements fit.
template <class Function>
auto in_text_index(Function function) {
  try {
    return function();
  } catch (failure& caught) {
    if (caught.reason.code == errc::internal)
      caught.reason.code = errc::corrupt;
    throw;
  }
}

} // namespace lodge::storage
