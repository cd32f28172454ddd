// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

namespace aimc::cim {

/// Smallest and largest value of `bits`-wide operands: two's complement, and -1 and +1 for 1 bit.
constexpr int lowest_operand(unsigned bits) { return bits <= 1 ? -1 : -(1 << (bits - 1)); }
constexpr int highest_operand(unsigned bits) { return bits <= 1 ? 1 : (1 << (bits - 1)) - 1; }

/// What a datapath of `bits` makes of an int8: the value itself where it has one, else the nearest
/// (0 becomes +1 with 1 bit, as binary networks take their signs).
constexpr int to_operand(int value, unsigned bits) {
  if (bits <= 1) return value < 0 ? -1 : 1;
  return std::clamp(value, lowest_operand(bits), highest_operand(bits));
}

}  // namespace aimc::cim
