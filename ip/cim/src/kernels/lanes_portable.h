// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <cstddef>
#include <cstdint>

// Vectors of four words, which every compiler lowers to what the CPU has (SSE2 on any x86-64).
namespace {

#define AIMC_LANES 4
#define AIMC_VECTORS 1

using Floats = float __attribute__((vector_size(16)));
using Words = std::uint32_t __attribute__((vector_size(16)));
using Ints = std::int32_t __attribute__((vector_size(16)));

#if defined(__SSE2__)

inline Floats square_root(Floats x) { return (Floats)_mm_sqrt_ps((__m128)x); }
inline Floats smaller(Floats a, Floats b) { return (Floats)_mm_min_ps((__m128)a, (__m128)b); }
inline Floats larger(Floats a, Floats b) { return (Floats)_mm_max_ps((__m128)a, (__m128)b); }
inline Ints nearest(Floats x) { return (Ints)_mm_cvtps_epi32((__m128)x); }
inline unsigned count_above(Floats x, Floats limit) {
  const __m128 magnitude = _mm_andnot_ps(_mm_set1_ps(-0.0f), (__m128)x);
  return static_cast<unsigned>(__builtin_popcount(
      static_cast<unsigned>(_mm_movemask_ps(_mm_cmpgt_ps(magnitude, (__m128)limit)))));
}

struct Lanes16 {
  using Sum = __m128i;
  using Weights = __m128i;
  using Inputs = __m128i;
  static constexpr unsigned kParts = 8;
  static Sum zero() { return _mm_setzero_si128(); }
  static Weights weights(const std::int16_t* p, unsigned part) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 8 * part));
  }
  static Inputs inputs(const std::int16_t* p) {
    std::int32_t pair;
    __builtin_memcpy(&pair, p, 4);
    return _mm_set1_epi32(pair);
  }
  static Sum multiply_add(Sum sum, Weights w, Inputs x) {
    return _mm_add_epi32(sum, _mm_madd_epi16(w, x));
  }
  static Sum add(Sum a, Sum b) { return _mm_add_epi32(a, b); }
  static Ints result(Sum sum) { return (Ints)sum; }
};

// Bytes are widened to 16 bits: four columns of four rows a register.
struct Lanes8 {
  using Sum = __m128i;
  using Weights = __m128i;
  using Inputs = __m128i;
  static constexpr unsigned kParts = 8;
  static Sum zero() { return _mm_setzero_si128(); }
  static Weights weights(const std::int8_t* p, unsigned part) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * part));
  }
  static Inputs inputs(const std::uint8_t* p) {
    std::int32_t quad;
    __builtin_memcpy(&quad, p, 4);
    return _mm_unpacklo_epi8(_mm_set1_epi32(quad), _mm_setzero_si128());
  }
  static Sum multiply_add(Sum sum, Weights w, Inputs x) {
    const __m128i sign = _mm_cmpgt_epi8(_mm_setzero_si128(), w);
    const __m128 low = (__m128)_mm_madd_epi16(_mm_unpacklo_epi8(w, sign), x);
    const __m128 high = (__m128)_mm_madd_epi16(_mm_unpackhi_epi8(w, sign), x);
    const __m128i even = (__m128i)_mm_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0));
    const __m128i odd = (__m128i)_mm_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1));
    return _mm_add_epi32(sum, _mm_add_epi32(even, odd));
  }
  static Sum add(Sum a, Sum b) { return _mm_add_epi32(a, b); }
  static Ints result(Sum sum) { return (Ints)sum; }
};

#else

inline Floats square_root(Floats x) {
  for (int i = 0; i < 4; ++i) x[i] = __builtin_sqrtf(x[i]);
  return x;
}
inline Floats smaller(Floats a, Floats b) { return a < b ? a : b; }
inline Floats larger(Floats a, Floats b) { return a > b ? a : b; }
inline Ints nearest(Floats x) {
  Ints y{};
  for (int i = 0; i < 4; ++i) y[i] = static_cast<std::int32_t>(__builtin_nearbyintf(x[i]));
  return y;
}
inline unsigned count_above(Floats x, Floats limit) {
  unsigned count = 0;
  for (int i = 0; i < 4; ++i) count += __builtin_fabsf(x[i]) > limit[i] ? 1u : 0u;
  return count;
}

template <class Weight, class Input, int Rows>
struct PlainLanes {
  struct Weights {
    const Weight* at;
  };
  struct Inputs {
    const Input* at;
  };
  using Sum = Ints;
  static constexpr unsigned kParts = 8;
  static Sum zero() { return Ints{}; }
  static Weights weights(const Weight* p, unsigned part) { return {p + 4 * Rows * part}; }
  static Inputs inputs(const Input* p) { return {p}; }
  static Sum multiply_add(Sum sum, Weights w, Inputs x) {
    for (int column = 0; column < 4; ++column)
      for (int row = 0; row < Rows; ++row) sum[column] += w.at[Rows * column + row] * x.at[row];
    return sum;
  }
  static Sum add(Sum a, Sum b) { return a + b; }
  static Ints result(Sum sum) { return sum; }
};

using Lanes16 = PlainLanes<std::int16_t, std::int16_t, 2>;
using Lanes8 = PlainLanes<std::int8_t, std::uint8_t, 4>;

#endif

}  // namespace
