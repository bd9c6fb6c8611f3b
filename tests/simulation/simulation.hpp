#pragma once

#include "index/search.hpp"
#include "tests/simulation/history.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/observer.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/process.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace lodge::test {

/// Several processes on one file, all on one thread: a seed chooses each step of an actor, each call of a client, each
/// kill. After each step of a WRITER the file is read from outside and becomes the model that every answer must fit.
///
/// **Operation**: `run` throws a `violation` at the first thing that must not be. The same seed does the same.
/// **Limits**: a step of an actor is never cut in two, so nothing is killed within a transaction.
class simulation {
public:
  /// @param path A file without a collection, opened by nobody else.
  /// @param trace Gets a line a step if it is given.
  simulation(std::uint32_t seed, std::string path, std::vector<std::string>* trace);
  ~simulation();

  void run();

  /// Of every decision and every answer.
  std::uint64_t fingerprint() const { return fingerprint_; }
  std::uint64_t steps() const { return steps_; }

private:
  /// What was so when a call was made.
  struct call {
    std::string what;
    std::uint64_t collection = 0;
    /// The file's last change.
    std::uint64_t began_at = 0;
    /// What the answer must have seen: all that this process's client knew of the collection, and what it asked for.
    std::uint64_t floor = 0;
    std::chrono::milliseconds time{0};
    std::optional<position> at_least = {};
  };

  // simulation.cpp: the schedule.
  void event(process& in);
  void disturb(std::uint32_t dice);
  void steps(unsigned count);
  void step(process& which);
  void look(process* committed_by);
  void start(std::size_t place);
  void end(std::size_t place, bool by_kill);
  void advance(process& which);
  void checkpoint();
  void note(const process* which, const std::string& what);
  void hash(std::uint64_t value);

  // settling.cpp: the end of a seed, when all must be well.
  void settle();
  void run_until_answered();
  void verify(process& in);
  void verify(process& in, const std::string& name);
  void verify_compaction(process& in, const std::string& name);
  void close_all();
  template <class Reply, class Handle, class... Ts>
  Reply must_answer(process& in, const std::string& what, const Handle& whom, Ts&&... request);

  // operations.cpp: what clients ask.
  void ask_something(process& in);
  void open_collection(process& in, const std::string& name);
  void drop_collection(process& in, const std::string& name);
  void list_collections(process& in);
  void compact(process& in, const process::collection& of);
  void write(process& in, const process::collection& to);
  void put(process& in, const process::collection& to, bool only_if);
  void update_metadata(process& in, const process::collection& to);
  void remove(process& in, const process::collection& from);
  search_request random_search(const process::collection& where);
  std::string random_filter();
  void search(process& in, const process::collection& where);
  void search_by_reader(process& in, process::collection& where);
  search_reply search_in(const index::view& view, const search_request& request, std::uint64_t file);
  void get(process& in, const process::collection& from);
  void contains(process& in, const process::collection& from);
  void scan(process& in, const process::collection& of);
  void size(process& in, const process::collection& of);
  void stats(process& in, const process::collection& of);

  call begin(const process& in, const std::string& what, std::uint64_t collection = 0) const;
  std::optional<position> some_position();
  std::string random_key();
  std::vector<float> random_vector(std::uint64_t collection);
  item random_item(std::uint64_t collection, std::size_t place);

  // answers.cpp: what they may be told.
  template <class Reply>
  bool is_answer(const process& in, const call& of, const result<Reply>& got);
  void judge_failure(const process& in, const call& of, const error& why);
  void judge_search(process& in, const call& of, const search_request& asked, const search_reply& got);
  void judge_hits(const collection_history& model, const exact_model& at, const search_request& asked,
                  const std::vector<float>& query, const hits& found, const call& of) const;
  void judge_record(const call& of, const std::string& key, const result<record>& got) const;
  void judge_page(const call& of, const scan_request& asked, const page& got) const;
  void judge_stats(const call& of, const collection_stats& got) const;
  void judge_compaction(const call& of, const compaction_report& got) const;
  /// Whether there was a number since the call began at which this was so.
  template <class Predicate>
  bool at_some_time(const call& of, Predicate predicate) const;
  void saw(process& in, std::uint64_t collection, std::uint64_t number) const;

  std::string path_;
  std::vector<std::string>* trace_;
  std::mt19937 random_;
  index::search_scratch scratch_;
  plan plan_;
  std::unique_ptr<observer> outside_;
  std::uint64_t identity_ = 0;
  history file_;
  ledger writes_{file_};
  /// Null where a process is down.
  std::vector<std::unique_ptr<process>> processes_;
  unsigned started_ = 0;
  bool any_lost_parts_ = false;
  /// No error is excused any more.
  bool is_settled_ = false;
  std::uint64_t steps_ = 0;
  std::uint64_t fingerprint_ = 14'695'981'039'346'656'037U;
};

} // namespace lodge::test
