#pragma once

#include "bench/data.hpp"
#include "bench/truth.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lodge::bench {

using seconds = std::chrono::duration<double>;

/// The same for every contestant, and each one's defaults otherwise.
inline constexpr std::size_t graph_m = 16;
inline constexpr std::size_t graph_ef_construction = 200;

/// What one thread searches an index with, a call at a time.
class asker {
public:
  virtual ~asker() = default;

  /// Queries that one call takes.
  virtual std::size_t queries_a_call() const { return 1; }
  /// The k nearest rows to each of `queries_a_call` queries, from number `first` on.
  virtual std::vector<neighbours> ask(const matrix& queries, std::size_t first, std::size_t k) = 0;
};

/// A way to ask an index, and the name that its figures go by.
struct way {
  std::string name;
  /// One for each thread.
  std::function<std::unique_ptr<asker>()> begin;
};

/// An index that is open and answers.
class contestant {
public:
  virtual ~contestant() = default;

  /// The k nearest rows to a query. From any number of threads at the same time.
  virtual neighbours search(std::span<const float> query, std::size_t k) const = 0;
  /// Candidates that searches from now on keep. Not while one is under way.
  virtual void set_ef(std::size_t ef) = 0;
  /// All ways to ask it, which live as long as it does: by default, one call of `search` a query.
  virtual std::vector<way> ways(const std::string& name) const;
  /// Returns once searches are as fast as they get.
  virtual void wait_until_ready() {}
};

struct build_times {
  /// Storing the rows: lodge's durable import. 0 where rows and graph are one.
  seconds rows{0};
  seconds graph{0};
};

/// A library that takes part.
struct competitor {
  std::string name;
  /// Ending of the file that it keeps its index in.
  std::string ending;
  /// Builds an index with one thread, and stores it in a file that is not there yet. Storing a finished index is not
  /// timed.
  build_times (*build)(const dataset& data, const std::string& file);
  std::unique_ptr<contestant> (*open)(const std::string& file, std::size_t dimension);
};

competitor lodge_competitor();
competitor faiss_competitor();
/// FAISS's own search over the very graph that lodge has built: `file` is lodge's. Has no `build`.
competitor faiss_on_lodges_graph();
#ifdef LODGE_BENCH_HNSWLIB
competitor hnswlib_competitor();
#endif

/// Those that build: all but `faiss_on_lodges_graph`.
std::vector<competitor> builders();
/// Those that take part on a data: on `million`, FAISS is left out, which would build for an hour.
std::vector<competitor> builders_on(const std::string& data_name);
competitor builder_named(const std::string& name);

} // namespace lodge::bench
