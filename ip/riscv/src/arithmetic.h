// SPDX-License-Identifier: Apache-2.0
// Results that plain C++ operators do not give: included by the execution loop alone, because they
// are compiled with its floating-point options.
#pragma once

#include <cmath>
#include <cstdint>

#include "aimc/riscv/csr.h"
#include "fpu.h"
#include "soft_float.h"

#define AIMC_LIKELY(x) __builtin_expect(!!(x), 1)
#define AIMC_UNLIKELY(x) __builtin_expect(!!(x), 0)

namespace aimc::riscv {
namespace {

using U32 = std::uint32_t;
using I32 = std::int32_t;
using U64 = std::uint64_t;
using I64 = std::int64_t;

// Division as RISC-V defines it.
U32 divide(U32 a, U32 b) {
  if (b == 0) return ~0u;
  if (a == 0x80000000u && b == ~0u) return a;
  return static_cast<U32>(static_cast<I32>(a) / static_cast<I32>(b));
}
U32 remainder(U32 a, U32 b) {
  if (b == 0) return a;
  if (a == 0x80000000u && b == ~0u) return 0;
  return static_cast<U32>(static_cast<I32>(a) % static_cast<I32>(b));
}

/// orc.b: each byte becomes 0xff if any of its bits is set.
U32 or_combine(U32 value) {
  value |= (value & 0x0f0f0f0fu) << 4 | (value >> 4 & 0x0f0f0f0fu);
  value |= (value & 0x33333333u) << 2 | (value >> 2 & 0x33333333u);
  value |= (value & 0x55555555u) << 1 | (value >> 1 & 0x55555555u);
  return value;
}

/// NaN results are canonical. (Comparing a quiet NaN raises no flag.)
U32 canonical(float value) {
  return AIMC_UNLIKELY(value != value) ? soft::kCanonicalNan : as_bits(value);
}

/// (infinity * 0) + NaN is invalid on RISC-V even for a quiet NaN; the host does not say so.
[[gnu::noinline]] U32 fma_nan(U32 a, U32 b, U32 c, U32* flags) {
  return soft::fma(a, b, c, kRoundNearestEven, flags);
}

#if AIMC_RISCV_HOST_FPU
float host_sqrt(float a) { return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(a))); }
I32 host_to_int(float a) { return _mm_cvtss_si32(_mm_set_ss(a)); }
I32 host_truncate(float a) { return _mm_cvttss_si32(_mm_set_ss(a)); }
I64 host_to_int64(float a) { return _mm_cvtss_si64(_mm_set_ss(a)); }
I64 host_truncate64(float a) { return _mm_cvttss_si64(_mm_set_ss(a)); }
#else  // never called
float host_sqrt(float a) { return a; }
I32 host_to_int(float a) { return static_cast<I32>(a); }
I32 host_truncate(float a) { return static_cast<I32>(a); }
I64 host_to_int64(float a) { return static_cast<I64>(a); }
I64 host_truncate64(float a) { return static_cast<I64>(a); }
#endif

bool fits_int32(float a) {
  return __builtin_isgreaterequal(a, -2147483648.0f) && __builtin_isless(a, 2147483648.0f);
}
bool fits_uint32(float a) {
  return __builtin_isgreaterequal(a, 0.0f) && __builtin_isless(a, 4294967296.0f);
}

}  // namespace
}  // namespace aimc::riscv
