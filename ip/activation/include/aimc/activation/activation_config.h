// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/common/engine_config.h"
#include "aimc/common/params.h"

namespace aimc::activation {

/// Parameters of the activation engine. Free of SystemC, so that the compiler can read what it
/// maps onto.
struct Config {
  EngineConfig engine;
  unsigned lanes = 16;           ///< Elements processed in a clock cycle, 1 .. 1024.
  unsigned pipeline_cycles = 8;  ///< From the last element in to the last result out.
  /// Energy of one element operation (see `operations` in command.h) [J]. The default is what a
  /// 65 nm digital post-processing datapath took for one output at 0.7 V (Jia et al., JSSC 2020).
  double element_energy_j = 8.3e-12;
  double static_power_w = 0.0;  ///< Leakage and clock, drawn all the time [W].
};

void describe(ParamTable& params, Config& config);

}  // namespace aimc::activation
