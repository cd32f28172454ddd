// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/common/params.h"

namespace aimc::cim {

/// Phase-change memory. Equations and fit coefficients stand in `pcm_fit.cpp`; here is what may be
/// set. Values marked "assumed" have no published figure.
struct PcmConfig {
  /// "hermes": fit to the 64-core HERMES chip [H23, AK], one or two devices per polarity.
  /// "standard": the model of aihwkit for phase-change devices up to 25 uS [AK, R23].
  /// "quadratic": programming error of [J20] as in CrossSim, the rest as "standard".
  std::string variant = "hermes";
  unsigned devices = 2;            ///< hermes: PCM devices per polarity: 1 (ODP) or 2 (TDP).
  double g_min = 0.0;              ///< Conductance of a cell that stores 0, relative to g_max.
  double programming_noise = 1.0;  ///< Factor on the fitted programming error; 0 turns it off.
  double drift = 1.0;              ///< Factor on the drift exponents; 0 turns drift off.
  double long_term_noise = 1.0;    ///< Factor on the accumulated 1/f noise; 0 turns it off.
  double read_noise = 0.0175;      ///< Short-term noise per product [AK]; 0 = off.
  std::string drift_compensation = "global";  ///< "none", "global", "column".
  /// "automatic": the factors follow the cells; "command": they stand until RECALIBRATE.
  std::string recalibration = "automatic";
  double failed_fraction = 0.0;  ///< Cells that do not converge; 0..0.01 in [H23], see README.

  /// "expected": cost of a weight load from `mean_iterations`. "pulses": program-verify is
  /// followed pulse by pulse; its outcome gives cost and failed cells, the fit the conductances.
  std::string program_verify = "expected";
  unsigned max_iterations = 30;   ///< Of program-verify [H23].
  double mean_iterations = 10.0;  ///< Of a tuned device that converges; assumed.
  double verify_band = 0.65;      ///< Accepted error of a verify read [uS]: 5 counts [H23].
  double pulse_gain = 0.3;        ///< Share of the error that a pulse corrects; assumed.
  double pulse_spread = 0.45;     ///< Sigma of what a pulse adds [uS]; assumed.
  double pulse_s = 125e-9;        ///< Programming pulse [H23].
  double verify_s = 768e-9;       ///< Verify read, 512 ns + 256 ns precharge [H23].
  unsigned current_dacs = 32;     ///< Devices that get a pulse at the same time [H23].
  double pulse_joules = 60e-12;   ///< Per pulse and device; assumed (300 uA, 1.6 V, 125 ns).
  double verify_joules = 1e-12;   ///< Per verify read and device; assumed.
};

void describe(ParamTable& params, PcmConfig& config);

}  // namespace aimc::cim
