#include "cli/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace lodge::cli {

namespace {

constexpr std::uint64_t bar_width = 30;
constexpr std::chrono::milliseconds least_pause{80};

bool terminal_watches() { return isatty(STDERR_FILENO) == 1; }

} // namespace

progress::progress(std::string what, std::uint64_t total)
  : what_(std::move(what)), total_(total), watched_(terminal_watches()) {}

void progress::show(std::uint64_t done) {
  const auto now = clock::now();
  if (!watched_ || now - drawn_ < least_pause)
    return;
  drawn_ = now;
  const auto seconds = std::chrono::duration<double>(now - start_).count();
  const auto rate = static_cast<double>(done) / std::max(seconds, 1e-3);
  const auto filled = total_ == 0 ? bar_width : std::min(done, total_) * bar_width / total_;
  const auto left = done == 0 ? 0.0 : static_cast<double>(total_ - std::min(done, total_)) / rate;
  std::string bar(filled, '#');
  bar.append(bar_width - filled, '.');
  std::fprintf(stderr, "\r%s [%s] %llu/%llu  %.0f/s  %.0f s left \033[K", what_.c_str(), bar.c_str(),
               static_cast<unsigned long long>(done), static_cast<unsigned long long>(total_), rate, left);
}

void progress::finish(std::uint64_t done, const std::string& remark) {
  const auto seconds = std::chrono::duration<double>(clock::now() - start_).count();
  std::fprintf(stderr, "%s%s: %llu in %.2f s%s\n", watched_ ? "\r\033[K" : "", what_.c_str(),
               static_cast<unsigned long long>(done), seconds, remark.c_str());
}

void show_state(const std::string& text) {
  if (terminal_watches())
    std::fprintf(stderr, "\r%s\033[K", text.c_str());
}

void clear_state() {
  if (terminal_watches())
    std::fprintf(stderr, "\r\033[K");
}

} // namespace lodge::cli
