#pragma once

#include <lodge/error.hpp>

#include <cstdint>
#include <string>

namespace lodge::storage {

class connection;

/// "LODG", in the header of every file of ours.
inline constexpr std::int64_t application_id = 0x4c4f4447;
/// The format that this code writes. A file with a larger one is not touched.
inline constexpr std::int64_t format_version = 2;

/// Throws `failure` with errc::newer_format if the file says a larger version than ours. Inside a transaction it
/// is the word for that whole transaction.
void require_known_format(connection& on);
void require_known_format(std::int64_t version);

/// The one name of a file: absolute, without symbolic links, so that all who open it share its sidecar, and never a
/// name that means something else to SQLite.
result<std::string> resolve(const std::string& path);

/// Makes the file ready for use: judges it, and creates it if it is new and `create` says so.
///
/// Fails, with no byte of the file written, with errc::not_a_database, foreign_file, newer_format, file_not_found,
/// permission_denied, corrupt, or busy (another process is at it until the deadline).
/// @returns The file's identity.
result<std::uint64_t> prepare_file(const std::string& path, bool create);

/// Judges a file that is only to be read; needs no right to write, and leaves nothing beside it.
///
/// Fails as `prepare_file` does, and with errc::needs_recovery where SQLite cannot read it safely: see `access::read`.
/// @returns The file's identity.
result<std::uint64_t> judge_file(const std::string& path);

/// Makes a copy that was taken from another file a file of its own.
void give_new_identity(connection& on);

} // namespace lodge::storage
