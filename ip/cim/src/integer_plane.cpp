// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/integer_plane.h"

#if defined(__AVX512BW__) || defined(__AVX2__) || defined(__SSE2__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstring>

namespace aimc::cim {
namespace {

// One vector register of 32-bit sums: multiply-add of pairs of int16. All variants are exact, so
// which one the compiler may use does not show in a result.
#if defined(__AVX512BW__)
struct Lanes {
  using Type = __m512i;
  static constexpr unsigned kCount = 16;
  static constexpr unsigned kVectors = 8;  // input vectors per pass: sums fill half the registers
  static Type zero() { return _mm512_setzero_si512(); }
  static Type load(const std::int16_t* p) { return _mm512_loadu_si512(p); }
  static Type spread(std::int32_t pair) { return _mm512_set1_epi32(pair); }
  static Type add(Type a, Type b) { return _mm512_add_epi32(a, b); }
  static Type multiply_add(Type sum, Type w, Type x) {
#if defined(__AVX512VNNI__)
    return _mm512_dpwssd_epi32(sum, w, x);
#else
    return _mm512_add_epi32(sum, _mm512_madd_epi16(w, x));
#endif
  }
  static void store(std::int32_t* p, Type v) { _mm512_storeu_si512(p, v); }
};
#elif defined(__AVX2__)
struct Lanes {
  using Type = __m256i;
  static constexpr unsigned kCount = 8;
  static constexpr unsigned kVectors = 2;
  static Type zero() { return _mm256_setzero_si256(); }
  static Type load(const std::int16_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static Type spread(std::int32_t pair) { return _mm256_set1_epi32(pair); }
  static Type add(Type a, Type b) { return _mm256_add_epi32(a, b); }
  static Type multiply_add(Type sum, Type w, Type x) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(w, x));
  }
  static void store(std::int32_t* p, Type v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
};
#elif defined(__SSE2__)
struct Lanes {
  using Type = __m128i;
  static constexpr unsigned kCount = 4;
  static constexpr unsigned kVectors = 1;
  static Type zero() { return _mm_setzero_si128(); }
  static Type load(const std::int16_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  static Type spread(std::int32_t pair) { return _mm_set1_epi32(pair); }
  static Type add(Type a, Type b) { return _mm_add_epi32(a, b); }
  static Type multiply_add(Type sum, Type w, Type x) {
    return _mm_add_epi32(sum, _mm_madd_epi16(w, x));
  }
  static void store(std::int32_t* p, Type v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v); }
};
#else
struct Lanes {
  struct Type {
    std::int32_t low, high;
  };
  static constexpr unsigned kCount = 1;
  static constexpr unsigned kVectors = 1;
  static Type zero() { return {0, 0}; }
  static Type load(const std::int16_t* p) { return {p[0], p[1]}; }
  static Type spread(std::int32_t pair) {
    std::int16_t x[2];
    std::memcpy(x, &pair, 4);
    return {x[0], x[1]};
  }
  static Type add(Type a, Type b) { return {a.low + b.low, a.high + b.high}; }
  static Type multiply_add(Type sum, Type w, Type x) {
    return {sum.low + w.low * x.low, sum.high + w.high * x.high};
  }
  static void store(std::int32_t* p, Type v) { *p = v.low + v.high; }
};
#endif

constexpr unsigned kParts = IntegerPlane::kPanel / Lanes::kCount;

std::int32_t load_pair(const std::int16_t* p) {
  std::int32_t pair = 0;
  std::memcpy(&pair, p, sizeof pair);
  return pair;
}

/// Sums of one panel for `Vectors` input vectors over `pairs` row pairs. `Chains` independent sums
/// hide the latency of the multiply-add when there are few vectors.
template <unsigned Vectors, unsigned Chains>
void panel_product(const std::int16_t* weights, std::size_t pairs, const std::int16_t* inputs,
                   std::size_t input_stride, std::int32_t* results, std::size_t result_stride) {
  typename Lanes::Type sums[Chains][Vectors][kParts];
  for (auto& chain : sums)
    for (auto& vector : chain)
      for (auto& sum : vector) sum = Lanes::zero();
  const auto step = [&](std::size_t pair, unsigned chain) {
    const std::int16_t* const w = weights + pair * 2 * IntegerPlane::kPanel;
    typename Lanes::Type parts[kParts];
    for (unsigned i = 0; i < kParts; ++i) parts[i] = Lanes::load(w + 2 * Lanes::kCount * i);
    for (unsigned n = 0; n < Vectors; ++n) {
      const auto x = Lanes::spread(load_pair(inputs + n * input_stride + 2 * pair));
      for (unsigned i = 0; i < kParts; ++i)
        sums[chain][n][i] = Lanes::multiply_add(sums[chain][n][i], parts[i], x);
    }
  };
  std::size_t pair = 0;
  for (; pair + Chains <= pairs; pair += Chains)
    for (unsigned chain = 0; chain < Chains; ++chain) step(pair + chain, chain);
  for (; pair < pairs; ++pair) step(pair, 0);
  for (unsigned n = 0; n < Vectors; ++n)
    for (unsigned i = 0; i < kParts; ++i) {
      auto sum = sums[0][n][i];
      for (unsigned chain = 1; chain < Chains; ++chain) sum = Lanes::add(sum, sums[chain][n][i]);
      Lanes::store(results + n * result_stride + Lanes::kCount * i, sum);
    }
}

}  // namespace

void InputBatch::shape(const Block& block, std::size_t vectors) {
  first_row = block.first_row & ~1u;
  stride = (block.first_row + block.rows - first_row + 1) & ~std::size_t{1};
  count = vectors;
  data.assign(stride * vectors, 0);
}

IntegerPlane::IntegerPlane(unsigned rows, unsigned columns)
    : pairs_((rows + 1) / 2),
      data_(std::size_t{(columns + kPanel - 1) / kPanel} * pairs_ * kPanel * 2, 0) {}

std::size_t IntegerPlane::result_stride(const Block& block) {
  const std::size_t first = block.first_column / kPanel;
  const std::size_t last = (block.first_column + block.columns - 1) / kPanel;
  return (last - first + 1) * kPanel;
}

void IntegerPlane::multiply(const Block& block, const InputBatch& inputs, unsigned begin,
                            unsigned end, std::int32_t* results) const {
  const std::size_t row_end = inputs.first_row + inputs.stride;
  const std::size_t first = std::max(begin, inputs.first_row) / 2;
  const std::size_t last = std::min<std::size_t>(end, row_end) / 2;
  const std::size_t pairs = last > first ? last - first : 0;
  const std::int16_t* const x0 = inputs.data.data() + (2 * first - inputs.first_row);
  const std::size_t stride = result_stride(block);
  const std::size_t first_panel = block.first_column / kPanel;
  for (std::size_t panel = 0; panel < stride / kPanel; ++panel) {
    const std::int16_t* const w =
        data_.data() + ((first_panel + panel) * pairs_ + first) * kPanel * 2;
    std::size_t n = 0;
    for (; n + Lanes::kVectors <= inputs.count; n += Lanes::kVectors)
      panel_product<Lanes::kVectors, 1>(w, pairs, x0 + n * inputs.stride, inputs.stride,
                                        results + n * stride + panel * kPanel, stride);
    for (; n < inputs.count; ++n)
      panel_product<1, 4>(w, pairs, x0 + n * inputs.stride, inputs.stride,
                          results + n * stride + panel * kPanel, stride);
  }
}

}  // namespace aimc::cim
