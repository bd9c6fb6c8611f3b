#pragma once

#include <lodge/database.hpp>

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace lodge::cli {

struct collection_choice {
  std::string file;
  /// Empty for all.
  std::string collection;
};

void add_choice(CLI::App& command, collection_choice& choice);

/// Calls the function for the chosen collection, or for all of an open file. @returns The first exit code that is no
/// success.
int each_collection(database& db, const collection_choice& choice,
                    const std::function<int(const std::string&, collection&)>& call);

} // namespace lodge::cli
