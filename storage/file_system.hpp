#pragma once

#include <lodge/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// What is asked of the file system itself, without opening the database.
namespace lodge::storage {

/// The name of a kind of file system (`f_type` of statfs(2)) whose locks or shared memory do not hold between
/// machines, or are known to fail: "NFS", "CIFS", "9p", "FUSE" and the like. Empty for any other.
std::string_view network_kind(std::int64_t magic);

/// Fails with errc::network_file_system if the file's directory is on one.
result<void> require_local(const std::string& path);

/// Whether nobody can write where the file is.
bool is_on_read_only_mount(const std::string& path);

/// 0 also if there is none.
std::uint64_t size_on_disk(const std::string& path);

} // namespace lodge::storage
