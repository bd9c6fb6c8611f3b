#include "bench/contestant.hpp"

#include "bench/fail.hpp"

#include <algorithm>

namespace lodge::bench {

namespace {

class single_calls final : public asker {
public:
  explicit single_calls(const contestant& whom) : whom_(whom) {}

  std::vector<neighbours> ask(const matrix& queries, std::size_t first, std::size_t k) override {
    return {whom_.search(queries.row(first), k)};
  }

private:
  const contestant& whom_;
};

} // namespace

std::vector<way> contestant::ways(const std::string& name) const {
  return {{name, [this] { return std::make_unique<single_calls>(*this); }}};
}

std::vector<competitor> builders() {
  std::vector<competitor> all{lodge_competitor(), faiss_competitor()};
#ifdef LODGE_BENCH_HNSWLIB
  all.push_back(hnswlib_competitor());
#endif
  return all;
}

std::vector<competitor> builders_on(const std::string& data_name) {
  auto all = builders();
  if (data_name == "million")
    std::erase_if(all, [](const competitor& each) { return each.name == faiss_competitor().name; });
  return all;
}

competitor builder_named(const std::string& name) {
  const auto all = builders();
  const auto found = std::ranges::find(all, name, &competitor::name);
  if (found == all.end())
    fail("there is no contestant '" + name + "', expected lodge, FAISS or hnswlib (if it was built with it)");
  return *found;
}

} // namespace lodge::bench
