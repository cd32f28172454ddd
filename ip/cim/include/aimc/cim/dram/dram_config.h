// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/common/params.h"

namespace aimc::cim {

/// Rows of one-transistor cells that share their charge with the bit line. Sharing ruins what the
/// rows held, so operands are copied to compute rows first (Ambit, ComputeDRAM). Capacitances,
/// supply and times are of commodity parts from memory: assumed.
struct DramChargeSharing {
  unsigned active_rows = 8;           ///< Compute rows of one conversion.
  double cell_farads = 20e-15;        ///< Assumed.
  double line_farads = 80e-15;        ///< Bit line; assumed.
  double supply_volts = 1.1;          ///< Assumed.
  double sense_offset_volts = 8e-3;   ///< Sigma over bit lines; assumed.
  double mismatch = 0.03;             ///< Relative sigma of a cell's capacitor; assumed.
  unsigned adc_bits = 4;              ///< Of a bit line's converter, for 0 .. active_rows; assumed.
  double retention_s = 2.0;           ///< A stored 1 falls to half a level; typical cell, assumed.
  double refresh_interval_s = 64e-3;  ///< All rows once; the usual period of commodity parts.
  double row_copy_s = 90e-9;          ///< Copy of a row by two activations; assumed.
  double share_s = 50e-9;             ///< Activation of the compute rows and conversion; assumed.
};

/// Gain cells: two to four transistors, reading does not disturb the charge. Retention 1.6 ms at
/// 0.7 V in 28 nm FD-SOI with four, 0.4 ms in FinFET with three.
struct DramGainCell {
  unsigned active_rows = 16;
  double mismatch = 0.03;             ///< Relative sigma of a cell's read current; assumed.
  double noise = 0.1;                 ///< Sigma of a conversion [LSB]; assumed.
  unsigned adc_bits = 5;              ///< Assumed.
  double retention_s = 1.6e-3;        ///< A stored 1 falls to half a level.
  double refresh_interval_s = 50e-6;  ///< Assumed: the droop stays below half a level of 16.
  double read_s = 5e-9;               ///< One conversion; assumed.
};

/// Dynamic RAM: weights leak away unless they are refreshed, and refreshing takes time.
struct DramConfig {
  std::string variant = "charge_sharing";  ///< charge_sharing, gain_cell.
  unsigned weight_bits = 8;
  unsigned input_bits = 8;
  bool refresh = true;               ///< Off: weights expire after the retention time.
  double row_refresh_s = 50e-9;      ///< The array is busy with one row; assumed.
  double row_refresh_joules = 1e-9;  ///< Assumed.
  double row_write_s = 50e-9;        ///< Of one row; assumed.
  double bit_write_joules = 50e-15;  ///< Per cell (cell, bit line and driver); assumed.
  double stuck_fraction = 0.0;       ///< Cells that never change.
  DramChargeSharing sharing;
  DramGainCell gain;
};

void describe(ParamTable& params, DramConfig& config);

}  // namespace aimc::cim
