// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/common/params.h"

namespace aimc::cim {

/// Arithmetic of the WTM2101 as its public tool chain describes it, see `wtm_array.h`.
struct NorWtmConfig {
  unsigned divider_log2 = 10;        ///< G = 2^n; 1024 is typical, up to 13 are usable.
  std::string signed_inputs = "pn";  ///< pn: mirrored weights for negative inputs; shift: + 128.
  unsigned noise_level = 4;          ///< 0..9; 4 is what the tool trains with.
  double noise_per_level = 128.0;    ///< Sigma on the sum a level; the vendor's is closed, assumed.
  unsigned repeats = 1;              ///< Reads averaged.
};

/// NOR flash and charge trap.
struct NorConfig {
  std::string variant = "sonos";   ///< sonos, wtm2101, four_bit.
  double programming_noise = 1.0;  ///< Factor on the measured spread; 0 turns it off.
  double read_noise = 1.0;         ///< Factor on the measured noise of a read.
  bool drift = true;               ///< Mean and spread move with age as measured, up to 5 days.

  double erase_s = 5e-3;          ///< Of a block before it is written; assumed.
  double pulse_s = 5e-6;          ///< Programming pulse of a row; assumed.
  double verify_s = 1e-6;         ///< Verify read of a row; assumed.
  double mean_iterations = 10.0;  ///< Pulses of a cell until its current is right; assumed.
  unsigned max_iterations = 64;   ///< Program-verify gives up; assumed.
  double pulse_joules = 100e-12;  ///< Per pulse and cell; assumed.
  double verify_joules = 1e-12;   ///< Per verify and cell; assumed.
  NorWtmConfig wtm;
};

void describe(ParamTable& params, NorConfig& config);

}  // namespace aimc::cim
