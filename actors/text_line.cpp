#include "actors/text_line.hpp"

#include <algorithm>
#include <utility>

namespace lodge {

std::vector<text_line::finished> text_line::step(time_point now) {
  std::vector<finished> done;
  take_late(now, done);
  if (waiting_.empty())
    return done;
  if (auto opened = open(); !opened) {
    finish_first(opened.error(), done);
    return done;
  }
  if (!std::exchange(has_begun_, true))
    if (const auto begun = file_->begin(waiting_.front().question); !begun || !*begun) {
      if (begun)
        finish_first(std::optional<storage::text_answer>{}, done);
      else
        finish_first(begun.error(), done);
      return done;
    }
  if (auto answer = file_->step(); !answer || *answer)
    finish_first(std::move(answer), done);
  return done;
}

void text_line::take_late(time_point now, std::vector<finished>& to) {
  const auto is_late = [now](const search& each) { return each.until.at <= now; };
  if (has_begun_ && is_late(waiting_.front()))
    finish_first(error{errc::deadline_exceeded, "the time ended while words were searched"}, to);
  const auto before = has_begun_ ? 1 : 0;
  const auto late = std::stable_partition(waiting_.begin() + before, waiting_.end(), std::not_fn(is_late));
  for (auto each = late; each != waiting_.end(); ++each)
    to.push_back({std::move(*each), error{errc::deadline_exceeded, "the time ended before words were searched"}});
  waiting_.erase(late, waiting_.end());
}

void text_line::finish_first(result<std::optional<storage::text_answer>> outcome, std::vector<finished>& to) {
  if (file_)
    file_->end();
  has_begun_ = false;
  to.push_back({std::move(waiting_.front()), std::move(outcome)});
  waiting_.pop_front();
}

result<void> text_line::open() {
  if (file_)
    return {};
  auto opened = storage::text_reader::open(path_);
  if (!opened)
    return opened.error();
  file_ = *std::move(opened);
  return {};
}

} // namespace lodge
