#include "storage/file_system.hpp"

#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <linux/magic.h>
#include <string>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(file_systems)

BOOST_AUTO_TEST_CASE(those_between_machines_have_a_name) {
  BOOST_TEST(network_kind(NFS_SUPER_MAGIC) == "NFS");
  BOOST_TEST(network_kind(SMB_SUPER_MAGIC) == "CIFS");
  BOOST_TEST(network_kind(CIFS_SUPER_MAGIC) == "CIFS");
  BOOST_TEST(network_kind(V9FS_MAGIC) == "9p");
  BOOST_TEST(network_kind(FUSE_SUPER_MAGIC) == "FUSE");
  // statfs gives some of them with their sign.
  BOOST_TEST(network_kind(static_cast<std::int32_t>(CIFS_SUPER_MAGIC)) == "CIFS");
}

BOOST_AUTO_TEST_CASE(local_ones_have_none) {
  for (const std::uint32_t magic :
       {std::uint32_t{EXT4_SUPER_MAGIC}, std::uint32_t{XFS_SUPER_MAGIC}, std::uint32_t{BTRFS_SUPER_MAGIC},
        std::uint32_t{TMPFS_MAGIC}, std::uint32_t{OVERLAYFS_SUPER_MAGIC}})
    BOOST_TEST(network_kind(magic) == "");
  const scratch_directory directory;
  must_do(require_local(directory.file()));
  BOOST_TEST(!is_on_read_only_mount(directory.file()));
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_not_there_is_left_to_who_opens_it) {
  must_do(require_local("/missing/test.lodge"));
  BOOST_TEST(size_on_disk("/missing/test.lodge") == 0U);
}

BOOST_AUTO_TEST_CASE(a_file_has_its_size) {
  const scratch_directory directory;
  std::ofstream{directory.file()} << "ten bytes.";
  BOOST_TEST(size_on_disk(directory.file()) == 10U);
}

BOOST_AUTO_TEST_SUITE_END()
