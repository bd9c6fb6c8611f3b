#include "storage/set_program.hpp"

#include <cassert>
#include <utility>

namespace lodge::storage {

void set_program::push(std::string sql, std::vector<sql_value> values) {
  steps_.push_back({what::query, 0, std::move(sql), std::move(values)});
}

void set_program::intersect(std::size_t sets) { steps_.push_back({what::intersection, sets}); }

void set_program::unite(std::size_t sets) { steps_.push_back({what::one_of, sets}); }

void set_program::subtract() { steps_.push_back({what::difference, 2}); }

bool set_program::run(connection& on, std::size_t& rows) {
  for (; at_ < steps_.size(); ++at_) {
    const auto& next = steps_[at_];
    if (next.to_do != what::query)
      put_together(next);
    else if (!read(on, next, rows))
      return false;
  }
  return true;
}

bool set_program::read(connection& on, const step& of, std::size_t& rows) {
  if (!query_) {
    query_ = std::make_unique<statement>(on, of.sql.c_str());
    query_->bind_from(1, of.values);
  }
  for (; rows > 0; --rows) {
    if (!query_->step()) {
      query_.reset();
      stack_.push_back(as_set(std::exchange(found_, {})));
      return true;
    }
    found_.push_back(query_->number(0));
  }
  return false;
}

void set_program::put_together(const step& how) {
  if (how.to_do == what::one_of && how.sets == 0) {
    stack_.emplace_back();
    return;
  }
  auto made = pop();
  for (std::size_t i = 1; i < how.sets; ++i) {
    const auto below = pop();
    made = how.to_do == what::intersection ? in_both(below, made)
      : how.to_do == what::one_of          ? in_either(below, made)
                                           : in_first_only(below, made);
  }
  stack_.push_back(std::move(made));
}

label_set set_program::pop() {
  assert(!stack_.empty());
  auto top = std::move(stack_.back());
  stack_.pop_back();
  return top;
}

label_set set_program::result() && { return pop(); }

} // namespace lodge::storage
