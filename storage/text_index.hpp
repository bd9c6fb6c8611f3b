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
///
/// Each commit leaves a part of its own behind (FTS5: a segment of level 0), and a search looks into every part.
/// Sixteen of one level become one of the next (`merge`), in slices that commits pay for by what they wrote. FTS5 would
/// do as much by itself, but at once after every 64 parts. **Limits**: a slice merges at least all of one word; so a
/// put waits longer once in a while, the more rows have the most frequent word.
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
  /// Puts parts of the index together that belong together, so many pages or one word. @returns Whether there may be
  /// more.
  bool merge(std::uint64_t pages);
  /// Does as much of that as was paid for by what was written; nothing as long as that is little.
  void merge_what_is_paid();
  void build_anew();

  /// Whether it has gathered what it will write with the next savepoint or commit.
  bool has_gathered() const { return has_gathered_; }
  void forget_gathered() { has_gathered_ = false; }

private:
  template <class Function>
  void or_build_anew(Function function);
  void require_all_known();
  void pay_for(std::string_view metadata);

  /// A slice, some tenths of a millisecond.
  static constexpr std::uint64_t pages_a_slice = 8;
  static constexpr std::uint64_t bytes_a_page = 4'096;

  connection& on_;
  collection_id collection_;
  bool has_gathered_ = false;
  bool has_changed_ = false;
  /// Bytes that may be merged. What others wrote before is not known here: they may have been about to merge.
  std::uint64_t paid_ = pages_a_slice * bytes_a_page;
  std::string name_;
  statement insert_;
  statement remove_;
  statement find_forgotten_;
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
