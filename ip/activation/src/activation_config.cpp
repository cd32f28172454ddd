// SPDX-License-Identifier: Apache-2.0
#include "aimc/activation/activation_config.h"

namespace aimc::activation {

void describe(ParamTable& params, Config& config) {
  describe(params, config.engine);
  params.integer("lanes", config.lanes, 1u, 1024u, "Elements processed in a clock cycle");
  params.integer("pipeline_cycles", config.pipeline_cycles, 0u, 10000u,
                 "Cycles from the last element in to the last result out");
  params.quantity("element_energy", config.element_energy_j, Unit::joule, 0.0, 1e-6,
                  "Energy of one element operation");
  params.quantity("static_power", config.static_power_w, Unit::watt, 0.0, 100.0,
                  "Power drawn all the time");
}

}  // namespace aimc::activation
