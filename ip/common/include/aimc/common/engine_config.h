// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "aimc/common/params.h"

namespace aimc {

/// Parameters that every command engine has. Free of SystemC, so that the compiler can read what
/// it maps onto.
struct EngineConfig {
  std::uint64_t sram_bytes = 256 * 1024;  ///< Local SRAM, at most 512 KiB.
  unsigned queue_depth = 16;              ///< Entries of the command queue.
  double clock_hz = 400e6;                ///< Of sequencer, registers and SRAM.
  unsigned sram_bytes_per_cycle = 16;     ///< SRAM port towards the network.
  unsigned dispatch_cycles = 4;           ///< Fetch and decode of one command.
};

void describe(ParamTable& params, EngineConfig& config);

}  // namespace aimc
