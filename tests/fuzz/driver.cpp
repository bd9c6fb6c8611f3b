#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

// In builds without libFuzzer: runs a target on files, those of folders too, and on seeded changes of each.
//
//   fuzz_TARGET CHANGES FILE_OR_FOLDER...
namespace {

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

std::string changed(std::string bytes, std::mt19937& random) {
  for (auto times = 1 + random() % 3; times > 0 && !bytes.empty(); --times) {
    const auto at = random() % bytes.size();
    switch (random() % 4) {
    case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
    case 1: bytes[at] = static_cast<char>(random()); break;
    case 2: bytes.resize(at); break;
    default: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 64));
    }
  }
  return bytes;
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& what) {
  if (!std::filesystem::is_directory(what))
    return {what};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{what})
    files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s CHANGES FILE_OR_FOLDER...\n", argv[0]);
    return 2;
  }
  const auto changes = std::strtoul(argv[1], nullptr, 10);
  std::size_t inputs = 0;
  for (int i = 2; i < argc; ++i)
    for (const auto& file : files_of(argv[i])) {
      const auto bytes = bytes_of(file);
      // A target that aborts leaves the last line to say on what.
      std::fprintf(stderr, "%s\n", file.c_str());
      run(bytes);
      std::mt19937 random{1};
      for (unsigned long change = 0; change < changes; ++change)
        run(changed(bytes, random));
      ++inputs;
    }
  std::fprintf(stderr, "%zu inputs, each with %lu changes\n", inputs, changes);
  return inputs == 0 ? 1 : 0;
}
