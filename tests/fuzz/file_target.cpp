#include "storage/check.hpp"
#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/snapshot.hpp"
#include "tests/fuzz/target.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace lodge;

namespace {

constexpr std::uint64_t page_records = 50;

/// Where this process keeps its file, in memory if it can; gone with the process.
struct scratch_folder {
  scratch_folder() {
    const std::filesystem::path shared{"/dev/shm"};
    const auto root = std::filesystem::exists(shared) ? shared : std::filesystem::temp_directory_path();
    path = root / ("lodge-fuzz-" + std::to_string(::getpid()));
    std::filesystem::create_directory(path);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

const std::string& path_of_file() {
  static const scratch_folder folder;
  static const std::string path = (folder.path / "file.lodge").string();
  return path;
}

void remove_file() {
  for (const auto* suffix : {"", "-wal", "-shm", "-lodge"})
    std::filesystem::remove(path_of_file() + suffix);
}

/// Whether a failure is one that any bytes may bring about.
template <class Result>
bool succeeds(const Result& what) {
  if (what)
    return true;
  const auto code = what.error().code;
  fuzz::require(code != errc::internal && code != errc::out_of_memory && code != errc::busy
                  && code != errc::outcome_unknown,
                to_string(what.error()).c_str());
  return false;
}

void read_collection(storage::reader& from, const storage::collection_row& row) {
  std::string after;
  for (bool more = true; more;) {
    const auto read = from.scan(row.id, after, page_records);
    if (!succeeds(read))
      break;
    for (const auto& each : read->records) {
      fuzz::require(each.key > after, "keys ascend");
      after = each.key;
      if (const auto same = from.get(row.id, each.key); succeeds(same))
        fuzz::require(same->key == each.key, "get gives the key that was asked for");
    }
    more = read->more && !read->records.empty();
  }
  succeeds(from.contains(row.id, "key"));
  succeeds(from.size(row.id));
  succeeds(from.log_after(row.id, 0, true));
  succeeds(from.figures(row.id));
}

void read_snapshot(storage::snapshot& from) {
  const auto nothing = [](const storage::row_seen&) {};
  if (const auto labels = from.living_labels(); succeeds(labels))
    succeeds(from.read_rows(*labels, nothing));
  succeeds(from.deaths_after(0));
  const auto base = from.base();
  if (!succeeds(base) || !*base)
    return;
  for (const auto& segment : (*base)->segments)
    succeeds(from.segment_bytes(segment));
}

void read_file() {
  if (!succeeds(storage::prepare_file(path_of_file(), false)))
    return;
  succeeds(storage::check_rows(path_of_file(), [](const finding&) {}));
  const auto opened = storage::reader::open(path_of_file());
  if (!succeeds(opened))
    return;
  const auto rows = (*opened)->collections();
  if (!succeeds(rows))
    return;
  for (const auto& row : *rows) {
    read_collection(**opened, row);
    if (const auto seen = storage::snapshot::open(path_of_file(), row.id); succeeds(seen))
      read_snapshot(**seen);
  }
}

} // namespace

// The bytes are a database file.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  remove_file();
  {
    std::ofstream out{path_of_file(), std::ios::binary};
    out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  }
  read_file();
  remove_file();
  return 0;
}
