// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/common/params.h"

namespace aimc::cim {

/// Phase-change memory as on the 64-core HERMES chip [H23]. Equations and fit coefficients stand
/// in `pcm_device.h`; here is what may be set. Values marked "assumed" have no published figure.
struct PcmConfig {
  unsigned devices = 2;            ///< PCM devices per polarity: 1 (ODP) or 2 (TDP) of [H23].
  double programming_noise = 1.0;  ///< Factor on the fitted programming error; 0 turns it off.
  double read_noise = 0.0175;      ///< Short-term noise, see `PcmArray::multiply`; 0 = off.
  double age_s = 0.0;              ///< Time since programming [s]; 0 = no drift, just programmed.
  bool drift_compensation = true;  ///< Global: one factor for the whole array.
  double failed_fraction = 0.0;    ///< Cells that do not converge; 0..0.01 in [H23], see README.

  unsigned max_iterations = 30;   ///< Of program-verify [H23].
  double mean_iterations = 10.0;  ///< Of a tuned device that converges; assumed.
  double pulse_s = 125e-9;        ///< Programming pulse [H23].
  double verify_s = 768e-9;       ///< Verify read, 512 ns + 256 ns precharge [H23].
  unsigned current_dacs = 32;     ///< Devices that get a pulse at the same time [H23].
  double pulse_joules = 60e-12;   ///< Per pulse and device; assumed (300 uA, 1.6 V, 125 ns).
  double verify_joules = 1e-12;   ///< Per verify read and device; assumed.
};

void describe(ParamTable& params, PcmConfig& config);

}  // namespace aimc::cim
