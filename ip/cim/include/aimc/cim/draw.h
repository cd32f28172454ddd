// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aimc::cim {

/// Purposes of random draws. Those of cells come once for each device of a weight: + 2 * pair, + 1
/// for the negative polarity.
enum Draw : std::uint32_t {
  kDrawAdcGain = 1,
  kDrawReadNoise = 2,
  kDrawAdcOffset = 3,
  kDrawAdcInl = 4,
  kDrawNonlinearity = 5,
  kDrawAdcResidual = 6,
  kDrawVerifyNoise = 7,
  kDrawCellNoise = 8,
  kDrawProgramming = 0x10,
  kDrawDriftExponent = 0x20,
  kDrawLongTermNoise = 0x30,
  kDrawFailure = 0x40,
  kDrawFailedValue = 0x50,
  kDrawStuck = 0x60,
  kDrawVerifyPulse = 0x70,
  kDrawEventNoise = 0x10000,  ///< + 2 * number of the conversion in the product (+ 1: its output)
};

}  // namespace aimc::cim
