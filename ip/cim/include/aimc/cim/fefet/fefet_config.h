// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/common/params.h"

namespace aimc::cim {

/// Ferroelectric transistors. Sizes of spread after the range of 28 nm devices (30 to 60 mV from
/// device to device, a few mV from cycle to cycle); retention, endurance and costs assumed.
struct FefetConfig {
  std::string variant = "series_resistor";  ///< series_resistor, subthreshold.
  unsigned levels = 8;                      ///< Of each polarity above 0; 0 = analog. Assumed.
  double window_volts = 1.2;                ///< Threshold window of the levels; assumed.
  double device_volts = 45e-3;    ///< Sigma of the threshold over devices; the middle of 30..60 mV.
  double cycle_volts = 3e-3;      ///< Sigma from one write to the next; assumed.
  double resistor_spread = 0.03;  ///< Relative sigma of the series resistor; assumed.
  double slope = 1.4;             ///< n of the sub-threshold slope; assumed.
  double verify_volts = 3e-3;    ///< subthreshold: threshold error after program-verify by current,
                                 ///< in place of device and cycle spread; assumed.
  double programmed_k = 300.0;   ///< At programming.
  double retention_loss = 0.01;  ///< Of the polarisation, a decade of time; assumed.
  double retention_start_s = 1.0;  ///< Where the decades begin; assumed.
  double read_noise = 0.01;        ///< Of each cell, relative to its conductance; assumed.
  double g_max_us = 1.0;           ///< Of a cell, set by its resistor of 1 MOhm; assumed.

  double pulse_s = 1e-6;        ///< Write pulse of a row; assumed.
  double verify_s = 100e-9;     ///< Verify read of a row; assumed.
  double mean_pulses = 5.0;     ///< subthreshold: pulses until the current is right; assumed.
  unsigned max_pulses = 32;     ///< subthreshold: gives up; assumed.
  double pulse_joules = 1e-15;  ///< Per pulse and cell: a field, no current; assumed.
};

void describe(ParamTable& params, FefetConfig& config);

}  // namespace aimc::cim
