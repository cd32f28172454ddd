// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace aimc::cim {

/// Steps of one level in the stored planes: 16 levels and their variation fit an int16, and a sum
/// over 4096 rows fits 32 bits. A step is 0.1 % of a level, below any variation modelled here.
inline constexpr double kLevelUnits = 1024.0;

}  // namespace aimc::cim
