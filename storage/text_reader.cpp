#include "storage/text_reader.hpp"

#include "storage/newest_number.hpp"
#include "storage/schema.hpp"
#include "storage/sqlite.hpp"
#include "storage/stored_row.hpp"
#include "storage/text_index.hpp"
#include "storage/text_query.hpp"

#include <algorithm>

namespace lodge::storage {

namespace {

/// Some milliseconds' work.
constexpr std::size_t candidates_a_step = 1'000;
constexpr std::size_t rows_a_step = 500;

struct candidate {
  double score = 0;
  std::uint64_t label = 0;
};

bool is_better(const candidate& a, const candidate& b) {
  return a.score != b.score ? a.score > b.score : a.label < b.label;
}

/// The rows whose words match, in the order of their labels, with what their own rows say of their end. The order of
/// the join is fixed: the words lead to the rows.
std::string select_candidates(collection_id collection) {
  const auto index = text_index::name(collection);
  return "SELECT w.rowid, bm25(" + index + "), i.died_at FROM " + index + " w CROSS JOIN items i ON i.label = w.rowid"
    + " WHERE w." + index + " MATCH ?1 AND w.rowid <= ?2";
}

} // namespace

class text_reader::state {
public:
  explicit state(const std::string& path) : on(path, access::read) {}

  bool begin(const text_question& asked) {
    auto expression = to_match_expression(asked.query);
    if (!expression)
      throw failure{expression.error()};
    snapshot.emplace(on);
    require_known_format(on);
    const auto newest = newest_number(on);
    const auto history_ends = require_living(asked.collection);
    question = asked;
    number = asked.as_of.value_or(newest);
    // A row that lived at that number died later, and is swept only if the log is cut at its death or later.
    if (std::min(history_ends, newest) > number)
      return false;
    match = *std::move(expression);
    look_into(asked.collection);
    candidates->with(match, number);
    is_looked_through = asked.limit == 0;
    return true;
  }

  /// @returns Whether every candidate was seen.
  bool look_through_some() {
    for (std::size_t seen = 0; seen < candidates_a_step; ++seen) {
      if (!candidates->step()) {
        candidates->reset();
        std::ranges::sort(best, is_better);
        return true;
      }
      const candidate next{-candidates->real(1), candidates->number(0)};
      if (may_be_among_the_best(next) && (!question.allows || question.allows(next.label)) && lives(next.label))
        keep(next);
    }
    return false;
  }

  /// @returns Whether the row of every match was read.
  bool read_some_rows() {
    for (std::size_t read = 0; read < rows_a_step && matches.size() < best.size(); ++read) {
      const auto& next = best[matches.size()];
      const scope_reset at_end{by_label};
      const auto row = read_row(next.label);
      if (row.collection != question.collection || !lived(row.died_at))
        throw failure{errc::corrupt,
                      "the text index of collection " + std::to_string(question.collection)
                        + " leads to the row of label " + std::to_string(next.label) + ", which is not one of its own"};
      matches.push_back({next.label, next.score, std::string{row.key},
                         question.with_metadata ? std::string{row.metadata} : std::string{}});
    }
    return matches.size() == best.size();
  }

  void end() {
    if (candidates)
      candidates->reset();
    snapshot.reset();
    best.clear();
    matches.clear();
    is_looked_through = false;
  }

  connection on;
  std::optional<read_scope> snapshot;
  text_question question;
  std::uint64_t number = 0;
  bool is_looked_through = false;
  std::vector<text_match> matches;

private:
  /// @returns How far the log of the collection was cut.
  std::uint64_t require_living(collection_id collection) {
    const scope_reset at_end{living};
    if (!living.with(collection).step())
      throw failure{errc::collection_dropped, "the collection was dropped"};
    if (living.text(1) == "[]")
      throw failure{errc::invalid_argument, "the collection has no text fields"};
    return living.number(0);
  }

  void look_into(collection_id collection) {
    if (candidates_of == collection)
      return;
    // If it cannot be made, there is none.
    candidates_of = 0;
    candidates.emplace(on, select_candidates(collection).c_str());
    candidates_of = collection;
  }

  bool lived(std::uint64_t died_at) const { return died_at == 0 || died_at > number; }

  /// What says that a row is dead is believed once its checksum has agreed; what says that it lives is checked with
  /// the rest of the row, if it is among the best.
  bool lives(std::uint64_t label) {
    if (lived(candidates->number(2)))
      return true;
    const scope_reset at_end{by_label};
    return lived(read_row(label).died_at);
  }

  stored_row read_row(std::uint64_t label) {
    if (!by_label.with(label).step())
      throw failure{errc::corrupt, "the row of label " + std::to_string(label) + " is missing"};
    return checked_item(by_label);
  }

  bool may_be_among_the_best(const candidate& next) const {
    return best.size() < question.limit || is_better(next, best.front());
  }

  /// A heap with the worst of the best in front.
  void keep(const candidate& next) {
    if (best.size() == question.limit) {
      std::ranges::pop_heap(best, is_better);
      best.pop_back();
    }
    best.push_back(next);
    std::ranges::push_heap(best, is_better);
  }

  std::string match;
  std::vector<candidate> best;
  collection_id candidates_of = 0;
  std::optional<statement> candidates;
  statement living{on, "SELECT dropped_up_to, text_fields FROM collections WHERE id = ? AND dropped_at IS NULL"};
  statement by_label{on, (select_stored_item + "WHERE i.label = ?").c_str()};
};

text_reader::text_reader(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
text_reader::~text_reader() = default;

result<std::unique_ptr<text_reader>> text_reader::open(const std::string& path) {
  return guarded([&] { return std::unique_ptr<text_reader>{new text_reader{std::make_unique<state>(path)}}; });
}

void text_reader::end() { state_->end(); }

result<bool> text_reader::begin(const text_question& question) {
  end();
  auto begun = guarded([&] { return in_text_index([&] { return state_->begin(question); }); });
  if (!begun || !*begun)
    end();
  return begun;
}

result<std::optional<text_answer>> text_reader::step() {
  auto done = guarded([&]() -> std::optional<text_answer> {
    auto& s = *state_;
    if (!s.is_looked_through)
      s.is_looked_through = in_text_index([&] { return s.look_through_some(); });
    if (s.is_looked_through && s.read_some_rows())
      return text_answer{s.number, std::move(s.matches)};
    return std::nullopt;
  });
  if (!done || *done)
    end();
  return done;
}

} // namespace lodge::storage
