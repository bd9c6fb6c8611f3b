#include "storage/file_system.hpp"

#include <filesystem>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

namespace lodge::storage {

namespace {

std::string directory_of(const std::string& path) {
  const auto parent = std::filesystem::path{path}.parent_path();
  return parent.empty() ? "." : parent.string();
}

} // namespace

// The numbers are those of linux/magic.h and statfs(2); not all of them have a name in the headers.
std::string_view network_kind(std::int64_t magic) {
  switch (static_cast<std::uint32_t>(magic)) {
  case 0x6969: return "NFS";
  case 0x517b:
  case 0xff534d42:
  case 0xfe534d42: return "CIFS";
  case 0x01021997: return "9p";
  case 0x65735546: return "FUSE";
  case 0x00c36400: return "Ceph";
  case 0x5346414f:
  case 0x6b414653: return "AFS";
  case 0x73757245: return "Coda";
  case 0x0bd00bd0: return "Lustre";
  case 0x01161970: return "GFS2";
  case 0x7461636f: return "OCFS2";
  default: return {};
  }
}

result<void> require_local(const std::string& path) {
  struct statfs status {};
  // A directory that is not there is told of by whoever opens the file.
  if (::statfs(directory_of(path).c_str(), &status) != 0)
    return {};
  if (const auto kind = network_kind(status.f_type); !kind.empty())
    return error{errc::network_file_system,
                 path + " is on " + std::string{kind}
                   + ", where processes of two machines could damage it; a local file system is needed, or the option "
                     "allow_network_file_system"};
  return {};
}

bool is_on_read_only_mount(const std::string& path) {
  struct statvfs status {};
  return ::statvfs(directory_of(path).c_str(), &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
}

std::uint64_t size_on_disk(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

} // namespace lodge::storage
