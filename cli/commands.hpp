#pragma once

#include <lodge/database.hpp>

#include <span>
#include <string>

namespace CLI {
class App;
}

/// The commands of the tool. Each `add_` describes one to the command line, and lets it set the exit code.
namespace lodge::cli {

inline constexpr int succeeded = 0;
/// The command ran, and the answer is no: damage was found, a key is not there.
inline constexpr int answered_no = 1;
inline constexpr int failed = 2;
/// SIGINT or SIGTERM ended it, as a shell would say it.
inline constexpr int interrupted = 130;

void add_import(CLI::App& tool, int& code);
void add_search(CLI::App& tool, int& code);
void add_get(CLI::App& tool, int& code);
void add_put(CLI::App& tool, int& code);
void add_remove(CLI::App& tool, int& code);
void add_count(CLI::App& tool, int& code);
void add_collections(CLI::App& tool, int& code);
void add_drop(CLI::App& tool, int& code);
void add_stats(CLI::App& tool, int& code);
void add_watch(CLI::App& tool, int& code);
void add_compact(CLI::App& tool, int& code);
void add_check(CLI::App& tool, int& code);
void add_export(CLI::App& tool, int& code);
void add_backup(CLI::App& tool, int& code);
void add_completion(CLI::App& tool, int& code);
void add_man(CLI::App& tool, int& code);

/// Says the error on standard error. @returns `failed`.
int report(const error& failure);

class interruption;

/// Of a collection that may have to be made.
struct new_collection {
  std::uint32_t dimension = 0;
  std::string metric;
  std::uint32_t m = 0;
  std::uint32_t ef_construction = 0;
  std::string vector_form;
  std::vector<std::string> fields;
  std::vector<std::string> text_fields;
};
/// Describes the options of a collection that may have to be made.
void add_collection_options(CLI::App& command, new_collection& options);
collection_options to_options(const new_collection& options);
/// Why a collection of these options, which is not made yet, could not take the vector; no error if it could. Asked
/// before it is made: taken away afterwards, it could take along what others have put meanwhile.
error misfit(const collection_options& options, std::span<const float> vector);

/// Opens a file for one command. It is not compacted by itself: the command would end in the midst of it.
result<database> open_file(const std::string& file, bool create = false);

/// Opens a file for a command that only reads: without the right to write, or where one has it by `open_file` if nobody
/// has opened the file yet.
result<database> open_to_read(const std::string& file);

/// A collection of a file, opened for one command.
struct opened_collection {
  database file;
  collection chosen;
};
/// Where there is no such collection, the error names those that there are.
result<opened_collection> open_collection(const std::string& file, const std::string& name);
result<opened_collection> open_collection_to_read(const std::string& file, const std::string& name);
result<collection> find_collection(database& db, const std::string& name);

/// Compacts a collection and shows how far it is. SIGINT and SIGTERM end it. @returns The exit code.
int compact_one(database& db, const std::string& name, collection& chosen, const interruption& stop,
                bool rebuild = false);

} // namespace lodge::cli
