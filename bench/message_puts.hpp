#pragma once

#include "bench/clients.hpp"

#include <lodge/options.hpp>

#include <string>

namespace lodge::bench {

/// One thread that keeps so many single durable puts in flight, by messages to the collection's actor. Puts a second,
/// and the latencies from the sending of a put to its answer.
pace put_by_messages(const std::string& file, const matrix& rows, std::size_t in_flight,
                     const auto_compaction& compaction, seconds time);

} // namespace lodge::bench
