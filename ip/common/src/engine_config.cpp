// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/engine_config.h"

namespace aimc {

void describe(ParamTable& params, EngineConfig& config) {
  params.bytes("sram_bytes", config.sram_bytes, 4096, 512 * 1024, "Local SRAM");
  params.integer("queue_depth", config.queue_depth, 1u, 255u, "Entries of the command queue");
  params.quantity("clock", config.clock_hz, Unit::hertz, 1e6, 1e10,
                  "Clock of sequencer, registers and SRAM");
  params.integer("sram_bytes_per_cycle", config.sram_bytes_per_cycle, 1u, 1024u,
                 "Width of the SRAM port towards the network");
  params.integer("dispatch_cycles", config.dispatch_cycles, 0u, 10000u,
                 "Cycles to fetch and decode one command");
}

}  // namespace aimc
