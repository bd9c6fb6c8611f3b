// Several processes do random operations on one file, and are killed, stopped and continued while they do; what they
// were answered is kept outside of them. Whatever befell them: every acknowledged write is there, nothing is half-done,
// `lodge check` finds nothing, and answers are those of the exact model.
//
//   torture [--seed N] [--seconds N] [--kills N] [--processes N] [--faults kill,points,stop|none] [--directory PATH]
//
// The seed decides on operations, kills and points; the times at which processes run are the machine's.

#include "tests/torture/observer.hpp"
#include "tests/torture/servant.hpp"
#include "tests/torture/torment.hpp"
#include "tests/torture/worker.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace {

using namespace lodge::torture;

void print(const tally& done, double seconds) {
  std::printf("%u kills (%u at random, %u at named points), %u stops, %u rounds, %u files in %.0f s\n", done.kills(),
              done.random_kills, done.point_kills(), done.stops, done.rounds, done.files, seconds);
  std::printf("%zu writes acknowledged (%.0f a second), %zu without an answer\n", done.acknowledged,
              static_cast<double>(done.acknowledged) / seconds, done.unanswered);
  for (const auto& [code, count] : done.refused)
    std::printf("  refused %s: %zu\n", code.c_str(), count);
  for (const auto& [name, count] : done.points)
    std::printf("  %s: %u\n", name.c_str(), count);
}

std::string fresh_directory() {
  auto name = (std::filesystem::temp_directory_path() / "lodge-torture-XXXXXX").string();
  return mkdtemp(name.data()) == nullptr ? std::string{} : name;
}

int torture_all(const plan& what) {
  const auto directory = what.directory.empty() ? fresh_directory() : what.directory;
  if (directory.empty())
    return 2;
  std::filesystem::create_directories(directory);
  const auto begun = std::chrono::steady_clock::now();
  torment all{what, directory};
  const auto right = all.run();
  print(all.done(), std::chrono::duration<double>{std::chrono::steady_clock::now() - begun}.count());
  if (right && all.done().acknowledged == 0)
    std::fprintf(stderr, "torture: nothing was written in all that time\n");
  if (!right || all.done().acknowledged == 0) {
    std::printf("WRONG; again: torture %s\n", to_options(what).c_str());
    return 1;
  }
  std::printf("no loss, nothing half-done, all checks clean\n");
  if (what.directory.empty())
    std::filesystem::remove_all(directory);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words{argv + 1, argv + argc};
  if (!words.empty() && words[0] == "work") {
    const auto told = to_assignment({words.begin() + 1, words.end()});
    return told ? work(*told) : 2;
  }
  if (!words.empty() && words[0] == "serve")
    return serve({words.begin() + 1, words.end()});
  if (words.size() == 3 && words[0] == "observe")
    return observe(words[1], static_cast<unsigned>(std::stoul(words[2])));
  const auto what = parse(words);
  return what ? torture_all(*what) : 2;
}
