// SPDX-License-Identifier: Apache-2.0
// How many element operations a second the host computes for each command, without the kernel.
// Prints one line a command: median, slowest and fastest of seven runs [million operations/s].
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

#include "aimc/activation/command.h"

namespace {

using aimc::activation::Config;
using aimc::activation::Datapath;

constexpr std::size_t kSram = 256 * 1024;
constexpr std::uint32_t kElements = 64 * 1024;
constexpr int kRuns = 7;

/// AFFINE to SOFTMAX over 64 Ki elements; pools of 3x3 windows, one pixel apart, over 32x32x64.
act_command_t command(std::uint32_t opcode) {
  act_command_t result{};
  result.op = opcode;
  result.count = kElements;
  result.in = 0x1000;
  result.in2 = 0x11000;
  result.out = 0x21000;
  result.multiplier = result.multiplier2 = 0x40000000;
  result.shift = opcode == ACT_OPCODE_SIGMOID || opcode == ACT_OPCODE_TANH ? 22 : 31;
  result.clamp = ACT_COMMAND_CLAMP_LOW_SET(0x80) | ACT_COMMAND_CLAMP_HIGH_SET(0x7f);
  result.channels = 64;
  result.map = result.out_map = 32 | 32u << 16;
  result.kernel = 3 | 3u << 16;
  result.step = 0x01010101;
  return result;
}

/// Million element operations a second, one number a run, in rising order.
std::vector<double> measure(const act_command_t& work, const std::vector<std::uint8_t>& sram) {
  const double operations =
      1e-6 * static_cast<double>(aimc::activation::work(work, Config()).operations);
  Datapath datapath;
  std::vector<double> rates;
  for (int run = 0; run < kRuns; ++run) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    double seconds = 0.0;
    int repeats = 0;
    while (seconds < 0.02) {
      datapath.run(work, sram);
      ++repeats;
      seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    rates.push_back(repeats * operations / seconds);
  }
  std::sort(rates.begin(), rates.end());
  return rates;
}

}  // namespace

int main() {
  constexpr std::array<const char*, 11> kNames{
      "",    "AFFINE",   "LEAKY",        "LUT",     "SIGMOID", "TANH",
      "ADD", "MAX_POOL", "AVERAGE_POOL", "ARG_MAX", "SOFTMAX"};
  std::vector<std::uint8_t> sram(kSram);
  for (std::size_t i = 0; i < sram.size(); ++i) sram[i] = static_cast<std::uint8_t>(i * 157 + 1);
  std::printf("%-13s %8s %8s %8s  [million element operations/s]\n", "command", "median", "slowest",
              "fastest");
  for (std::uint32_t opcode = ACT_OPCODE_AFFINE; opcode <= ACT_OPCODE_SOFTMAX; ++opcode) {
    const act_command_t work = command(opcode);
    if (aimc::activation::check(work, sram).error != 0) {
      std::fprintf(stderr, "%s: bad command\n", kNames[opcode]);
      return 1;
    }
    const std::vector<double> rates = measure(work, sram);
    std::printf("%-13s %8.0f %8.0f %8.0f\n", kNames[opcode], rates[kRuns / 2], rates.front(),
                rates.back());
  }
}
