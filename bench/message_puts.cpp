#include "bench/message_puts.hpp"

#include <lodge/interfaces.hpp>

#include <caf/all.hpp>

#include <deque>

namespace lodge::bench {

namespace {

using clock = std::chrono::steady_clock;

struct configuration : caf::actor_system_config {
  configuration() {
    register_types(*this);
    // As the facade has it: workers that sleep while idle.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::max(1U, std::thread::hardware_concurrency()) + 1);
  }
};

[[noreturn]] void stop(const caf::error& failure) { exit_with(from_caf(failure)); }

/// Puts under way, in the order of their sending, which is that of their answers too.
class put_stream {
public:
  put_stream(caf::scoped_actor& self, collection_actor target, const matrix& rows)
    : self_(self), target_(std::move(target)), rows_(rows) {}

  void send_one() {
    const auto values = rows_.row(sent_ % rows_.rows());
    put_request request{
      {{"0-" + std::to_string(sent_), std::vector<float>{values.begin(), values.end()}}}, {}, no_timeout};
    ++sent_;
    under_way_.push_back(clock::now());
    self_->send(target_, put_atom_v, std::move(request));
  }

  /// Waits for the next answer; how long it took since its put was sent.
  clock::duration receive_one() {
    self_->receive([](const position&) {}, [](const caf::error& failure) { stop(failure); });
    const auto took = clock::now() - under_way_.front();
    under_way_.pop_front();
    return took;
  }

  bool is_empty() const { return under_way_.empty(); }

private:
  caf::scoped_actor& self_;
  collection_actor target_;
  const matrix& rows_;
  std::size_t sent_ = 0;
  std::deque<clock::time_point> under_way_;
};

pace run_stream(put_stream& puts, std::size_t in_flight, seconds time) {
  for (std::size_t i = 0; i < in_flight; ++i)
    puts.send_one();
  const auto start = clock::now() + std::chrono::duration_cast<clock::duration>(time / 10);
  const auto end = start + std::chrono::duration_cast<clock::duration>(time);
  std::vector<double> latencies;
  auto now = clock::now();
  for (; now < end; now = clock::now()) {
    const auto took = puts.receive_one();
    puts.send_one();
    if (now >= start)
      latencies.push_back(std::chrono::duration<double, std::micro>(took).count());
  }
  while (!puts.is_empty())
    puts.receive_one();
  const auto rate = static_cast<double>(latencies.size()) / seconds{now - start}.count();
  return {rate, percentile(latencies, 0.50), percentile(latencies, 0.99)};
}

} // namespace

pace put_by_messages(const std::string& file, const matrix& rows, std::size_t in_flight,
                     const auto_compaction& compaction, seconds time) {
  configuration config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  auto db = open_database(system, file, {.auto_compaction = compaction}).or_exit();
  collection_actor target;
  self
    ->request(db, caf::infinite, open_atom_v,
              open_request{"rows", {.dimension = static_cast<std::uint32_t>(rows.dimension)}})
    .receive([&](collection_actor& opened) { target = std::move(opened); }, stop);
  pace seen;
  {
    put_stream puts{self, std::move(target), rows};
    seen = run_stream(puts, in_flight, time);
  }
  self->request(db, caf::infinite, close_atom_v).receive([](const position&) {}, stop);
  return seen;
}

} // namespace lodge::bench
