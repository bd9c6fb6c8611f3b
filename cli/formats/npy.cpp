#include "cli/formats/npy.hpp"

namespace lodge::cli {

namespace {

/// Magic, version and length (10 bytes) and the dict, with room for the longest number of rows.
constexpr std::size_t header_bytes = 128;

template <class Value>
bool read_values(std::istream& in, std::vector<float>& values) {
  std::vector<Value> raw(values.size());
  if (!in.read(reinterpret_cast<char*>(raw.data()), static_cast<std::streamsize>(raw.size() * sizeof(Value))))
    return false;
  std::copy(raw.begin(), raw.end(), values.begin());
  return true;
}

} // namespace

reading npy_reader::begin() {
  auto header = read_npy_header(in_);
  if (!header)
    return {met::broken, header.error()};
  header_ = *header;
  return {};
}

reading npy_reader::next(item& row) {
  row = {};
  if (!header_)
    if (auto begun = begin(); begun.what != met::row)
      return begun;
  ++row_;
  if (row_ > header_->rows) {
    if (in_.peek() != std::char_traits<char>::eof())
      return {met::broken,
              {errc::invalid_argument,
               "the header says " + std::to_string(header_->rows) + " rows, but the file goes on after them"}};
    return {met::end};
  }
  auto& values = row.vector.emplace(header_->columns);
  const auto whole = header_->value_bytes == 4 ? read_values<float>(in_, values) : read_values<double>(in_, values);
  if (!whole)
    return {met::broken,
            {errc::invalid_argument,
             "the file ends in this row, its header says " + std::to_string(header_->rows) + " rows of "
               + std::to_string(header_->columns) + " values"}};
  return {};
}

npy_writer::npy_writer(std::ostream& out, std::uint64_t columns) : out_(out), columns_(columns) { write_header(); }

void npy_writer::write(const std::vector<float>& row) {
  out_.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size() * sizeof(float)));
  ++rows_;
}

void npy_writer::finish() {
  out_.seekp(0);
  write_header();
  out_.seekp(0, std::ios::end);
}

void npy_writer::write_header() {
  std::string header{"\x93NUMPY\x01\x00", 8};
  constexpr auto length = static_cast<std::uint16_t>(header_bytes - 10);
  header.append(reinterpret_cast<const char*>(&length), sizeof length);
  header += "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows_) + ", "
    + std::to_string(columns_) + "), }";
  header.resize(header_bytes - 1, ' ');
  out_ << header << '\n';
}

} // namespace lodge::cli
