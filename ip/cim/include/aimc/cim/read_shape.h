// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace aimc::cim {

/// How a technology that brings its own converters reads: what the model of time and energy needs
/// to know of it besides the costs of a step.
struct ReadShape {
  unsigned rows_at_once = 0;   ///< Rows summed by one conversion; 0 = all driven ones.
  unsigned input_planes = 1;   ///< Input bits shown one after the other.
  unsigned weight_planes = 1;  ///< Columns of cells for each column of weights.
  unsigned adc_bits = 0;       ///< Of a column's converter; 0 = none, sums are digital.
};

}  // namespace aimc::cim
