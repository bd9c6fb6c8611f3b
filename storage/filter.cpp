#include "storage/filter.hpp"

#include "storage/filter_parsing.hpp"
#include "storage/sqlite.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace lodge::storage {

filter::filter(std::shared_ptr<const std::string> text, std::shared_ptr<const filter_node> root)
  : text_(std::move(text)), root_(std::move(root)) {}

result<filter> filter::parse(std::string_view json) {
  return guarded([&] {
    const auto parsed = parse_filter_text(json);
    auto root = std::make_shared<const filter_node>(parse_filter(parsed));
    // Members of an object are kept in the order of their names.
    return filter{std::make_shared<const std::string>(parsed.dump()), std::move(root)};
  });
}

const std::string& filter::text() const { return *text_; }

bool filter::matches_all() const { return root_->is == filter_node::kind::all && root_->parts.empty(); }

} // namespace lodge::storage
