// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aimc/noc/flit/config.h"
#include "aimc/noc/flit/traffic.h"

namespace aimc::noc::flit {

/// One measurement of a network under synthetic traffic.
struct Load {
  double rate = 0.1;  ///< Offered flits per node and cycle, 0..1.
  unsigned packet_flits = 1;
  bool backlog = false;  ///< Sources always have a packet waiting; `rate` does not count.
  std::uint64_t seed = 1;
  unsigned sample_period = 0;  ///< Cycles; 0: `default_period`.
  unsigned warmup_periods = 3;
  unsigned max_samples = 10;   ///< Periods in all.
  double latency_limit = 0.0;  ///< Mean packet latency beyond which a run is unstable [cycles]; 0:
                               ///< 250, or five times the latency of an empty network if more.
  double stop_threshold = 0.05;  ///< Relative change between periods that counts as settled.
  unsigned runs = 0;  ///< Independent runs whose packets are taken together; 0: `default_runs`.
};

/// What came of it. Latencies in cycles, rates in flits per node and cycle.
struct Measured {
  double rate = 0.0;
  bool stable = false;
  double packet_latency = 0.0;   ///< Mean, from creation to arrival of the tail.
  double network_latency = 0.0;  ///< Mean, from the head leaving the source.
  std::uint64_t p50 = 0;
  std::uint64_t p99 = 0;
  std::uint64_t max_latency = 0;
  double accepted = 0.0;
  double routers = 0.0;  ///< Mean, passed by a packet.
  std::uint64_t packets = 0;
  std::uint64_t cycles = 0;
  std::uint64_t flit_moves = 0;  ///< Flit-router traversals.
  double cpu_s = 0.0;
};

/// About as many packets for small networks as for large ones: 60 / rate cycles for 64 nodes,
/// within 500..5000.
unsigned default_period(unsigned nodes, double rate);

/// Enough for 150,000 packets, so that the accepted rate has a deviation of 0.3 %, within limits:
/// at least 16 for up to 64 nodes (fewer for more nodes), at most 96.
unsigned default_runs(const Config& config, const Load& load);

/// Each run: three periods of warm-up; then packets made are measured, for at least three periods,
/// until means change by no more than the threshold three times in a row or `max_samples` is
/// reached; then the measured ones drain while traffic goes on. Sources queue without limit and
/// their queues count as latency. A run whose mean latency, packets on the way included, passes the
/// limit is not stable; its accepted rate is measured all the same.
Measured measure(const Config& config, const Pattern& pattern, const Load& load);

/// Mean latency of packets that meet no others [cycles].
double zero_load_latency(const Config& config, const Pattern& pattern, unsigned packet_flits);

/// `load.latency_limit`, or what 0 stands for.
double latency_limit(const Config& config, const Pattern& pattern, const Load& load);

/// Rate at which the most loaded link or ejection port of X-then-Y routing is always busy.
double ideal_bound(const Config& config, const Pattern& pattern);

/// The 3x rule: the highest rate whose run is stable with at most three times the latency at low
/// load, by bisection of [0, bound] in `steps` steps.
struct Saturation {
  double rate = 0.0;
  double bound = 0.0;
  double low_latency = 0.0;
  std::vector<Measured> runs;  ///< In order of rate; the first is the low load.
};
Saturation find_saturation(const Config& config, const Pattern& pattern, const Load& load,
                           unsigned steps = 6);

}  // namespace aimc::noc::flit
