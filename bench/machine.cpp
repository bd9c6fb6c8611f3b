#include "bench/machine.hpp"

#include <caf/config.hpp>
#include <faiss/Index.h>

#include <array>
#include <ctime>
#include <sqlite3.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

namespace lodge::bench {

namespace {

std::string processor() {
  std::ifstream in{"/proc/cpuinfo"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name"))
      return line.substr(line.find(':') + 2);
  return "unknown";
}

std::string kernel() {
  utsname names{};
  uname(&names);
  return std::string{names.sysname} + " " + names.release + " " + names.machine;
}

/// Whether an fsync there means a disk.
std::string file_system(const std::string& path) {
  struct statfs seen {};
  statfs(path.c_str(), &seen);
  switch (seen.f_type) {
  case 0xEF53: return "ext4";
  case 0x58465342: return "xfs";
  case 0x9123683E: return "btrfs";
  case 0x01021994: return "tmpfs (in memory: an fsync costs nothing)";
  case 0x794c7630: return "overlayfs";
  default: return "of type " + std::to_string(seen.f_type);
  }
}

/// Processes that were ready to run in the last minute: other work makes figures worse.
double load() {
  std::array<double, 1> averages{};
  getloadavg(averages.data(), 1);
  return averages[0];
}

std::string today() {
  const auto now = std::time(nullptr);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", std::gmtime(&now));
  return text.data();
}

std::string faiss_version() {
  return std::to_string(FAISS_VERSION_MAJOR) + "." + std::to_string(FAISS_VERSION_MINOR) + "."
    + std::to_string(FAISS_VERSION_PATCH);
}

} // namespace

nlohmann::ordered_json machine_line(const run_options& options) {
  return {{"part", "machine"},
          {"date", today()},
          {"commit", options.commit},
          {"processor", processor()},
          {"cores", cores()},
          {"kernel", kernel()},
          {"file_system", file_system(options.out)},
          {"load_before", load()},
          {"compiler", std::string{"g++ "} + __VERSION__},
          {"faiss", faiss_version()},
          {"sqlite", sqlite3_libversion()},
          {"caf", CAF_VERSION},
          {"packages", options.packages},
          {"m", graph_m},
          {"ef_construction", graph_ef_construction},
          {"repeats", options.repeats},
          {"stretch_s", options.time.count()},
          {"mixture_seed", mixture{}.seed},
          {"mixture_centres", mixture{}.centres},
          {"mixture_spread", mixture{}.spread}};
}

} // namespace lodge::bench
