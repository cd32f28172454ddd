// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/common/params.h"

namespace aimc::cim {

/// Input converters: signed magnitude. How a value is coded (pulse width, bit-serial, pulse count
/// as "integrate", amplitude) is `timing.input`, since it sets the time as well.
struct DacConfig {
  std::string kind = "steps";  ///< "steps" rounds to `bits`; "ideal" passes all 8 bits on.
  unsigned bits = 8;           ///< Sign included, 2..8: 2^(bits-1) - 1 levels for each sign.
  /// Largest deviation of an amplitude from its straight line, relative to full scale: the curve
  /// a sin(2 pi |x|) of an amplitude-coded input. Pulses are exact in time and have none.
  double inl = 0.0;
};

/// Output converters of an analog array.
///
/// Defaults from HERMES [H22,H23]: a current-controlled oscillator of 35 MHz/uA counts for 128 ns
/// and is linear up to 100 uA: 35e6 * 100 * 128e-9 = 448 counts. One cell at g_max = 20.7 uS and
/// 0.2 V draws 4.14 uA, so full scale is 100 / 4.14 = 24.15 cells and one count is 0.054 cells.
struct AdcConfig {
  /// "counter": oscillator and counter. "sar": successive approximation, `inl` comes from the
  /// mismatch of its binary weights. "flash": a comparator per code, each with its own threshold
  /// error. "time": ramp and counter, like "counter" with INL. "ideal" passes values on.
  std::string kind = "counter";
  unsigned levels = 448;         ///< Largest code of each sign at full scale.
  double full_scale = 24.15;     ///< Input of the largest code [cells at g_max with full input].
  double gain_spread = 0.07;     ///< Relative sigma of the gain over converters, see `AdcBank`.
  double residual_gain = 0.0;    ///< Relative sigma of the gain that calibration leaves.
  double offset = 0.0;           ///< Sigma of the offset that calibration leaves [codes].
  double inl = 0.0;              ///< Sigma over converters of the integral non-linearity [codes].
  double soft_saturation = 0.0;  ///< B of f = x / (1 + B |x| / full_scale); 0 = linear.
  double feed_forward = 1.0;     ///< Share of the soft saturation that linearisation removes, 0..1.
  double noise = 0.0;            ///< Sigma of one conversion [codes].
};

void describe(ParamTable& params, DacConfig& config);
void describe(ParamTable& params, AdcConfig& config);

}  // namespace aimc::cim
