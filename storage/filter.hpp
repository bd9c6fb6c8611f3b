#pragma once

#include <lodge/error.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace lodge::storage {

struct filter_node;

/// A condition on metadata, in the JSON dialect of MongoDB and Chroma.
///
///     {"year": 2001}                                  the member is there and equal
///     {"year": {"$gte": 1990, "$lt": 2000}}           all operators hold
///     {"author.name": "Lem", "read": true}            all members hold; dots name places inside objects
///     {"$or": [{"lang": {"$in": ["pl", "en"]}}, {"$not": {"year": {"$exists": true}}}]}
///     {}                                              every item
///
/// **Operation**: `$eq $ne $gt $gte $lt $lte $in $nin $exists $not` of a place; `$and $or $not` of filters. Values
/// compare with values of their type only: numbers by value, whether integers or reals (integers beyond 64 bits as
/// reals); strings by their UTF-8 bytes; booleans and null for equality. `$eq null` holds for a null and for a missing
/// member. `$ne`, `$nin` and `$not` hold exactly where what they negate does not, so for items without the member,
/// too; `$exists` holds for a null. An array or object equals nothing. Items without metadata are as those with `{}`,
/// metadata that is no object has no members.
/// **Limits**: text of 1 MiB, nesting of 32, 512 conditions, 10,000 operands in lists. A member whose name begins with
/// `$`, has a dot, or is written with escapes (`\u00e9`) in the metadata is not found; of members of one name the first
/// counts; a string counts up to a `\u0000` in it.
/// **Concurrency**: immutable; copies share what was parsed.
class filter {
public:
  /// errc::invalid_filter, saying what was expected and what was got.
  static result<filter> parse(std::string_view json);

  /// The same for filters that differ in white space or the order of members only.
  const std::string& text() const;
  /// Whether it is `{}`, or as good as that.
  bool matches_all() const;

  const filter_node& root() const { return *root_; }

private:
  filter(std::shared_ptr<const std::string> text, std::shared_ptr<const filter_node> root);

  std::shared_ptr<const std::string> text_;
  std::shared_ptr<const filter_node> root_;
};

} // namespace lodge::storage
