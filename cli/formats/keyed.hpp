#pragma once

#include "cli/formats/lines.hpp"
#include "cli/formats/row_reader.hpp"

#include <memory>

namespace lodge::cli {

/// Gives the rows of a reader without keys the lines of a text as their keys, in order.
class keys_from_lines : public row_reader {
public:
  keys_from_lines(std::unique_ptr<row_reader> vectors, std::istream& keys, std::string keys_name)
    : vectors_(std::move(vectors)), lines_(keys), keys_name_(std::move(keys_name)) {}

  reading next(item& row) override;
  std::uint64_t number() const override { return vectors_->number(); }

private:
  std::unique_ptr<row_reader> vectors_;
  line_reader lines_;
  std::string keys_name_;
};

/// Gives the rows of a reader without keys decimal numbers as their keys.
class keys_from_numbers : public row_reader {
public:
  keys_from_numbers(std::unique_ptr<row_reader> vectors, std::uint64_t first)
    : vectors_(std::move(vectors)), next_(first) {}

  reading next(item& row) override;
  std::uint64_t number() const override { return vectors_->number(); }

private:
  std::unique_ptr<row_reader> vectors_;
  std::uint64_t next_;
};

} // namespace lodge::cli
