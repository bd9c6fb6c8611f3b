#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace general_test {

/// What a process asked for, and what it was answered.
struct change {
  enum class kind : char { put = 'p', removed = 'r', unanswered = '?' };

  kind what = kind::put;
  /// Its sequence number in the file; 0 if unanswered.
  std::uint64_t number = 0;
  /// When the answer came.
  std::int64_t at_ns = 0;
  std::string key;
  /// What the vector is made of.
  std::uint32_t value = 0;
};

/// Notes changes in a text file, a line each.
class journal {
public:
  explicit journal(const std::string& path) : out_(path) {}

  void note(const change& what) {
    out_ << static_cast<char>(what.what) << ' ' << what.number << ' ' << what.at_ns << ' ' << what.key << ' '
         << what.value << '\n';
  }
  /// Whether all that was noted is in the file.
  bool close() {
    out_.close();
    return !out_.fail();
  }

private:
  std::ofstream out_;
};

inline std::vector<change> read_journal(const std::string& path) {
  std::vector<change> changes;
  std::ifstream in{path};
  char what = 0;
  for (change next; in >> what >> next.number >> next.at_ns >> next.key >> next.value;) {
    next.what = static_cast<change::kind>(what);
    changes.push_back(next);
  }
  return changes;
}

} // namespace general_test
