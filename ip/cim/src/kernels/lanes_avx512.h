// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

// 512-bit vectors with VNNI.
namespace {

#define AIMC_LANES 16
#define AIMC_VECTORS 14  // input vectors per pass of a product: 28 sums in 32 registers

using Floats = float __attribute__((vector_size(64)));
using Words = std::uint32_t __attribute__((vector_size(64)));
using Ints = std::int32_t __attribute__((vector_size(64)));

inline Floats square_root(Floats x) { return (Floats)_mm512_sqrt_ps((__m512)x); }
inline Floats smaller(Floats a, Floats b) { return (Floats)_mm512_min_ps((__m512)a, (__m512)b); }
inline Floats larger(Floats a, Floats b) { return (Floats)_mm512_max_ps((__m512)a, (__m512)b); }
inline Ints nearest(Floats x) { return (Ints)_mm512_cvtps_epi32((__m512)x); }
inline unsigned count_above(Floats x, Floats limit) {
  return static_cast<unsigned>(__builtin_popcount(
      _mm512_cmp_ps_mask((__m512)_mm512_abs_ps((__m512)x), (__m512)limit, _CMP_GT_OQ)));
}

// Sums of products, 16 columns a register.
struct Lanes16 {
  using Sum = __m512i;
  using Weights = __m512i;
  using Inputs = __m512i;
  static constexpr unsigned kParts = 2;  // registers for the 32 columns of a panel
  static Sum zero() { return _mm512_setzero_si512(); }
  static Weights weights(const std::int16_t* p, unsigned part) {
    return _mm512_loadu_si512(p + 32 * part);
  }
  static Inputs inputs(const std::int16_t* p) {
    std::int32_t pair;
    __builtin_memcpy(&pair, p, 4);
    return _mm512_set1_epi32(pair);
  }
  static Sum multiply_add(Sum sum, Weights w, Inputs x) { return _mm512_dpwssd_epi32(sum, w, x); }
  static Sum add(Sum a, Sum b) { return _mm512_add_epi32(a, b); }
  static Ints result(Sum sum) { return (Ints)sum; }
};

struct Lanes8 {
  using Sum = __m512i;
  using Weights = __m512i;
  using Inputs = __m512i;
  static constexpr unsigned kParts = 2;
  static Sum zero() { return _mm512_setzero_si512(); }
  static Weights weights(const std::int8_t* p, unsigned part) {
    return _mm512_loadu_si512(p + 64 * part);
  }
  static Inputs inputs(const std::uint8_t* p) {
    std::int32_t quad;
    __builtin_memcpy(&quad, p, 4);
    return _mm512_set1_epi32(quad);
  }
  static Sum multiply_add(Sum sum, Weights w, Inputs x) { return _mm512_dpbusd_epi32(sum, x, w); }
  static Sum add(Sum a, Sum b) { return _mm512_add_epi32(a, b); }
  static Ints result(Sum sum) { return (Ints)sum; }
};

}  // namespace
