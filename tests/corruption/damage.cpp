#include "tests/corruption/damage.hpp"

#include "tests/corruption/good_file.hpp"
#include "tests/scenario/raw_file.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

namespace lodge::test {

namespace {

constexpr std::size_t page = 4'096;
constexpr std::size_t wal_header = 32;
constexpr std::size_t frame = 24 + page;

/// A place in a file, chosen by the seed.
class dice {
public:
  explicit dice(std::mt19937& random) : random_(random) {}

  std::size_t below(std::size_t end) { return random_() % std::max<std::size_t>(end, 1); }
  char byte() { return static_cast<char>(random_()); }

private:
  std::mt19937& random_;
};

std::string flip_bit(std::string& bytes, std::size_t at, dice& by) {
  const auto bit = by.below(8);
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
  return "bit " + std::to_string(bit) + " of byte " + std::to_string(at);
}

std::string overwrite(std::string& bytes, std::size_t at, dice& by) {
  const auto count = std::min(1 + by.below(16), bytes.size() - at);
  std::generate_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), count, [&] { return by.byte(); });
  return std::to_string(count) + " bytes from " + std::to_string(at);
}

void fill(std::string& bytes, std::size_t at, std::size_t count, char with) {
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), std::min(count, bytes.size() - at), with);
}

std::string& copy_page(std::string& bytes, std::size_t from, std::size_t to) {
  return bytes.replace((to - 1) * page, page, bytes.substr((from - 1) * page, page));
}

/// One of the ways in which a page is damaged; `mates` are pages that may take its place.
std::string damage_page(std::string& bytes, std::size_t which, const std::vector<std::size_t>& mates, dice& by) {
  const auto first = (which - 1) * page;
  const auto mate = mates[by.below(mates.size())];
  const auto said = "page " + std::to_string(which) + ": ";
  // Most of what a page is lies at its beginning, and where its cells are.
  switch (by.below(9)) {
  case 0:
  case 1: return said + flip_bit(bytes, first + by.below(page), by);
  case 2: return said + flip_bit(bytes, first + by.below(which == 1 ? 140 : 40), by);
  case 3: return said + overwrite(bytes, first + by.below(page), by);
  case 4: fill(bytes, first, page, 0); return said + "zeroed";
  case 5: fill(bytes, first + page / 2, page / 2, 0); return said + "its second half zeroed";
  case 6: fill(bytes, first + (which == 1 ? 100 : 0), page - (which == 1 ? 100 : 0), '\xa5'); return said + "filled";
  case 7: {
    const auto former = bytes.substr(first, page);
    copy_page(bytes, mate, which);
    bytes.replace((mate - 1) * page, page, former);
    return said + "swapped with " + std::to_string(mate);
  }
  default: copy_page(bytes, mate, which); return said + "overwritten by " + std::to_string(mate);
  }
}

std::string damage_anywhere(std::string& bytes, dice& by) {
  std::vector<std::size_t> all(bytes.size() / page);
  std::ranges::generate(all, [number = std::size_t{0}]() mutable { return ++number; });
  switch (by.below(4)) {
  case 0: {
    const auto size = by.below(2) == 0 ? by.below(bytes.size()) : page * by.below(bytes.size() / page);
    bytes.resize(size);
    return "cut to " + std::to_string(size) + " bytes";
  }
  case 1: return "SQLite's header: " + flip_bit(bytes, by.below(100), by);
  default: return damage_page(bytes, all[by.below(all.size())], all, by);
  }
}

std::string damage_part(std::string& bytes, const page_map& pages, dice& by) {
  if (pages.empty())
    return damage_anywhere(bytes, by);
  const auto& [name, own] = *std::next(pages.begin(), static_cast<std::ptrdiff_t>(by.below(pages.size())));
  // The pages of one kind are the likelier ones to be taken for each other.
  const auto& others = std::next(pages.begin(), static_cast<std::ptrdiff_t>(by.below(pages.size())))->second;
  return name + ", " + damage_page(bytes, own[by.below(own.size())], by.below(3) == 0 ? others : own, by);
}

std::string damage_wal(std::string& bytes, dice& by) {
  const auto frames = (bytes.size() - wal_header) / frame;
  const auto at = wal_header + frame * by.below(frames);
  switch (by.below(7)) {
  case 0: return flip_bit(bytes, by.below(wal_header), by);
  case 1: return flip_bit(bytes, at + by.below(24), by);
  case 2: return flip_bit(bytes, at + by.below(frame), by);
  case 3: fill(bytes, at, frame, 0); return "a frame zeroed at " + std::to_string(at);
  case 4: {
    const auto size = by.below(bytes.size());
    bytes.resize(size);
    return "cut to " + std::to_string(size) + " bytes";
  }
  case 5: {
    const auto other = wal_header + frame * by.below(frames);
    bytes.replace(at, frame, bytes.substr(other, frame));
    // A frame over itself changes nothing, and nothing may be lost.
    return "frame at " + std::to_string(at) + " overwritten by that at " + std::to_string(other);
  }
  default: bytes.clear(); return "gone";
  }
}

} // namespace

page_map pages_of(const std::string& path) {
  page_map found;
  sqlite3* file = nullptr;
  sqlite3_stmt* query = nullptr;
  std::set<std::size_t> named;
  if (sqlite3_open_v2(path.c_str(), &file, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK
      && sqlite3_prepare_v2(file, "SELECT name, pageno FROM dbstat", -1, &query, nullptr) == SQLITE_OK)
    while (sqlite3_step(query) == SQLITE_ROW) {
      const auto number = static_cast<std::size_t>(sqlite3_column_int64(query, 1));
      found[reinterpret_cast<const char*>(sqlite3_column_text(query, 0))].push_back(number);
      named.insert(number);
    }
  sqlite3_finalize(query);
  sqlite3_close(file);
  for (std::size_t number = 1; !named.empty() && number <= bytes_of(path).size() / page; ++number)
    if (!named.contains(number))
      found["free"].push_back(number);
  return found;
}

damage_done damage(const good_file& good, const page_map& pages, std::uint32_t seed, const std::string& path) {
  std::mt19937 random{seed};
  dice by{random};
  // Two of ten cases have a WAL: it alone is damaged, or the main file alone.
  if (seed % 10 < 2) {
    auto main = good.main;
    auto wal = good.wal;
    damage_done done{"WAL: ", seed % 10 == 0, good.states.size() - 1};
    done.what += done.wal_only ? damage_wal(wal, by) : "whole, but " + damage_anywhere(main, by);
    write_bytes(path, main);
    write_bytes(path + "-wal", wal);
    return done;
  }
  auto bytes = good.closed;
  damage_done done;
  if (seed % 10 < 4)
    done.what = damage_anywhere(bytes, by);
  else if (seed % 10 < 8)
    done.what = damage_part(bytes, pages, by);
  write_bytes(path, bytes);
  if (seed % 10 >= 8)
    done.what = damage_by_sql(path, random);
  return done;
}

} // namespace lodge::test
