// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aimc::cim {

/// Purposes of the random draws of bit-plane arrays, apart from those of `Draw`. A cell's draws
/// add 2 * plane + device.
enum PlaneDraw : std::uint32_t {
  kDrawCellLevel = 0x1000,
  kDrawCellStuck = 0x1020,
  kDrawBitError = 0x1040,
  kDrawConverterOffset = 0x1060,
  kDrawConversionNoise = 0x1061,
  kDrawWriteAttempts = 0x1062,
};

}  // namespace aimc::cim
