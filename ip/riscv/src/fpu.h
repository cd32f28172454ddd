// SPDX-License-Identifier: Apache-2.0
/// Access to the host FPU's control and status register.
///
/// RISC-V flags are sticky like those of MXCSR, so the loop computes with the guest's rounding
/// mode set and the flags are read back only when somebody asks.
#pragma once

#include <bit>
#include <cstdint>

#include "aimc/riscv/csr.h"

#if defined(__SSE2__)
#include <xmmintrin.h>
#define AIMC_RISCV_HOST_FPU 1
#else
#define AIMC_RISCV_HOST_FPU 0
#endif

namespace aimc::riscv {

/// Can F instructions run on the host FPU? If not, they all take the integer path.
constexpr bool kHostFpu = AIMC_RISCV_HOST_FPU != 0;

inline void write_mxcsr(std::uint32_t value) {
#if AIMC_RISCV_HOST_FPU
  asm volatile("" ::: "memory");
  _mm_setcsr(value);
  asm volatile("" ::: "memory");
#else
  static_cast<void>(value);
#endif
}

inline std::uint32_t read_mxcsr() {
#if AIMC_RISCV_HOST_FPU
  asm volatile("" ::: "memory");
  const std::uint32_t value = _mm_getcsr();
  asm volatile("" ::: "memory");
  return value;
#else
  return 0;
#endif
}

/// MXCSR with all exceptions masked, no flags, denormals kept, and this rounding mode.
constexpr std::uint32_t guest_mxcsr(std::uint32_t frm) {
  constexpr std::uint32_t kControl[4] = {0, 3, 1, 2};  // RNE, RTZ, RDN, RUP
  return 0x1f80u | (frm < 4 ? kControl[frm] << 13 : 0);
}

/// Sticky flags of MXCSR as RISC-V flags. (The host's denormal-operand flag has no counterpart.)
constexpr std::uint32_t flags_from_mxcsr(std::uint32_t mxcsr) {
  return (mxcsr & 1u ? std::uint32_t{kFlagInvalid} : 0u) |
         (mxcsr & 4u ? std::uint32_t{kFlagDivideByZero} : 0u) |
         (mxcsr & 8u ? std::uint32_t{kFlagOverflow} : 0u) |
         (mxcsr & 16u ? std::uint32_t{kFlagUnderflow} : 0u) |
         (mxcsr & 32u ? std::uint32_t{kFlagInexact} : 0u);
}

inline float as_float(std::uint32_t bits) { return std::bit_cast<float>(bits); }
inline std::uint32_t as_bits(float value) { return std::bit_cast<std::uint32_t>(value); }

}  // namespace aimc::riscv
