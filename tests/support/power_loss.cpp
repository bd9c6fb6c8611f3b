#include "tests/support/power_loss.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>

namespace lodge::test {

namespace {

constexpr std::size_t sector = 512;

using image = std::vector<std::uint8_t>;

void put_bytes(image& into, std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  into.resize(std::max<std::size_t>(into.size(), offset + bytes.size()));
  std::ranges::copy(bytes, into.begin() + static_cast<std::ptrdiff_t>(offset));
}

void apply(image& into, const file_event& event) {
  if (event.what == file_event::kind::truncate)
    into.resize(event.place);
  else
    put_bytes(into, event.place, event.bytes);
}

/// Each of the sectors that the write touches, or not.
void apply_torn(image& into, const file_event& event, std::mt19937& random) {
  for (std::size_t done = 0; done < event.bytes.size();) {
    const auto place = event.place + done;
    const auto length = std::min(sector - place % sector, event.bytes.size() - done);
    if (random() % 2 == 0)
      put_bytes(into, place, std::span{event.bytes}.subspan(done, length));
    done += length;
  }
}

/// A file apart from its name.
struct inode {
  image durable;
  std::vector<const file_event*> unsynced;

  void sync() {
    for (const auto* each : unsynced)
      apply(durable, *each);
    unsynced.clear();
  }

  image after_crash(survival how, std::mt19937& random) const {
    auto left = durable;
    for (const auto* each : unsynced) {
      const auto fate = how == survival::none ? 0 : how == survival::all ? 1 : random() % 3;
      if (fate == 1)
        apply(left, *each);
      else if (fate == 2 && each->what == file_event::kind::write)
        apply_torn(left, *each, random);
    }
    return left;
  }
};

using directory_entries = std::map<std::string, std::shared_ptr<inode>>;

class disk {
public:
  void add(const file_event& event) {
    switch (event.what) {
    case file_event::kind::open:
      if (!now_.contains(event.path))
        now_[event.path] = std::make_shared<inode>();
      break;
    case file_event::kind::remove: now_.erase(event.path); break;
    case file_event::kind::sync: now_.at(event.path)->sync(); break;
    case file_event::kind::write:
    case file_event::kind::truncate: now_.at(event.path)->unsynced.push_back(&event); break;
    case file_event::kind::mark: return;
    }
    if (event.with_directory)
      durable_ = now_;
  }

  directory_entries after_crash(survival how, std::mt19937& random) const {
    auto left = durable_;
    for (const auto* names : {&now_, &durable_})
      for (const auto& [name, unused] : *names) {
        if (how == survival::none || (how == survival::some && random() % 2 == 0))
          continue;
        if (const auto found = now_.find(name); found != now_.end())
          left[name] = found->second;
        else
          left.erase(name);
      }
    return left;
  }

private:
  directory_entries now_;
  directory_entries durable_;
};

} // namespace

void lay_out_after_power_loss(const std::vector<file_event>& events, std::size_t cut, survival how,
                              std::mt19937& random, const std::filesystem::path& directory) {
  disk written;
  for (std::size_t i = 0; i < cut; ++i)
    written.add(events[i]);
  for (const auto& [path, file] : written.after_crash(how, random)) {
    const auto bytes = file->after_crash(how, random);
    std::ofstream out{directory / std::filesystem::path{path}.filename(), std::ios::binary};
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
}

} // namespace lodge::test
