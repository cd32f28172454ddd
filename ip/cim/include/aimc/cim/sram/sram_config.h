// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/common/params.h"

namespace aimc::cim {

/// Charge-domain columns after Jia et al., JSSC 55(9):2609 (2020) [JV20]: cells share charge on a
/// capacitor each, an 8-bit SAR converter reads a column for each input bit.
struct SramChargeConfig {
  unsigned adc_bits = 8;     ///< [JV20].
  unsigned active_rows = 0;  ///< Rows of one conversion; 0 = all that are driven [JV20].
  double mismatch = 0.0;     ///< Relative sigma of a capacitor; [JV20]: below one LSB in all.
  double noise = 0.0;        ///< Sigma of a conversion [LSB]; 0.1 to 0.3 are plausible, assumed.
  double offset = 0.0;       ///< Sigma of a converter's offset after calibration [LSB].
};

/// Current-domain 6T columns: cells discharge the bit line, which bends as it falls. Size of the
/// effects after the ranges of chips with such cells; all assumed, no single published set.
struct SramCurrentConfig {
  unsigned adc_bits = 6;
  unsigned active_rows = 16;  ///< More rows, more error: the bit line must stay in saturation.
  double spread = 0.08;       ///< Relative sigma of a cell's current (threshold mismatch).
  double cubic = 0.03;        ///< Loss at full discharge, cubic in the sum.
  double noise = 0.1;         ///< Sigma of a conversion [LSB].
  double offset = 0.1;        ///< Sigma of a converter's offset after calibration [LSB].
};

/// Static RAM: written like a memory, so cheap that matrices made at run time can live here.
struct SramConfig {
  std::string variant = "adder_tree";  ///< adder_tree, bit_serial, xnor, charge, current.
  unsigned weight_bits = 8;            ///< 1..8.
  unsigned input_bits = 8;             ///< 1..8.
  double stuck_fraction = 0.0;         ///< Cells that never change (not of the digital variants).
  double row_write_s = 2.5e-9;         ///< Of one row; one clock of 400 MHz, assumed.
  double bit_write_joules = 3e-15;     ///< Per cell of one bit; [JV20]: 96 pJ per 32-bit access of
                                       ///< its data memory with all its wires, cells assumed.
  SramChargeConfig charge;
  SramCurrentConfig current;
};

void describe(ParamTable& params, SramConfig& config);

}  // namespace aimc::cim
