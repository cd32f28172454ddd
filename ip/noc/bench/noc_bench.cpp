// SPDX-License-Identifier: Apache-2.0
// Packets per CPU second of the fast level: uniform traffic, calls in time order within a quantum
// of 1 us, 4-flit packets.
//
//   noc_speed [packets]
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

#include "aimc/noc/fast_fabric.h"

namespace {

using namespace aimc::noc;

/// xorshift64*: good enough to pick endpoints, and cheap next to what is measured.
struct Dice {
  std::uint64_t state = 0x9e3779b97f4a7c15;
  std::uint64_t next() {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1d;
  }
};

void measure(unsigned side, double rate, std::uint64_t packets) {
  std::uint64_t now = 0;
  FabricConfig config;  // two virtual channels of four flits for the class in use
  config.vc_buffer_flits = 4;
  FastFabric fabric(Topology(side, side, 1), config, [&now] { return now; });
  constexpr unsigned kFlits = 4;
  const unsigned endpoints = side * side;
  const double cycles_per_packet = kFlits / (rate * endpoints);
  Dice dice;
  const std::clock_t begin = std::clock();
  for (std::uint64_t i = 0; i < packets; ++i) {
    const auto cycle = static_cast<std::uint64_t>(static_cast<double>(i) * cycles_per_packet);
    const std::uint64_t time = cycle * fabric.period_ps();
    now = time / 1'000'000 * 1'000'000;
    const std::uint64_t draw = dice.next();
    Packet packet{static_cast<std::uint32_t>((draw >> 40) % endpoints),
                  static_cast<std::uint32_t>((draw >> 8) % endpoints),
                  MessageClass::request,
                  16 * (kFlits - 1),
                  kFlits,
                  time,
                  0};
    fabric.carry({&packet, 1});
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  const auto& counters = fabric.statistics().classes[0];
  fmt::print("{}x{},{},{},{:.3f},{:.0f},{:.0f},{:.2f}\n", side, side, rate, packets, seconds,
             static_cast<double>(packets) / seconds,
             static_cast<double>(counters.flit_hops) / seconds,
             static_cast<double>(counters.latency_sum_ps) /
                 static_cast<double>(packets * fabric.period_ps()));
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t packets = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
  fmt::print(
      "mesh,rate,packets,cpu_s,packets_per_cpu_s,flit_routers_per_cpu_s,mean_latency_cycles\n");
  for (const double rate : {0.03, 0.05, 0.178, 0.2, 0.267}) measure(8, rate, packets);
  measure(4, 0.2, packets);
  measure(16, 0.1, packets);
  measure(32, 0.05, packets);
}
