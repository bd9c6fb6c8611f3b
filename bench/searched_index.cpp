#include "bench/searched_index.hpp"

#include "bench/parts.hpp"

namespace lodge::bench {

searched_index::searched_index(const competitor& who, const run_options& options, const dataset& data,
                               const std::vector<neighbours>& truth)
  : name_(who.name),
    index_(who.open(options.index_file(who, data.name), data.rows.dimension)),
    ways_(index_->ways(who.name)),
    data_(data),
    truth_(truth) {
  index_->wait_until_ready();
}

double searched_index::recall_at(std::size_t ef, const way& how) {
  index_->set_ef(ef);
  return recall(truth_, ask_all(how, data_.queries, k, cores()));
}

std::optional<std::size_t> searched_index::least_ef(double wanted) {
  const auto reached = std::ranges::find_if(efs, [&](std::size_t ef) { return recall_at(ef) >= wanted; });
  if (reached == efs.end())
    return std::nullopt;
  auto enough = *reached;
  for (auto below = reached == efs.begin() ? enough : *std::prev(reached); below + 1 < enough;) {
    const auto middle = (below + enough) / 2;
    (recall_at(middle) >= wanted ? enough : below) = middle;
  }
  return enough;
}

pace searched_index::run(std::size_t ef, const way& how, unsigned clients, seconds time) {
  index_->set_ef(ef);
  std::vector<std::unique_ptr<asker>> askers;
  for (unsigned client = 0; client < clients; ++client)
    askers.push_back(how.begin());
  const auto a_call = askers.front()->queries_a_call();
  const auto calls = data_.queries.rows() / a_call;
  auto seen = run_clients(clients, time, [&](unsigned client, std::size_t n) {
    // Clients begin at different places, so that they do not warm the cache for each other.
    askers[client]->ask(data_.queries, (n + client * calls / clients) % calls * a_call, k);
  });
  seen.rate *= static_cast<double>(a_call);
  return seen;
}

} // namespace lodge::bench
