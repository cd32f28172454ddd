// SPDX-License-Identifier: Apache-2.0
/// Exact IEEE 754 binary32 arithmetic in integers, for any rounding mode.
///
/// The execution loop computes on the host FPU; this is for the rounding modes the host has not got
/// (round to nearest, ties away) or is not set to, and the oracle of the FPU tests.
/// Values are bit patterns; flags are OR-ed into `*flags` (FpFlag). Tininess is detected after
/// rounding and NaN results are canonical, as RISC-V asks.
#pragma once

#include <cstdint>

#include "aimc/riscv/csr.h"

namespace aimc::riscv::soft {

constexpr std::uint32_t kCanonicalNan = 0x7fc00000u;

constexpr bool is_nan(std::uint32_t a) { return (a & 0x7fffffffu) > 0x7f800000u; }
constexpr bool is_signaling_nan(std::uint32_t a) { return is_nan(a) && !(a & 0x00400000u); }
constexpr bool is_infinite(std::uint32_t a) { return (a & 0x7fffffffu) == 0x7f800000u; }
constexpr bool is_zero(std::uint32_t a) { return (a & 0x7fffffffu) == 0; }

std::uint32_t add(std::uint32_t a, std::uint32_t b, RoundingMode rm, std::uint32_t* flags);
std::uint32_t mul(std::uint32_t a, std::uint32_t b, RoundingMode rm, std::uint32_t* flags);
std::uint32_t div(std::uint32_t a, std::uint32_t b, RoundingMode rm, std::uint32_t* flags);
std::uint32_t sqrt(std::uint32_t a, RoundingMode rm, std::uint32_t* flags);
/// a * b + c with one rounding.
std::uint32_t fma(std::uint32_t a, std::uint32_t b, std::uint32_t c, RoundingMode rm,
                  std::uint32_t* flags);
std::uint32_t to_int32(std::uint32_t a, RoundingMode rm, std::uint32_t* flags);
std::uint32_t to_uint32(std::uint32_t a, RoundingMode rm, std::uint32_t* flags);
std::uint32_t from_int32(std::uint32_t a, RoundingMode rm, std::uint32_t* flags);
std::uint32_t from_uint32(std::uint32_t a, RoundingMode rm, std::uint32_t* flags);

/// minimumNumber / maximumNumber: a NaN operand loses, -0 is less than +0.
std::uint32_t min(std::uint32_t a, std::uint32_t b, std::uint32_t* flags);
std::uint32_t max(std::uint32_t a, std::uint32_t b, std::uint32_t* flags);

/// Result of fclass.s.
std::uint32_t classify(std::uint32_t a);

}  // namespace aimc::riscv::soft
