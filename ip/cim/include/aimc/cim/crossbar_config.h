// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/common/params.h"

namespace aimc::cim {

/// What the analog array adds to its devices and converters, for all technologies on `Crossbar`.
/// Off by default except where a technology says otherwise.
struct CrossbarConfig {
  /// "fast": integers in 16-bit fixed point, one normal per output. "oracle": every weight in
  /// double precision with a noise draw of its own per product; thousands of times slower.
  std::string precision = "fast";
  /// How a weight becomes cells: "pair" (one differential pair), "weighted_pairs" (`pairs` of them
  /// whose currents add with significances 1, f, f^2, ...; the least significant fills first),
  /// "bit_slices" (the same pairs as digits of an integer, each converted by itself and added
  /// digitally).
  std::string arrangement = "pair";
  unsigned pairs = 2;                ///< Of weighted_pairs and bit_slices, 2..4.
  double pair_factor = 4.0;          ///< f; of bit_slices the radix, a whole number.
  double output_noise = 0.0;         ///< Sigma of each output before conversion [cells].
  double ir_drop = 0.0;              ///< Factor on the drop along the wires; 1 = as computed.
  double wire_ohms = 0.35;           ///< Per cell of the input line [AK].
  double nonlinearity = 0.0;         ///< zeta of a / (1 + zeta |a|), a in full scales of the ADC.
  double nonlinearity_spread = 0.0;  ///< Relative sigma of zeta over columns.
  /// Relative loss of conductance when read with the other polarity. One-phase reads see it on
  /// negative inputs; four phases use one polarity only.
  double read_asymmetry = 0.0;
  /// "none", or "abs_max": the digital side scales each vector so that its largest input is full.
  std::string noise_management = "none";
  /// "none", or "iterative": repeat with half the input while an output clips.
  std::string bound_management = "none";
  unsigned max_repeats = 3;  ///< Of one vector.
  double stuck_low = 0.0;    ///< Share of devices stuck at no conductance for life.
  double stuck_high = 0.0;   ///< Share of devices stuck at full conductance for life.
};

void describe(ParamTable& params, CrossbarConfig& config);

}  // namespace aimc::cim
