#include "cli/formats/fvecs.hpp"
#include "cli/formats/npy.hpp"
#include "storage/manifest_text.hpp"
#include "storage/schema.hpp"
#include "storage/writer.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

// Writes sound inputs for every fuzz target into a folder each: make_corpus FOLDER
namespace {

using namespace lodge;
namespace fs = std::filesystem;

void write(const fs::path& folder, const std::string& name, const std::string& bytes) {
  fs::create_directories(folder);
  std::ofstream{folder / name, std::ios::binary} << bytes;
}

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string npy(std::uint64_t columns, const std::vector<std::vector<float>>& rows) {
  std::stringstream out;
  cli::npy_writer writer{out, columns};
  for (const auto& row : rows)
    writer.write(row);
  writer.finish();
  return out.str();
}

std::string fvecs(const std::vector<std::vector<float>>& rows) {
  std::ostringstream out;
  for (const auto& row : rows)
    cli::write_vecs_row(out, row);
  return out.str();
}

void write_formats(const fs::path& root) {
  const std::vector<std::vector<float>> rows{{1, -0.5F, 2, 1e-45F}, {0, 3e38F, -0.0F, 7}};
  write(root / "fvecs", "two_rows", fvecs(rows));
  write(root / "fvecs", "one_value", fvecs({{1}}));
  write(root / "npy", "float32", npy(4, rows));
  const std::string dict = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }";
  const std::string length = bytes_of(static_cast<std::uint32_t>(dict.size()));
  write(root / "npy", "float64", std::string{"\x93NUMPY\x02\x00", 8} + length + dict + bytes_of(0.1) + bytes_of(-3.0));
  write(root / "npy", "dict", dict);
  write(root / "keyed", "two_rows", "red\r\ngreen\n\n\n" + fvecs(rows));
  write(root / "keyed", "too_few_keys", "red\n\n\n" + fvecs(rows));
  write(
    root / "jsonl", "items",
    "\xef\xbb\xbf{\"key\": \"red\", \"vector\": [1, 0.5, -2e-3], \"metadata\": {\"a\": [1, {\"b\": \"}\\\"\"}]}}\n\n"
    "{\"metadata\":null,\"key\":\"gr\\u00fcn \\ud83d\\ude00\"}\r\n{\"key\":\"\\\\\",\"vector\":null}");
  write(root / "jsonl", "refused",
        "{\"key\": 1}\n[]\n{\"key\":\"a\",\"vector\":[\"x\"]}\n{\"key\":\"a\",\"key\":\"b\"}");
  write(root / "csv", "header", "key,x,y\nred,1,+0.5\n\"a,\"\"b\"\"\nc\", 2 ,nan\n");
  write(root / "csv", "numbers", "key,0,1\r\nred,1e39,-inf\r\n");
  write(root / "csv", "open_quote", "red,\"1\n2");
}

void write_manifests(const fs::path& root) {
  write(root / "manifest", "two_segments",
        storage::to_text({3, 2, 1'000'000'000'000, 900, {{7, 20, 2'000'000, 2}, {9, 1, 10, 1}}}));
  write(root / "manifest", "empty", storage::to_text({1, 1, 5, 0, {}}));
  std::string segment = bytes_of(std::uint64_t{3}) + bytes_of(std::uint64_t{7}) + std::string{'\2'};
  for (const std::uint64_t label : {5, 7, 5, 7, 9})
    segment += bytes_of(label);
  write(root / "segment", "three_labels", segment + "graph");
}

/// A file with a base, changes after it, removals, overflow pages and a dropped collection.
void fill(storage::writer& file) {
  const auto commit = [&](auto work) {
    file.begin(std::chrono::steady_clock::now() + std::chrono::seconds{5}).or_exit();
    work();
    return file.commit().or_exit();
  };
  storage::collection_id id = 0;
  commit([&] {
    id = file.open_collection({"colours", 4, metric::l2, 16, 200}).or_exit().id;
    const auto other = file.open_collection({"dropped", 2, metric::cosine, 16, 200}).or_exit().id;
    file.put(other, std::vector<item>{{"gone", std::vector<float>{1, 0}, {}}}).or_exit();
    file.drop_collection("dropped").or_exit();
  });
  const auto put = [&](int first, int count) {
    std::vector<item> items;
    for (int i = first; i < first + count; ++i)
      items.push_back({"key " + std::to_string(i), std::vector<float>(4, static_cast<float>(i)), "[1]"});
    items.front().metadata = "\"" + std::string(5'000, 'm') + "\"";
    items.back().vector.reset();
    return commit([&] { file.put(id, items).or_exit(); });
  };
  const auto watermark = put(0, 12);
  commit([&] {
    const std::vector<std::uint8_t> bytes(6'000, 7);
    const auto segment = file.new_segment().or_exit();
    file.add_chunk({id, segment, 0, bytes}).or_exit();
    file.publish(id, {1, 1, watermark, 0, {{segment, 11, bytes.size(), 1}}}).or_exit();
  });
  put(10, 5);
  commit([&] { file.remove(id, std::vector<std::string>{"key 3", "key 12"}).or_exit(); });
}

void write_file(const fs::path& root) {
  fs::create_directories(root / "file");
  const auto path = (fs::absolute(root) / "file" / "database").string();
  fs::remove(path);
  storage::prepare_file(path, true).or_exit();
  {
    auto file = storage::writer::open(path).or_exit();
    fill(*file);
    file->checkpoint_all(storage::writer::clock::now() + std::chrono::seconds{5}).or_exit();
  }
  for (const auto* suffix : {"-wal", "-shm", "-lodge"})
    fs::remove(path + suffix);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const fs::path root{argv[1]};
  write_formats(root);
  write_manifests(root);
  write_file(root);
}
