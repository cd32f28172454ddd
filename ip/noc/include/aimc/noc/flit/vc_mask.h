// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace aimc::noc::flit {

/// One bit for each input virtual channel of a router.
__extension__ typedef unsigned __int128 VcMask;
inline constexpr unsigned kMaskBits = 128;

inline VcMask bit(unsigned index) { return VcMask{1} << index; }

/// Lowest set bit of a mask that is not empty.
inline unsigned lowest(VcMask mask) {
  const auto low = static_cast<std::uint64_t>(mask);
  if (low != 0) return static_cast<unsigned>(std::countr_zero(low));
  return 64 + static_cast<unsigned>(std::countr_zero(static_cast<std::uint64_t>(mask >> 64)));
}
inline unsigned lowest(std::uint32_t mask) { return static_cast<unsigned>(std::countr_zero(mask)); }

inline unsigned count(VcMask mask) {
  return static_cast<unsigned>(std::popcount(static_cast<std::uint64_t>(mask)) +
                               std::popcount(static_cast<std::uint64_t>(mask >> 64)));
}
inline bool single(VcMask mask) { return (mask & (mask - 1)) == 0; }

/// Round robin: the first set bit at `start` or after it, else the first of all.
template <class Mask>
unsigned first_from(Mask mask, unsigned start) {
  const Mask after = mask & (~Mask{0} << start);
  return lowest(after != 0 ? after : mask);
}

}  // namespace aimc::noc::flit
