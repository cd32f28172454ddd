// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

// 256-bit vectors.
namespace {

#define AIMC_LANES 8
#define AIMC_VECTORS 2  // input vectors per pass of a product: 8 sums in 16 registers

using Floats = float __attribute__((vector_size(32)));
using Words = std::uint32_t __attribute__((vector_size(32)));
using Ints = std::int32_t __attribute__((vector_size(32)));

inline Floats square_root(Floats x) { return (Floats)_mm256_sqrt_ps((__m256)x); }
inline Floats smaller(Floats a, Floats b) { return (Floats)_mm256_min_ps((__m256)a, (__m256)b); }
inline Floats larger(Floats a, Floats b) { return (Floats)_mm256_max_ps((__m256)a, (__m256)b); }
inline Ints nearest(Floats x) { return (Ints)_mm256_cvtps_epi32((__m256)x); }
inline unsigned count_above(Floats x, Floats limit) {
  const __m256 magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), (__m256)x);
  const __m256 above = _mm256_cmp_ps(magnitude, (__m256)limit, _CMP_GT_OQ);
  return static_cast<unsigned>(
      __builtin_popcount(static_cast<unsigned>(_mm256_movemask_ps(above))));
}

struct Lanes16 {
  using Sum = __m256i;
  using Weights = __m256i;
  using Inputs = __m256i;
  static constexpr unsigned kParts = 4;
  static Sum zero() { return _mm256_setzero_si256(); }
  static Weights weights(const std::int16_t* p, unsigned part) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 16 * part));
  }
  static Inputs inputs(const std::int16_t* p) {
    std::int32_t pair;
    __builtin_memcpy(&pair, p, 4);
    return _mm256_set1_epi32(pair);
  }
  static Sum multiply_add(Sum sum, Weights w, Inputs x) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(w, x));
  }
  static Sum add(Sum a, Sum b) { return _mm256_add_epi32(a, b); }
  static Ints result(Sum sum) { return (Ints)sum; }
};

// Inputs stay below 127, so sums of two products fit 16 bits: 2 * 126 * 128 < 2^15.
struct Lanes8 {
  using Sum = __m256i;
  using Weights = __m256i;
  using Inputs = __m256i;
  static constexpr unsigned kParts = 4;
  static Sum zero() { return _mm256_setzero_si256(); }
  static Weights weights(const std::int8_t* p, unsigned part) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32 * part));
  }
  static Inputs inputs(const std::uint8_t* p) {
    std::int32_t quad;
    __builtin_memcpy(&quad, p, 4);
    return _mm256_set1_epi32(quad);
  }
  static Sum multiply_add(Sum sum, Weights w, Inputs x) {
    const __m256i pairs = _mm256_maddubs_epi16(x, w);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
  static Sum add(Sum a, Sum b) { return _mm256_add_epi32(a, b); }
  static Ints result(Sum sum) { return (Ints)sum; }
};

}  // namespace
