// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/crossbar_config.h"

namespace aimc::cim {

void describe(ParamTable& params, CrossbarConfig& config) {
  params.choice("precision", config.precision, {"fast", "oracle"},
                "fast: fixed point and one normal per output; oracle: every weight drawn in double "
                "precision, slow");
  params.choice("arrangement", config.arrangement, {"pair", "weighted_pairs", "bit_slices"},
                "Cells of a weight");
  params.integer("pairs", config.pairs, 2u, 4u, "Pairs of weighted_pairs and bit_slices");
  params.quantity("pair_factor", config.pair_factor, Unit::none, 1.0, 128.0,
                  "Significance of a pair over the one below; radix of bit_slices");
  params.quantity("output_noise", config.output_noise, Unit::none, 0.0, 1e6,
                  "Sigma of each output before conversion, in cells");
  params.quantity("ir_drop", config.ir_drop, Unit::none, 0.0, 100.0,
                  "Factor on the voltage drop along the wires; 0 = none");
  params.quantity("wire_ohms", config.wire_ohms, Unit::none, 0.0, 1e4,
                  "Resistance of the input line per cell, in ohms");
  params.quantity("nonlinearity", config.nonlinearity, Unit::none, 0.0, 10.0,
                  "Compression of a column at full scale: a / (1 + this |a|)");
  params.quantity("nonlinearity_spread", config.nonlinearity_spread, Unit::none, 0.0, 10.0,
                  "Relative sigma of it over columns");
  params.quantity("read_asymmetry", config.read_asymmetry, Unit::none, 0.0, 0.9,
                  "Relative loss of conductance when read with the other polarity");
  params.choice("noise_management", config.noise_management, {"none", "abs_max"},
                "abs_max: each vector is scaled so that its largest input is full");
  params.choice("bound_management", config.bound_management, {"none", "iterative"},
                "iterative: repeat a product with half the input while an output clips");
  params.integer("max_repeats", config.max_repeats, 0u, 7u, "Repeats of one vector");
  params.quantity("stuck_low", config.stuck_low, Unit::none, 0.0, 1.0,
                  "Share of devices stuck at no conductance");
  params.quantity("stuck_high", config.stuck_high, Unit::none, 0.0, 1.0,
                  "Share of devices stuck at full conductance");
}

}  // namespace aimc::cim
