#include "storage/text_query.hpp"

#include <algorithm>
#include <optional>

namespace lodge::storage {

namespace {

/// A word or a phrase, without its quotes.
struct term {
  std::string_view text;
  bool is_beginning = false;
};

/// Where FTS5 would end the expression at a zero byte, it is taken for white space as well.
bool is_space(char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }

bool is_in_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
    || static_cast<unsigned char>(c) >= 0x80;
}

/// Takes the terms off the front of a text, one by one.
class terms {
public:
  explicit terms(std::string_view of) : left_(of) {}

  std::optional<term> next() {
    while (!left_.empty() && is_space(left_.front()))
      left_.remove_prefix(1);
    if (left_.empty())
      return std::nullopt;
    return left_.front() == '"' ? next_phrase() : next_word();
  }

private:
  term next_phrase() {
    left_.remove_prefix(1);
    term made{left_.substr(0, left_.find('"'))};
    left_.remove_prefix(std::min(made.text.size() + 1, left_.size()));
    made.is_beginning = left_.starts_with('*');
    return made;
  }

  term next_word() {
    const auto end = std::ranges::find_if(left_, [](char c) { return is_space(c) || c == '"'; });
    term made{left_.substr(0, static_cast<std::size_t>(end - left_.begin()))};
    left_.remove_prefix(made.text.size());
    made.is_beginning = made.text.ends_with('*');
    return made;
  }

  std::string_view left_;
};

} // namespace

result<std::string> to_match_expression(std::string_view query) {
  if (query.size() > longest_text_query)
    return error{errc::invalid_argument,
                 "a text query has up to " + std::to_string(longest_text_query) + " bytes, got "
                   + std::to_string(query.size())};
  std::string made;
  std::size_t words = 0;
  terms of{query};
  while (const auto next = of.next()) {
    if (std::ranges::none_of(next->text, is_in_word))
      continue;
    if (++words > most_query_words)
      return error{errc::invalid_argument,
                   "a text query has up to " + std::to_string(most_query_words) + " words, got more"};
    made += made.empty() ? "\"" : " OR \"";
    std::ranges::transform(next->text, std::back_inserter(made), [](char c) { return c == '\0' ? ' ' : c; });
    made += next->is_beginning ? "\" *" : "\"";
  }
  if (made.empty())
    return error{errc::invalid_argument, "a text query has at least one word, got '" + std::string{query} + "'"};
  return made;
}

} // namespace lodge::storage
