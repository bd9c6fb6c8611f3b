#include "bench/parts.hpp"

#include "index/view_builder.hpp"

#include <algorithm>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t changes = 10'000;
constexpr std::array<std::size_t, 3> sizes{10'000, 100'000, 1'000'000};

/// What the holder of a view does with the log, without the messages and the file: each change is a view of its own.
class holder {
public:
  holder(const matrix& vectors, std::size_t rows, bool in_base)
    : vectors_(vectors), builder_(metric::l2, {vectors.dimension}) {
    index::loaded_rows loaded;
    if (in_base)
      loaded.segments.push_back({1, pages_of(rows), nullptr});
    loaded.number = loaded.covers = in_base ? rows : 0;
    builder_.load(std::move(loaded));
    for (number_ = loaded.number; number_ < rows;)
      put();
    show();
  }

  void put() {
    ++number_;
    builder_.put(number_, std::to_string(number_), vector_of(number_));
  }

  /// A put of a key that was there.
  void replace(std::uint64_t label) {
    put();
    builder_.bury({number_, label});
  }

  /// The former view goes, as if no search held it.
  void show() {
    builder_.seal(number_);
    shown_ = builder_.snapshot();
  }

private:
  std::span<const float> vector_of(std::uint64_t label) const { return vectors_.row(label % vectors_.rows()); }

  index::row_pages_ptr pages_of(std::size_t rows) const {
    index::row_pages_writer writer{{vectors_.dimension}, rows};
    for (std::uint64_t label = 1; label <= rows; ++label)
      writer.append(label, std::to_string(label), std::as_bytes(vector_of(label)).data());
    return writer.take();
  }

  const matrix& vectors_;
  index::view_builder builder_;
  index::view_ptr shown_;
  std::uint64_t number_ = 0;
};

/// Nanoseconds a call.
template <class Change>
double cost_of(Change change) {
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < changes; ++i)
    change(i);
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return took.count() / static_cast<double>(changes);
}

} // namespace

void holder_part(const run_options& options, journal& out) {
  mixture how;
  how.rows = changes;
  const auto vectors = draw(how).rows;
  for (unsigned repeat = 0; repeat < options.repeats; ++repeat)
    for (const auto rows : sizes)
      for (const auto in_base : {true, false}) {
        if (rows > options.most_rows)
          continue;
        holder measured{vectors, rows, in_base};
        const auto puts = cost_of([&](std::size_t) {
          measured.put();
          measured.show();
        });
        // Each a row that lives, in no order.
        const auto replacements = cost_of([&](std::size_t i) {
          measured.replace(i * 7'919 % rows + 1);
          measured.show();
        });
        out.write(json{{"part", "holder"},
                       {"rows", rows},
                       {"rows_in", in_base ? "base" : "delta"},
                       {"repeat", repeat},
                       {"put_ns", puts},
                       {"replace_ns", replacements}});
      }
}

} // namespace lodge::bench
