#include "cli/formats/fvecs.hpp"

#include <string>

namespace lodge::cli {

namespace {

reading broken(errc code, std::string why) { return {met::broken, {code, std::move(why)}}; }

template <class T>
void write_row(std::ostream& out, const std::vector<T>& values) {
  const auto count = static_cast<std::int32_t>(values.size());
  out.write(reinterpret_cast<const char*>(&count), sizeof count);
  out.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
}

} // namespace

reading fvecs_reader::next(item& row) {
  row = {};
  ++row_;
  std::int32_t count = 0;
  in_.read(reinterpret_cast<char*>(&count), sizeof count);
  const auto count_bytes = in_.gcount();
  if (count_bytes == 0)
    return {met::end};
  if (count_bytes < static_cast<std::streamsize>(sizeof count))
    return broken(errc::invalid_argument,
                  "the row is cut short: got " + std::to_string(count_bytes) + " of the 4 bytes that count its values");
  if (count < 1 || count > static_cast<std::int64_t>(largest_dimension))
    return broken(errc::invalid_argument,
                  "a row begins with its number of values, 1 to " + std::to_string(largest_dimension) + ", got "
                    + std::to_string(count));
  const auto dimension = static_cast<std::uint64_t>(count);
  if (dimension_ == 0)
    dimension_ = dimension;
  if (dimension != dimension_)
    return broken(errc::dimension_mismatch,
                  "got " + std::to_string(dimension) + " values, row 1 has " + std::to_string(dimension_));
  auto& values = row.vector.emplace(dimension);
  const auto bytes = static_cast<std::streamsize>(dimension * sizeof(float));
  if (!in_.read(reinterpret_cast<char*>(values.data()), bytes))
    return broken(errc::invalid_argument,
                  "the row is cut short: got " + std::to_string(in_.gcount()) + " of " + std::to_string(bytes)
                    + " bytes");
  return {};
}

void write_vecs_row(std::ostream& out, const std::vector<float>& values) { write_row(out, values); }
void write_vecs_row(std::ostream& out, const std::vector<std::int32_t>& values) { write_row(out, values); }

} // namespace lodge::cli
