// SPDX-License-Identifier: Apache-2.0
// Flit-router traversals per CPU second of the flit level, beside the reference simulators' on the
// machine of the reference tables, and what routers that do nothing cost.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "aimc/noc/flit/measure.h"
#include "aimc/noc/flit/network.h"

namespace {

using namespace aimc::noc::flit;
constexpr unsigned kRepeats = 5;
constexpr unsigned kFlits = 4;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double seconds_since(std::clock_t begin) {
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// Uniform traffic, 2 channels of 4 flits, 4-flit packets, p4.
void uniform(unsigned side, double rate, unsigned runs, double reference) {
  Config config;
  config.columns = config.rows = side;
  const auto pattern = make_pattern("uniform", side, side);
  std::vector<double> speed;
  Measured last;
  for (unsigned i = 0; i < kRepeats; ++i) {
    Load load;
    load.rate = rate;
    load.packet_flits = kFlits;
    load.runs = runs;
    load.seed = 1 + i;
    last = measure(config, *pattern, load);
    speed.push_back(static_cast<double>(last.flit_moves) / last.cpu_s);
  }
  fmt::print("{}x{},{},{:.4f},{},{:.2f},{:.2f},{:.2f},{:.1f}\n", side, side, rate, last.accepted,
             last.cycles, median(speed) * 1e-6,
             *std::min_element(speed.begin(), speed.end()) * 1e-6,
             *std::max_element(speed.begin(), speed.end()) * 1e-6, median(speed) / reference);
}

struct Sources : Receiver {
  void delivered(const Delivery&) override {}
  void left(unsigned endpoint, unsigned) override { free.push_back(endpoint); }
  std::vector<unsigned> free;
};

// The 4x4 routers in the corner send to each other all the time.
double corner(unsigned side) {
  std::vector<double> speed;
  for (unsigned i = 0; i < kRepeats; ++i) {
    Config config;
    config.columns = config.rows = side;
    Sources sources;
    Network network(config, sources);
    Random random(7);
    for (unsigned n = 0; n < 16; ++n) sources.free.push_back(n / 4 * side + n % 4);
    const std::clock_t begin = std::clock();
    while (network.cycle() < 60000) {
      const std::vector<unsigned> free = std::move(sources.free);
      sources.free.clear();
      for (const unsigned source : free)
        network.inject({.source = source,
                        .destination = random.below(4) * side + random.below(4),
                        .flits = kFlits,
                        .created = network.cycle()});
      network.step();
    }
    speed.push_back(static_cast<double>(network.flit_moves()) / seconds_since(begin));
  }
  return median(speed);
}

double empty_cycles(unsigned side) {
  Config config;
  config.columns = config.rows = side;
  Sources sources;
  Network network(config, sources);
  constexpr std::uint64_t kCycles = 20'000'000;
  const std::clock_t begin = std::clock();
  while (network.cycle() < kCycles) network.step();
  return kCycles / seconds_since(begin);
}

}  // namespace

int main() {
  // Traversals per CPU second of the faster of the reference simulators, same load.
  fmt::print("mesh,offered,accepted,cycles,M_traversals_per_cpu_s,min,max,times_the_reference\n");
  uniform(8, 0.05, 64, 519492);
  uniform(8, 0.2, 32, 564709);
  uniform(16, 0.05, 8, 341000);
  uniform(32, 0.05, 2, 208000);
  uniform(32, 0.2, 1, 127000);
  const double small = corner(4);
  const double large = corner(64);
  fmt::print("busy 4x4 corner: {:.2f} M traversals/s in a 4x4 mesh, {:.2f} M in a 64x64 mesh\n",
             small * 1e-6, large * 1e-6);
  fmt::print("empty network: {:.0f} M cycles/s stepped one by one (8x8), {:.0f} M (64x64)\n",
             empty_cycles(8) * 1e-6, empty_cycles(64) * 1e-6);
}
