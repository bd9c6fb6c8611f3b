#pragma once

#include <string>
#include <vector>

namespace lodge::torture {

/// A process that does what it is told on standard input, a line each, and answers with a line: "ok" and what came of
/// it, or the name of the error's code. Compacts on request only. Opens the file at the first line.
///
///   put N, remove N     an item whose vector is made of its number; the change's number
///   change N            the same key with another vector
///   fill FIRST COUNT    a batch of items
///   search N            the key of the item that is nearest to N's vector
///   search_changed N    the same for the vector that `change` gives
///   compact             what the base covers
///   version, size       of the base, of the collection
///   renew               drops the collection, and makes it again
///   check               whether `lodge check` finds nothing
///
/// @param words The database, and perhaps a signal, "kill" or "stop", and the point at which it strikes.
int serve(const std::vector<std::string>& words);

/// The key of an item.
inline std::string key_of(unsigned number) { return "item-" + std::to_string(number); }

} // namespace lodge::torture
