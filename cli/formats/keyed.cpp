#include "cli/formats/keyed.hpp"

namespace lodge::cli {

reading keys_from_lines::next(item& row) {
  auto read = vectors_->next(row);
  if (read.what == met::broken)
    return read;
  const auto has_key = lines_.next(row.key);
  if (read.what == met::end && has_key)
    return {met::broken,
            {errc::invalid_argument,
             keys_name_ + " has a key for it in line " + std::to_string(lines_.number()) + ", but there is no vector"}};
  if (read.what != met::end && !has_key)
    return {
      met::broken,
      {errc::invalid_argument, "it has no key, " + keys_name_ + " ends after line " + std::to_string(lines_.number())}};
  return read;
}

reading keys_from_numbers::next(item& row) {
  auto read = vectors_->next(row);
  row.key = std::to_string(next_++);
  return read;
}

} // namespace lodge::cli
