#pragma once

#include "bench/journal.hpp"
#include "bench/run_options.hpp"
#include "bench/truth.hpp"

/// The parts of the benchmark. Each measures all contestants in turn, again and again, so that a drift of the machine
/// hits all of them, and writes every single figure; medians are the report's.
namespace lodge::bench {

/// Neighbours asked for, as in recall@10.
inline constexpr std::size_t k = 10;

/// Builds each contestant's index, in a process of its own, and leaves it in its file.
void build_part(const run_options& options, const data_choice& data, journal& out);
/// Searches those files: the least ef for each recall, then rate and latencies there; and the curve of all efs.
void search_part(const run_options& options, const dataset& data, journal& out);
/// Scans of all rows, beside FAISS's and what one core reads.
void exact_part(const run_options& options, const dataset& data, journal& out);
/// Searches with filters of several selectivities, and what knowing their rows takes.
void filter_part(const run_options& options, const dataset& data, journal& out);
/// Collections of the same rows, whose vectors lie in memory as float32, float16 and int8: their size, and searches.
void form_part(const run_options& options, const dataset& data, journal& out);
/// From the start of a process to its first answer, from the disk and from the cache, and its memory.
void open_part(const run_options& options, const dataset& data, journal& out);
/// Puts with text by the rows that are there, and searches for words.
void text_part(const run_options& options, journal& out);
/// Durable puts, beside SQLite alone.
void write_part(const run_options& options, journal& out);
/// Searches while puts arrive, and while the collection is compacted.
void mixed_part(const run_options& options, journal& out);
/// What replacing all content does to the recall, and what the graphs cost beside the puts.
void churn_part(const run_options& options, journal& out);
/// Searches, puts and compactions over a minute.
void timeline_part(const run_options& options, journal& out);
/// Several processes on one file: commit to visible, puts of 1 to 8 processes, searches beside another process.
void processes_part(const run_options& options, journal& out);
/// What a put costs the holder of the view.
void holder_part(const run_options& options, journal& out);

/// In the child process of `build_part`, `open_part` and `processes_part`: results go to standard output.
void build_child(const std::string& contestant, const data_choice& data, const std::string& file);
void open_child(const std::string& contestant, std::size_t dimension, const std::string& file);
void process_child(const std::string& what, const std::string& file, unsigned number, seconds time);

} // namespace lodge::bench
