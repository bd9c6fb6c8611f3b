#include "cli/formats/npy.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace lodge::cli {

namespace {

/// A dict of the three entries has some 80 bytes; numpy itself refuses more than 10,000.
constexpr std::uint32_t longest_header = 65'536;

error no_header(const std::string& why) { return {errc::invalid_argument, "no .npy header that can be used: " + why}; }

/// Takes the dict literal apart from left to right.
class dict_text {
public:
  explicit dict_text(std::string_view text) : rest_(text) {}

  bool take(std::string_view what) {
    skip_spaces();
    if (!rest_.starts_with(what))
      return false;
    rest_.remove_prefix(what.size());
    return true;
  }

  std::optional<std::string> quoted() {
    skip_spaces();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"'))
      return std::nullopt;
    const auto end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos)
      return std::nullopt;
    std::string text{rest_.substr(1, end - 1)};
    rest_.remove_prefix(end + 1);
    return text;
  }

  std::optional<std::uint64_t> number() {
    skip_spaces();
    std::uint64_t value = 0;
    const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (read.ec != std::errc{})
      return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
    return value;
  }

  bool ended() {
    skip_spaces();
    return rest_.empty();
  }

private:
  void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }

  std::string_view rest_;
};

/// "(2, 3)"; "(2,)" has one entry.
std::optional<std::vector<std::uint64_t>> shape_from(dict_text& text) {
  if (!text.take("("))
    return std::nullopt;
  std::vector<std::uint64_t> shape;
  while (!text.take(")")) {
    const auto size = text.number();
    if (!size)
      return std::nullopt;
    shape.push_back(*size);
    if (!text.take(",")) {
      if (!text.take(")"))
        return std::nullopt;
      break;
    }
  }
  return shape;
}

/// What the three entries of the dict say, as they are written.
struct dict {
  std::optional<std::string> descr = {};
  std::optional<bool> fortran_order = {};
  std::optional<std::vector<std::uint64_t>> shape = {};
};

bool take_entry(dict_text& text, dict& entries) {
  const auto name = text.quoted();
  if (!name || !text.take(":"))
    return false;
  if (*name == "descr" && !entries.descr)
    return (entries.descr = text.quoted()).has_value();
  if (*name == "shape" && !entries.shape)
    return (entries.shape = shape_from(text)).has_value();
  if (*name != "fortran_order" || entries.fortran_order)
    return false;
  if (text.take("True"))
    entries.fortran_order = true;
  else if (text.take("False"))
    entries.fortran_order = false;
  return entries.fortran_order.has_value();
}

bool take_entries(dict_text& text, dict& entries) {
  if (!text.take("{"))
    return false;
  while (!text.take("}")) {
    if (!take_entry(text, entries))
      return false;
    if (!text.take(","))
      return text.take("}");
  }
  return true;
}

result<npy_header> header_of(const dict& entries) {
  if (*entries.descr != "<f4" && *entries.descr != "<f8")
    return no_header("values are '<f4' or '<f8', got '" + *entries.descr + "'");
  if (*entries.fortran_order)
    return no_header("the matrix is in Fortran order, C order is expected (numpy.ascontiguousarray)");
  const auto& shape = *entries.shape;
  if (shape.size() != 2)
    return no_header("a matrix has 2 dimensions (vectors, values), got " + std::to_string(shape.size()));
  if (shape[1] < 1 || shape[1] > largest_dimension)
    return no_header("a vector has 1 to " + std::to_string(largest_dimension) + " values, got "
                     + std::to_string(shape[1]));
  return npy_header{*entries.descr == "<f4" ? 4U : 8U, shape[0], shape[1]};
}

} // namespace

result<npy_header> npy_header_from(std::string_view text) {
  dict_text rest{text};
  dict entries;
  if (!take_entries(rest, entries) || !rest.ended() || !entries.descr || !entries.fortran_order || !entries.shape)
    return no_header("a dict of 'descr', 'fortran_order' and 'shape' is expected, got '"
                     + std::string{text.substr(0, 100)} + "'");
  return header_of(entries);
}

result<npy_header> read_npy_header(std::istream& in) {
  constexpr std::string_view magic = "\x93NUMPY";
  std::array<char, 8> start{};
  if (!in.read(start.data(), start.size()) || std::string_view{start.data(), magic.size()} != magic)
    return no_header("the file does not begin with \\x93NUMPY");
  const auto major = static_cast<int>(start[6]);
  const auto minor = static_cast<int>(start[7]);
  if (major < 1 || major > 3 || minor != 0)
    return no_header("versions 1.0, 2.0 and 3.0 are known, got " + std::to_string(major) + "." + std::to_string(minor));
  std::uint32_t length = 0;
  if (!in.read(reinterpret_cast<char*>(&length), major == 1 ? 2 : 4))
    return no_header("it is cut short");
  if (length > longest_header)
    return no_header("its length is " + std::to_string(length) + ", at most " + std::to_string(longest_header)
                     + " is expected");
  std::string text(length, '\0');
  if (!in.read(text.data(), length))
    return no_header("it is cut short");
  return npy_header_from(text);
}

} // namespace lodge::cli
