// Random histories of view_builder against a list of rows.

#include "index/search.hpp"
#include "index/segment_growth.hpp"
#include "index/view_builder.hpp"

#include "tests/index/rows.hpp"
#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::index;
using lodge::test::row_of;

namespace {

struct row {
  std::uint64_t label = 0;
  std::uint64_t died_at = 0;
  std::vector<float> vector;

  bool lives_at(std::uint64_t number) const { return label <= number && (died_at == 0 || died_at > number); }
};

/// What a view should hold: the labels, in their order.
struct expectation {
  view_ptr seen;
  std::uint64_t number = 0;
  std::vector<std::uint64_t> living;
};

class history {
public:
  explicit history(std::uint32_t seed) : random_(seed), builder_(metric::l2, {3}) {}

  void step() {
    switch (random_() % 20) {
    case 0: random_() % 2 == 0 ? adopt() : grow(); break;
    case 1: load(); break;
    case 2:
    case 3: seal(); break;
    case 4:
    case 5:
    case 6:
    case 7:
    case 8: remove(); break;
    case 9:
    case 10: update(); break;
    default: put(); break;
    }
  }

  /// A view of now must hold what lives now; it is kept to be looked at again.
  void seal() {
    // Numbers of other collections lie between.
    number_ += random_() % 3;
    builder_.seal(number_);
    expectation made{builder_.snapshot(), number_, living_at(number_)};
    check(made);
    BOOST_TEST(builder_.living() == made.living.size());
    BOOST_TEST(builder_.number() == number_);
    kept_.push_back(std::move(made));
  }

  void check_all_again() const {
    for (const auto& one : kept_)
      check(one);
  }

private:
  void put() { put_as(++number_); }

  void put_as(std::uint64_t label) {
    row made{label, 0, {static_cast<float>(random_() % 100), static_cast<float>(random_() % 100), 1}};
    builder_.put(label, "key" + std::to_string(label), made.vector);
    rows_.push_back(std::move(made));
  }

  row* pick_living() {
    std::vector<row*> living;
    for (auto& one : rows_)
      if (one.died_at == 0)
        living.push_back(&one);
    return living.empty() ? nullptr : living[random_() % living.size()];
  }

  void remove() {
    if (auto* one = pick_living()) {
      one->died_at = ++number_;
      builder_.bury({number_, one->label});
    }
  }

  void update() {
    if (auto* one = pick_living()) {
      one->died_at = ++number_;
      const auto died = one->label;
      put_as(number_);
      builder_.bury({number_, died});
    }
  }

  /// A base built from the rows that lived a while ago, in up to three segments.
  void adopt() {
    const auto back = random_() % 2 == 0 ? 0 : random_() % 60;
    const auto covers = number_ > back ? number_ - back : 0;
    seal();
    const auto accepted = builder_.adopt(test::grown(covers, segments_at(covers)));
    BOOST_TEST(accepted == (covers >= covers_));
    if (accepted)
      covers_ = covers;
    BOOST_TEST(builder_.covers() == covers_);
    seal();
  }

  /// Segments grown from a view of a while ago.
  void grow() {
    seal();
    const auto back = std::min<std::size_t>(random_() % 4, kept_.size() - 1);
    growth_options options;
    options.largest_segment = largest_segment;
    options.most_new_rows = random_() % 3 == 0 ? random_() % 20 : SIZE_MAX;
    options.rebuild = random_() % 5 == 0;
    segment_growth growth{kept_[kept_.size() - 1 - back].seen, options};
    while (!growth.done())
      test::must_do(growth.step());
    const auto made = growth.take();
    for (const auto& part : made.segments) {
      BOOST_TEST((part.rows.id != 0 || part.rows.rows->size() <= largest_segment));
      BOOST_TEST(part.living > 0U);
    }
    const auto accepted = builder_.adopt(made);
    BOOST_TEST(accepted == (made.covers >= covers_));
    if (accepted)
      covers_ = made.covers;
    seal();
  }

  void load() {
    if (random_() % 3 != 0)
      return;
    loaded_rows made{number_, covers_, 1, segments_at(covers_), {}, {}};
    auto block = std::make_shared<row_block>(vector_layout{3}, rows_.size() + 1);
    for (const auto& one : rows_) {
      if (one.label > covers_ && one.died_at == 0)
        block->append(one.label, "key" + std::to_string(one.label), row_of(one.vector));
      // Also of rows that the file has no vector for any more: a base from before their death may come.
      if (one.died_at > covers_)
        made.deaths.push_back({one.died_at, one.label});
    }
    if (block->size() > 0)
      made.delta.push_back({block, 0, block->size()});
    builder_.load(std::move(made));
    seal();
  }

  std::vector<segment> segments_at(std::uint64_t covers) {
    std::vector<const row*> living;
    for (const auto& one : rows_)
      if (one.lives_at(covers))
        living.push_back(&one);
    std::vector<segment> made;
    for (std::size_t first = 0; first < living.size();) {
      const auto count = made.size() == 2 ? living.size() - first : 1 + random_() % (living.size() - first);
      auto block = std::make_shared<row_block>(vector_layout{3}, count);
      for (auto i = first; i < first + count; ++i)
        block->append(living[i]->label, "key" + std::to_string(living[i]->label), row_of(living[i]->vector));
      made.push_back({++segment_id_, test::pages_of(block), nullptr});
      first += count;
    }
    return made;
  }

  std::vector<std::uint64_t> living_at(std::uint64_t number) const {
    std::vector<std::uint64_t> labels;
    for (const auto& one : rows_)
      if (one.lives_at(number))
        labels.push_back(one.label);
    return labels;
  }

  void check(const expectation& what) const {
    search_scratch scratch;
    const std::vector<float> query{0, 0, 0};
    std::vector<std::uint64_t> labels;
    std::size_t wrong = 0;
    for (const auto& one : search(*what.seen, query, {1'000'000, 100, true}, scratch)) {
      const auto known = std::ranges::lower_bound(rows_, one.label, {}, &row::label);
      wrong += one.key == "key" + std::to_string(one.label)
          && one.distance == kernels_for(metric::l2).one(query.data(), known->vector.data(), 3)
        ? 0
        : 1;
      labels.push_back(one.label);
    }
    std::ranges::sort(labels);
    BOOST_TEST(labels == what.living, boost::test_tools::per_element());
    BOOST_TEST(wrong == 0U);
    BOOST_TEST(what.seen->living == what.living.size());
    BOOST_TEST(what.seen->number == what.number);
    std::size_t in_segments = 0;
    for (const auto& part : what.seen->segments)
      in_segments += part.living;
    BOOST_TEST(in_segments <= what.seen->living);
  }

  static constexpr std::size_t largest_segment = 40;

  std::mt19937 random_;
  view_builder builder_;
  /// All that ever was, in the order of labels.
  std::vector<row> rows_;
  std::uint64_t number_ = 0;
  std::uint64_t covers_ = 0;
  std::uint64_t segment_id_ = 0;
  std::vector<expectation> kept_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(view_histories)

BOOST_AUTO_TEST_CASE(any_order_of_puts_deaths_bases_and_loads_shows_what_lives_and_old_views_stay_as_they_were) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed)
    BOOST_TEST_CONTEXT("seed " << seed) {
      history lived{seed};
      for (int i = 0; i < 500; ++i)
        lived.step();
      lived.seal();
      lived.check_all_again();
    }
}

BOOST_AUTO_TEST_SUITE_END()
