#include "cli/progress.hpp"

#include "cli/text.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace lodge::cli {

namespace {

constexpr std::size_t bar_width = 30;
constexpr std::chrono::milliseconds least_pause{80};

void write_over(const std::string& text) { std::fprintf(stderr, "\r%s\033[K", text.c_str()); }

} // namespace

progress::progress(std::string what) : what_(std::move(what)), watched_(isatty(STDERR_FILENO) == 1) {}

void progress::show(std::uint64_t rows, std::optional<double> fraction) {
  if (!is_time_to_draw())
    return;
  const auto rate = static_cast<double>(rows) / std::max(seconds(), 1e-3);
  const auto figures = counted(rows, "row", "rows") + ", " + with_separators(static_cast<std::uint64_t>(rate)) + "/s";
  if (!fraction) {
    write_over(what_ + "  " + figures);
    return;
  }
  const auto part = std::clamp(*fraction, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(part * bar_width);
  const auto left = part > 0 ? ", " + duration_text(seconds() * (1 - part) / part) + " left" : "";
  write_over(what_ + " [" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "] "
             + std::to_string(static_cast<int>(part * 100)) + " %  " + figures + left);
}

void progress::show(const std::string& state) {
  if (is_time_to_draw())
    write_over(what_ + ": " + state);
}

void progress::clear() {
  if (drawn_)
    write_over("");
  drawn_ = false;
}

void progress::finish(const std::string& text) {
  clear();
  std::fprintf(stderr, "%s\n", text.c_str());
}

double progress::seconds() const { return std::chrono::duration<double>(clock::now() - start_).count(); }

bool progress::is_time_to_draw() {
  const auto now = clock::now();
  if (!watched_ || now - last_ < least_pause)
    return false;
  last_ = now;
  return drawn_ = true;
}

} // namespace lodge::cli
