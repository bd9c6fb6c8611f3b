#pragma once

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <string>
#include <sys/mount.h>
#include <unistd.h>

namespace lodge::test {

/// A file system in memory, of a few megabytes, over a directory. Only the superuser can have one; without, the tests
/// of it say that they were left out.
class small_disk {
public:
  explicit small_disk(const std::string& directory) : directory_(directory) {
    mounted_ = ::mount("tmpfs", directory_.c_str(), "tmpfs", 0, "size=6m") == 0;
    if (!mounted_)
      BOOST_TEST_MESSAGE("left out: no file system can be mounted here");
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk() {
    if (mounted_)
      ::umount2(directory_.c_str(), MNT_DETACH);
  }

  bool is_there() const { return mounted_; }

  /// Takes all the space that is left.
  void fill() {
    std::ofstream filler{filler_name(), std::ios::binary | std::ios::app};
    const std::string block(4'096, 'x');
    while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void free() { BOOST_REQUIRE_EQUAL(::unlink(filler_name().c_str()), 0); }

  bool make_read_only() { return ::mount("tmpfs", directory_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0; }

private:
  std::string filler_name() const { return directory_ + "/filler"; }

  std::string directory_;
  bool mounted_ = false;
};

} // namespace lodge::test
