// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/common/params.h"

namespace aimc::cim {

/// Multi-level mask cells read by charge sharing, after Yin et al., JSSC 2024 (65 nm, 2 Mb, one
/// transistor a cell, level chosen by the source line it is tied to, 8b x 8b).
struct RomChargeConfig {
  unsigned bits_per_cell = 2;  ///< 1..4; the level count is not in the sources read, assumed.
  unsigned active_rows = 64;   ///< Of one conversion: 64 cells of 3 levels have 8-bit codes.
  unsigned adc_bits = 8;       ///< Assumed.
  double mismatch = 0.005;     ///< Relative sigma of a cell's level and capacitor; assumed.
  double noise = 0.1;          ///< Sigma of a conversion [LSB]; assumed.
  double offset = 0.0;         ///< Sigma of a converter's offset after calibration [LSB].
};

/// Mask ROM: the weights are part of the chip. `image` is its mask, see `rom_image.h`.
struct RomConfig {
  std::string variant = "digital";  ///< digital, ternary, charge.
  std::string image;                ///< Path; empty: a blank mask, no cell holds a weight.
  std::string section;              ///< Of the image; empty: the only one.
  unsigned weight_bits = 8;         ///< Of variants digital and charge.
  unsigned input_bits = 8;
  RomChargeConfig charge;
};

void describe(ParamTable& params, RomConfig& config);

}  // namespace aimc::cim
