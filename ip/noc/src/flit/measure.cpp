// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/flit/measure.h"

#include <ctime>

#include "aimc/common/error.h"
#include "aimc/noc/flit/network.h"
#include "aimc/noc/flit/sampler.h"

namespace aimc::noc::flit {
namespace {

constexpr std::uint64_t kSeedsApart = 1000;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

class Run : private Receiver {
 public:
  Run(const Config& config, const Pattern& pattern, const Load& load, std::uint64_t seed)
      : load_(load),
        nodes_(config.endpoints()),
        network_(shallow(config), *this),
        generator_(pattern, nodes_,
                   load.backlog ? 1.0 : load.rate / static_cast<double>(load.packet_flits), seed),
        period_(load.sample_period != 0 ? load.sample_period : default_period(nodes_, load.rate)) {}

  Measured go() {
    Measured result;
    result.rate = load_.rate;
    result.stable = true;
    Schedule schedule(load_);
    std::uint64_t since = 0;
    std::uint64_t ejected = 0;
    bool more = true;
    while (more) {
      if (schedule.clears()) {
        latencies_.clear();
        since = network_.cycle();
        ejected = network_.ejected_flits();
      }
      recording_ = schedule.measuring();
      keep_all_ = !recording_;
      for (const std::uint64_t end = network_.cycle() + period_; network_.cycle() < end;)
        cycle(end);
      result.accepted = static_cast<double>(network_.ejected_flits() - ejected) /
                        static_cast<double>(network_.cycle() - since) / nodes_;
      if (overdue()) result.stable = false;
      more = schedule.next(latencies_.mean(), result.accepted, result.stable);
    }
    recording_ = false;
    drain_from_ = network_.cycle();
    if (result.stable) result.stable = drain();
    result.cycles = network_.cycle();
    result.flit_moves = network_.flit_moves();
    return result;
  }
  const Latencies& latencies() const { return latencies_; }

 private:
  static constexpr std::uint64_t kMeasured = 1;

  // One packet at a time in the network's queue: the rest of a source's queue is the lag of its
  // generator.
  static Config shallow(Config config) {
    config.injection_queue_packets = 1;
    return config;
  }

  void cycle(std::uint64_t end) {
    const std::uint64_t now = network_.cycle();
    std::swap(free_, asking_);
    for (const unsigned source : asking_) make(source, now);
    asking_.clear();
    for (unsigned source = generator_.wake(now); source != Generator::kNobody;
         source = generator_.wake(now))
      make(source, now);
    if (network_.busy()) {
      network_.step();
    } else {
      network_.advance(std::min(end, std::max(generator_.next_wake(), now + 1)));
    }
  }

  void make(unsigned source, std::uint64_t now) {
    Generator::Made made{};
    if (!generator_.take(source, now, made)) return;
    const bool measured = recording_ || made.created < drain_from_;
    if (measured) ++outstanding_;
    way_flits_ += load_.packet_flits;
    way_created_ += made.created * load_.packet_flits;
    network_.inject({.source = source,
                     .destination = made.destination,
                     .flits = load_.packet_flits,
                     .created = made.created,
                     .tag = (source << 1) | (measured ? kMeasured : 0)});
  }

  void left(unsigned endpoint, unsigned) override { free_.push_back(endpoint); }

  void delivered(const Delivery& delivery) override {
    way_flits_ -= delivery.flits;
    way_created_ -= delivery.created * delivery.flits;
    const bool measured = (delivery.tag & kMeasured) != 0;
    if (measured) --outstanding_;
    if (measured || keep_all_)
      latencies_.add(delivery.arrived - delivery.created, delivery.arrived - delivery.injected,
                     delivery.routers);
  }

  // Mean latency with the age of what is on the way, flit by flit.
  bool overdue() const {
    const double ages = static_cast<double>(network_.cycle() * way_flits_ - way_created_);
    const double count = static_cast<double>(latencies_.count() + way_flits_);
    return load_.latency_limit > 0.0 && (latencies_.sum() + ages) > load_.latency_limit * count;
  }

  // A source that lags has measured packets still to hand over.
  bool lagging() const {
    for (unsigned source = 0; source < nodes_; ++source)
      if (generator_.next(source) < drain_from_) return true;
    return false;
  }

  bool drain() {
    for (std::uint64_t steps = 1; outstanding_ != 0 || lagging(); ++steps) {
      cycle(network_.cycle() + 1);
      if (steps % 1000 == 0 && overdue()) return false;
    }
    return true;
  }

