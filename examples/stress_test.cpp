// Puts 1,000 vectors one by one, waits for the automatic compaction, and finds 100 of them again.

#include <lodge/database.hpp>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>
#include <thread>

namespace {

constexpr std::size_t count = 1'000;
constexpr std::uint32_t dimension = 128;
constexpr std::size_t searched = 100;

std::vector<float> vector_of(std::size_t i) {
  std::mt19937 random{static_cast<std::mt19937::result_type>(i)};
  std::normal_distribution<float> normal;
  std::vector<float> made(dimension);
  for (auto& value : made)
    value = normal(random);
  return made;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int fail(const lodge::error& failure) {
  std::fprintf(stderr, "stress_test: %s\n", lodge::to_string(failure).c_str());
  return 1;
}

} // namespace

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : (std::filesystem::temp_directory_path() / "stress_test.lodge").string();
  for (const auto* suffix : {"", "-wal", "-shm", "-lodge"})
    std::filesystem::remove(path + suffix);
  auto db = lodge::database::open(path);
  if (!db)
    return fail(db.error());
  auto vectors = db->collection("vectors", {.dimension = dimension, .metric = lodge::metric::l2});
  if (!vectors)
    return fail(vectors.error());

  auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < count; ++i)
    if (auto put = vectors->put("vector " + std::to_string(i), vector_of(i)); !put)
      return fail(put.error());
  std::printf("put        %zu vectors one by one, %.0f a second\n", count, count / seconds_since(start));

  start = std::chrono::steady_clock::now();
  auto stats = vectors->stats();
  for (; stats && stats->compactions == 0; stats = vectors->stats()) {
    if (seconds_since(start) > 60)
      return fail({lodge::errc::deadline_exceeded, "no automatic compaction within 60 s"});
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  if (!stats)
    return fail(stats.error());
  std::printf("compacted  by itself, %.2f s after the last put: %llu vectors in the base\n", seconds_since(start),
              static_cast<unsigned long long>(stats->base_vectors));

  start = std::chrono::steady_clock::now();
  std::size_t found = 0;
  for (std::size_t i = 0; i < searched; ++i) {
    const auto wanted = i * (count / searched);
    const auto hits = vectors->search(vector_of(wanted), {.k = 1});
    if (!hits)
      return fail(hits.error());
    found += hits->size() == 1 && hits->front().key == "vector " + std::to_string(wanted) && hits->front().score == 0;
  }
  std::printf("searched   %zu, found %zu, %.0f a second\n", searched, found, searched / seconds_since(start));
  return found == searched ? 0 : 1;
}
