// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aimc::cim {

/// Purposes of random draws. Those of cells come once for each polarity (+ 1 for the negative).
enum Draw : std::uint32_t {
  kDrawAdcGain = 1,
  kDrawReadNoise = 2,
  kDrawProgramming = 0x10,
  kDrawDriftExponent = 0x20,
  kDrawLongTermNoise = 0x30,
  kDrawFailure = 0x40,
  kDrawFailedValue = 0x50,
};

}  // namespace aimc::cim