  const Load& load_;
  unsigned nodes_;
  Network network_;
  Generator generator_;
  unsigned period_;
  std::vector<unsigned> free_;
  std::vector<unsigned> asking_;
  Latencies latencies_;
  bool recording_ = false;
  bool keep_all_ = true;  // warm-up looks at all packets
  std::uint64_t drain_from_ = 0;
  std::uint64_t outstanding_ = 0;
  std::uint64_t way_flits_ = 0;
  std::uint64_t way_created_ = 0;
};

}  // namespace

unsigned default_period(unsigned nodes, double rate) {
  constexpr double kFlits = 60.0 * 64.0;
  const double cycles = kFlits / static_cast<double>(nodes) / std::max(rate, 1e-9);
  return static_cast<unsigned>(std::clamp(cycles, 500.0, 5000.0));
}

unsigned default_runs(const Config& config, const Load& load) {
  constexpr double kPackets = 150000.0;
  constexpr double kMostRuns = 96.0;
  const unsigned nodes = config.endpoints();
  const double period =
      load.sample_period != 0 ? load.sample_period : default_period(nodes, load.rate);
  // Three periods are measured at least.
  const double packets = 3.0 * period * nodes * load.rate / load.packet_flits;
  const auto runs = static_cast<unsigned>(std::min(kPackets / std::max(packets, 1.0), kMostRuns));
  return std::max(runs, std::clamp(1024u / nodes, 1u, 16u));
}

double zero_load_latency(const Config& config, const Pattern& pattern, unsigned packet_flits) {
  const Geometry geometry(config);
  double hops = 0.0;
  for (unsigned source = 0; source < geometry.routers(); ++source) {
    const unsigned only = pattern.fixed(source);
    if (only != Pattern::kMany) {
      hops += geometry.hops(source, only);
      continue;
    }
    const std::vector<double> shares = pattern.shares(source);
    for (unsigned to = 0; to < geometry.routers(); ++to)
      if (shares[to] > 0.0) hops += shares[to] * geometry.hops(source, to);
  }
  hops /= geometry.routers();
  const Pipeline& p = config.pipeline;
  // Speculation allocates channel and switch at once.
  const unsigned router =
      p.routing_delay + p.vc_alloc_delay + p.switch_delay + (p.speculative ? 0 : p.sw_alloc_delay);
  return (hops + 1) * router + hops * p.link_delay + p.interface_delay + p.ejection_delay +
         packet_flits;
}

double latency_limit(const Config& config, const Pattern& pattern, const Load& load) {
  constexpr double kLatencyLimit = 250.0;  // of the reference, on up to 64 routers
  if (load.latency_limit != 0.0) return load.latency_limit;
  return std::max(kLatencyLimit, 5.0 * zero_load_latency(config, pattern, load.packet_flits));
}

Measured measure(const Config& config, const Pattern& pattern, const Load& asked) {
  Load load = asked;
  if (!(load.rate >= 0.0 && load.rate <= 1.0))
    user_error("a rate of {} flits per node and cycle is not possible: must be 0..1", load.rate);
  if (load.max_samples <= load.warmup_periods)
    user_error("{} periods are too few: {} of them are warm-up", load.max_samples,
               load.warmup_periods);
  if (load.latency_limit < 0.0)
    user_error("a latency limit of {} cycles is not possible", load.latency_limit);
  if (load.packet_flits < 1 || load.packet_flits > 0xffff)
    user_error("packets of {} flits are not possible: must be 1..65535", load.packet_flits);
  load.latency_limit = latency_limit(config, pattern, load);
  const double started = cpu_seconds();
  const unsigned runs = load.runs != 0 ? load.runs : default_runs(config, load);
  Measured result;
  Latencies stable;
  Latencies unstable;
  unsigned stable_runs = 0;
  for (unsigned i = 0; i < runs; ++i) {
    Run run(config, pattern, load, load.seed * kSeedsApart + i);
    const Measured one = run.go();
    (one.stable ? stable : unstable).add(run.latencies());
    stable_runs += one.stable;
    result.accepted += one.accepted / runs;
    result.cycles += one.cycles;
    result.flit_moves += one.flit_moves;
  }
  result.rate = load.rate;
  result.stable = 2 * stable_runs >= runs;
  if (!result.stable) stable.add(unstable);
  stable.report(result);
  result.cpu_s = cpu_seconds() - started;
  return result;
}

double ideal_bound(const Config& config, const Pattern& pattern) {
  Config plain = config;
  plain.routing = Routing::xy;
  const Geometry geometry(plain);
  const unsigned ports = kNeighbours + 1;
  std::vector<double> load(std::size_t{geometry.routers()} * ports);
  for (unsigned source = 0; source < geometry.routers(); ++source) {
    const std::vector<double> shares = pattern.shares(source);
    for (unsigned to = 0; to < geometry.routers(); ++to) {
      if (shares[to] <= 0.0) continue;
      unsigned at = source;
      while (true) {
        const Geometry::Steps steps = geometry.steps(at, {.source = source, .destination = to});
        if (steps.count == 0) break;  // nothing gets through
        load[at * ports + steps.step[0].port] += shares[to];
        if (at == to) break;
        at = geometry.neighbour(at, steps.step[0].port);
      }
    }
  }
  const double most = *std::max_element(load.begin(), load.end());
  return std::min(1.0, 1.0 / std::max(most, 1e-9));
}

Saturation find_saturation(const Config& config, const Pattern& pattern, const Load& load,
                           unsigned steps) {
  Saturation result;
  result.bound = ideal_bound(config, pattern);
  const auto run = [&](double rate) {
    Load at = load;
    at.rate = rate;
    result.runs.push_back(measure(config, pattern, at));
    return result.runs.back();
  };
  Load low = load;
  low.rate = std::min(0.004, result.bound / 16.0);
  if (low.sample_period == 0) low.sample_period = config.endpoints() < 64 ? 20000 : 5000;
  result.runs.push_back(measure(config, pattern, low));
  result.low_latency = result.runs.back().packet_latency;
  double below = 0.0;
  double beyond = result.bound;
  for (unsigned step = 0; step < steps; ++step) {
    const double rate = (below + beyond) / 2.0;
    const Measured measured = run(rate);
    const bool fine = measured.stable && measured.packet_latency <= 3.0 * result.low_latency;
    (fine ? below : beyond) = rate;
  }
  result.rate = below;
  std::sort(result.runs.begin(), result.runs.end(),
            [](const Measured& a, const Measured& b) { return a.rate < b.rate; });
  return result;
}

}  // namespace aimc::noc::flit
