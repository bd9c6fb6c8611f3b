#pragma once

#include <lodge/error.hpp>
#include <lodge/types.hpp>

#include <string>

namespace lodge::storage {

/// Copies a file as of one moment to a path where nothing is, while others read and write it.
///
/// The copy appears under its name only when it is whole and on the disk; it is a file of its own, with its own
/// identity. Fails with errc::file_exists, disk_full, permission_denied; then nothing is left behind.
/// @returns The copy's last position.
result<position> back_up(const std::string& path, const std::string& target);

} // namespace lodge::storage
