// SPDX-License-Identifier: Apache-2.0
// Products per second of every technology and variant that brings its own array, at its defaults.
#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "aimc/cim/array_kinds.h"

namespace {

using aimc::cim::Block;

struct Case {
  const char* kind;
  const char* variant;
};
constexpr Case kCases[] = {{"ideal", ""},
                           {"pcm", ""},
                           {"nor", "sonos"},
                           {"nor", "wtm2101"},
                           {"sram", "adder_tree"},
                           {"sram", "xnor"},
                           {"sram", "charge"},
                           {"sram", "current"},
                           {"reram", "neurram"},
                           {"mram", "sar"},
                           {"mram", "resistance_sum"},
                           {"dram", "charge_sharing"},
                           {"dram", "gain_cell"},
                           {"fefet", "series_resistor"}};
using Clock = std::chrono::steady_clock;
constexpr unsigned kSide = 256;

double seconds_of(const aimc::cim::Array& array, const std::vector<std::int8_t>& inputs,
                  std::size_t batch) {
  std::vector<std::int32_t> sums(batch * kSide);
  std::uint64_t operation = 0;
  const auto start = Clock::now();
  double spent = 0.0;
  do {
    array.multiply({0, kSide, 0, kSide}, inputs.data(), kSide, batch, operation, sums.data());
    operation += batch;
    spent = std::chrono::duration<double>(Clock::now() - start).count();
  } while (spent < 0.2);
  return spent / static_cast<double>(operation);
}

}  // namespace

int main() {
  std::vector<std::int8_t> bytes(kSide * kSide);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::int8_t>((i * 2654435761u) >> 24);
  fmt::print("{:<22} {:>14} {:>14} {:>14}\n", "256 x 256", "batch 1 [us]", "batch 64 [us]",
             "program [ms]");
  for (const Case& entry : kCases) {
    aimc::cim::TileConfig config;
    config.kind = entry.kind;
    aimc::ParamTable params;
    describe(params, config);
    if (*entry.variant != '\0')
      params.set(fmt::format("{}.variant", entry.kind), aimc::ConfigNode::scalar(entry.variant, {}),
                 "tile");
    const auto array = make_array(config, aimc::RandomStream(1, "tile"));
    const auto start = Clock::now();
    array->program({0, kSide, 0, kSide}, bytes.data(), kSide, 127, 0);
    const double programming = std::chrono::duration<double>(Clock::now() - start).count();
    fmt::print("{:<22} {:>14.1f} {:>14.1f} {:>14.1f}\n",
               fmt::format("{} {}", entry.kind, entry.variant), 1e6 * seconds_of(*array, bytes, 1),
               1e6 * seconds_of(*array, bytes, 64), 1e3 * programming);
  }
  return 0;
}
