#pragma once

#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/writer.hpp"

#include "tests/support/files.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace lodge::test {

/// Runs statements through SQLite alone. @returns The first value of the last row.
inline std::int64_t sql(const std::string& path, const std::string& text) {
  sqlite3* on = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &on) == SQLITE_OK);
  std::int64_t last = 0;
  const auto keep = [](void* target, int, char** values, char**) {
    *static_cast<std::int64_t*>(target) = values[0] == nullptr ? 0 : std::strtoll(values[0], nullptr, 10);
    return 0;
  };
  const auto code = sqlite3_exec(on, text.c_str(), keep, &last, nullptr);
  BOOST_REQUIRE_MESSAGE(code == SQLITE_OK, text << ": " << sqlite3_errmsg(on));
  sqlite3_close(on);
  return last;
}

/// A new file with its writer and a reader.
struct store {
  scratch_directory directory;
  std::string path = directory.file();
  std::uint64_t identity = must(storage::prepare_file(path, true));
  std::unique_ptr<storage::writer> file = must(storage::writer::open(path));
  std::unique_ptr<storage::reader> read = must(storage::reader::open(path));

  /// What the function does, in one transaction. @returns Its last number.
  template <class Function>
  std::uint64_t commit(Function function) {
    must_do(file->begin(storage::writer::clock::now()));
    function();
    return must(file->commit());
  }

  storage::collection_id make(const std::string& name, std::uint32_t dimension, metric kind = metric::l2) {
    storage::collection_id id = 0;
    commit([&] { id = must(file->open_collection({name, dimension, kind, 16, 200})).id; });
    return id;
  }
};

} // namespace lodge::test
