#include "tests/simulation/observer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

namespace lodge::test {

/// A prepared statement.
class observer::query {
public:
  query(sqlite3* on, const char* sql) {
    if (sqlite3_prepare_v2(on, sql, -1, &handle_, nullptr) != SQLITE_OK)
      throw violation{std::string{"observing: "} + sqlite3_errmsg(on) + ": " + sql};
  }
  query(const query&) = delete;
  query& operator=(const query&) = delete;
  ~query() { sqlite3_finalize(handle_); }

  query& with(std::uint64_t value) {
    sqlite3_reset(handle_);
    sqlite3_bind_int64(handle_, 1, static_cast<std::int64_t>(value));
    return *this;
  }
  bool step() {
    const auto code = sqlite3_step(handle_);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
      throw violation{std::string{"observing: "} + sqlite3_errmsg(sqlite3_db_handle(handle_))};
    // A statement that is not at its end would hold its snapshot.
    if (code == SQLITE_DONE)
      sqlite3_reset(handle_);
    return code == SQLITE_ROW;
  }
  void end() { sqlite3_reset(handle_); }

  bool is_null(int column) { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
  std::uint64_t number(int column) { return static_cast<std::uint64_t>(sqlite3_column_int64(handle_, column)); }
  std::string bytes(int column) {
    const auto* first = static_cast<const char*>(sqlite3_column_blob(handle_, column));
    return {first == nullptr ? "" : first, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
  }
  template <class T>
  std::vector<T> values(int column, std::size_t count) {
    const auto all = bytes(column);
    std::vector<T> made(std::min(count, all.size() / sizeof(T)));
    if (!made.empty())
      std::memcpy(made.data(), all.data(), made.size() * sizeof(T));
    return made;
  }

private:
  sqlite3_stmt* handle_ = nullptr;
};

struct observer::handles {
  explicit handles(sqlite3* opened) : on(opened) {}
  handles(const handles&) = delete;
  handles& operator=(const handles&) = delete;

  // The statements go first, and then the connection.
  struct closer {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  std::unique_ptr<sqlite3, closer> on;
  query last{on.get(), "SELECT sequence FROM file"};
  query news{on.get(),
             "SELECT p.number, p.collection, p.kind, d.label,"
             " CASE p.kind WHEN 4 THEN (SELECT name FROM collections c WHERE c.id = p.collection) ELSE i.key END,"
             " i.metadata, v.vector"
             " FROM pending p LEFT JOIN deletions d ON d.number = p.number"
             " LEFT JOIN items i ON i.label = p.number LEFT JOIN vectors v ON v.label = p.number WHERE p.number > ?1"
             " UNION ALL"
             " SELECT d.number, d.collection, 6, d.label, i.key, NULL, NULL"
             " FROM deletions d LEFT JOIN items i ON i.label = d.label WHERE d.number > ?1"
             " AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.number = d.number) ORDER BY 1"};
  query base{on.get(),
             "SELECT json_extract(manifest, '$.version'), json_extract(manifest, '$.watermark'),"
             " json_extract(manifest, '$.previous_watermark') FROM bases WHERE collection = ?"};
  query segments{on.get(),
                 "SELECT json_extract(s.value, '$.vectors'),"
                 " (SELECT bytes FROM chunks WHERE segment = json_extract(s.value, '$.id') AND ordinal = 0)"
                 " FROM bases, json_each(manifest, '$.segments') s WHERE collection = ?"};
};

observer::observer(const std::string& path) {
  sqlite3* opened = nullptr;
  const auto code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
  const std::string why = code == SQLITE_OK ? "" : sqlite3_errmsg(opened);
  if (code != SQLITE_OK) {
    sqlite3_close(opened);
    throw violation{"observing " + path + ": " + why};
  }
  // As a reader that goes away: it neither moves the WAL's pages nor deletes it.
  sqlite3_db_config(opened, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  int keep = 1;
  sqlite3_file_control(opened, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  handles_ = std::make_unique<handles>(opened);
}

observer::~observer() = default;

std::uint64_t observer::identity() {
  query one{handles_->on.get(), "SELECT identity FROM file"};
  one.step();
  return one.number(0);
}

std::uint64_t observer::sequence() {
  handles_->last.step();
  const auto number = handles_->last.number(0);
  handles_->last.end();
  return number;
}

std::vector<change> observer::changes_after(std::uint64_t number) {
  std::vector<change> found;
  auto& news = handles_->news.with(number);
  while (news.step()) {
    change made{news.number(0),
                news.number(1),
                static_cast<change_kind>(news.number(2)),
                news.number(3),
                news.bytes(4),
                news.bytes(5),
                {}};
    if (!news.is_null(6))
      made.vector = news.values<float>(6, SIZE_MAX);
    found.push_back(std::move(made));
  }
  return found;
}

std::optional<stored_base> observer::base_of(std::uint64_t collection) {
  auto& base = handles_->base.with(collection);
  if (!base.step())
    return std::nullopt;
  stored_base made{base.number(0), base.number(1), base.number(2), {}};
  base.end();
  auto& segments = handles_->segments.with(collection);
  while (segments.step()) {
    const auto labels = segments.values<std::uint64_t>(1, static_cast<std::size_t>(segments.number(0)));
    made.labels.insert(made.labels.end(), labels.begin(), labels.end());
  }
  std::ranges::sort(made.labels);
  return made;
}

std::string observer::left_behind() {
  const std::pair<const char*, const char*> rests[] = {
    {"dead rows", "SELECT count(*) FROM items WHERE died_at IS NOT NULL"},
    {"rows of dropped collections",
     "SELECT count(*) FROM items WHERE collection IN (SELECT id FROM collections WHERE dropped_at IS NOT NULL)"},
    {"bases of dropped collections",
     "SELECT count(*) FROM bases WHERE collection IN (SELECT id FROM collections WHERE dropped_at IS NOT NULL)"},
    {"chunks of no base",
     "SELECT count(*) FROM chunks WHERE segment NOT IN"
     " (SELECT json_extract(s.value, '$.id') FROM bases, json_each(manifest, '$.segments') s)"},
  };
  std::string found;
  for (const auto& [what, sql] : rests) {
    query count{handles_->on.get(), sql};
    count.step();
    if (const auto rows = count.number(0); rows > 0)
      found += (found.empty() ? "" : ", ") + std::to_string(rows) + " " + what;
  }
  return found;
}

void do_not_sleep_in_sqlite() {
  sqlite3_vfs_find(nullptr)->xSleep = [](sqlite3_vfs*, int microseconds) { return microseconds; };
}

} // namespace lodge::test
