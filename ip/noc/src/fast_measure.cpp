// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/fast_measure.h"

#include <algorithm>
#include <ctime>
#include <functional>
#include <queue>

#include "aimc/common/error.h"
#include "aimc/noc/fast_fabric.h"
#include "aimc/noc/flit/sampler.h"

namespace aimc::noc {
namespace {

constexpr std::uint64_t kSeedsApart = 1000;

/// One class has all channels of the measured network; the other class stays empty.
FabricConfig fast_config(const flit::Config& config) {
  if (config.torus) user_error("the level fast has no torus; measure it with --level flit");
  FabricConfig fast;
  fast.virtual_channels = 2 * config.virtual_channels;
  fast.vc_buffer_flits = config.buffer_flits;
  const flit::Pipeline& p = config.pipeline;
  const unsigned allocation = p.speculative ? std::max(p.vc_alloc_delay, p.sw_alloc_delay)
                                            : p.vc_alloc_delay + p.sw_alloc_delay;
  fast.router_cycles = p.routing_delay + allocation + p.switch_delay;
  fast.link_cycles = p.link_delay;
  fast.interface_cycles = p.interface_delay;
  // Head after head in one channel: what comes before the switch is not overlapped.
  fast.vc_turnaround_cycles = p.routing_delay + (p.speculative ? 0 : p.vc_alloc_delay);
  fast.routing = routing_of(std::string(flit::to_string(config.routing)));
  return fast;
}

struct Totals {
  flit::Latencies latencies;
  std::uint64_t flits = 0;
  std::uint64_t node_cycles = 0;
  std::uint64_t cycles = 0;
  std::uint64_t flit_moves = 0;
};

void run(const flit::Config& config, const flit::Pattern& pattern, const flit::Load& load,
         std::uint64_t seed, Totals& totals) {
  const unsigned nodes = config.endpoints();
  std::uint64_t now = 0;
  FastFabric fabric(Topology(config.columns, config.rows, config.ports), fast_config(config),
                    [&now] { return now; });
  const std::uint64_t clock = fabric.period_ps();
  flit::Generator sources(pattern, nodes, load.rate / load.packet_flits, seed);
  const std::uint64_t period =
      load.sample_period != 0 ? load.sample_period : flit::default_period(nodes, load.rate);
  const std::uint64_t begin = load.warmup_periods * period;
  const std::uint64_t end = load.max_samples * period;
  using Turn = std::pair<std::uint64_t, unsigned>;  // creation, source
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns;
  for (unsigned source = 0; source < nodes; ++source) turns.emplace(sources.next(source), source);
  while (turns.top().first < end) {
    const auto [cycle, source] = turns.top();
    turns.pop();
    flit::Generator::Made made{};
    if (!sources.take(source, cycle, made)) break;
    turns.emplace(sources.next(source), source);
    now = made.created * clock;
    Packet packet{
        made.source, made.destination, MessageClass::request, 0, load.packet_flits, now, 0};
    fabric.carry({&packet, 1});
    const std::uint64_t arrival = packet.arrival_ps / clock;
    if (arrival >= begin && arrival < end) totals.flits += load.packet_flits;
    if (made.created < begin) continue;
    const unsigned routers = fabric.topology().hops(made.source, made.destination) + 1;
    totals.latencies.add(arrival - made.created, arrival - made.created, routers);
  }
  totals.node_cycles += (end - begin) * nodes;
  totals.cycles += end;
  totals.flit_moves += fabric.statistics().flit_hops();
}

}  // namespace

flit::Measured measure_fast(const flit::Config& config, const flit::Pattern& pattern,
                            const flit::Load& load) {
  if (load.backlog) user_error("the level fast has no back-pressure to sources: give --rate");
  const std::clock_t start = std::clock();
  const unsigned runs = load.runs != 0 ? load.runs : flit::default_runs(config, load);
  Totals totals;
  for (unsigned i = 0; i < runs; ++i)
    run(config, pattern, load, load.seed * kSeedsApart + i, totals);
  flit::Measured result;
  result.rate = load.rate;
  totals.latencies.report(result);
  result.stable = result.packet_latency <= flit::latency_limit(config, pattern, load);
  result.accepted = static_cast<double>(totals.flits) / static_cast<double>(totals.node_cycles);
  result.cycles = totals.cycles;
  result.flit_moves = totals.flit_moves;
  result.cpu_s = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  return result;
}

}  // namespace aimc::noc
