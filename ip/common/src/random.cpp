// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/random.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace aimc {
namespace {

/// Natural logarithm for x in (0, 1], relative error below 2e-7 (minimax polynomial of the Cephes
/// library's logf on [sqrt(1/2), sqrt(2))).
inline float log_poly(float x) {
  std::int32_t bits = std::bit_cast<std::int32_t>(x);
  std::int32_t exponent = (bits >> 23) - 126;
  float m = std::bit_cast<float>((bits & 0x007fffff) | 0x3f000000);  // [0.5, 1)
  const bool low = m < 0.70710678f;
  exponent -= low ? 1 : 0;
  m = (low ? m + m : m) - 1.0f;
  const float z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const float e = static_cast<float>(exponent);
  float y = p * m * z;
  y = y + e * -2.12194440e-4f;
  y = y - 0.5f * z;
  return m + y + e * 0.693359375f;
}

/// cos and sin of 2*pi*u for a 24-bit fraction u = fraction / 2^24.
inline void sincos_turn(std::uint32_t fraction, float& sine, float& cosine) {
  const std::uint32_t turn = (fraction + (1u << 21)) >> 22;  // nearest quarter turn, 0..4
  // Angle from there, in [-pi/4, pi/4].
  const std::int32_t rest =
      static_cast<std::int32_t>(fraction) - static_cast<std::int32_t>(turn << 22);
  const float a = static_cast<float>(rest) * (6.28318530718f / 16777216.0f);
  const float z = a * a;
  const float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * a + a;
  const float c =
      ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z -
      0.5f * z + 1.0f;
  const float sin_abs = (turn & 1u) != 0 ? c : s;
  const float cos_abs = (turn & 1u) != 0 ? s : c;
  sine = (turn & 2u) != 0 ? -sin_abs : sin_abs;
  cosine = ((turn + 1u) & 2u) != 0 ? -cos_abs : cos_abs;
}

std::uint64_t mix(std::uint64_t x) {  // splitmix64 finaliser
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t hash64(std::string_view text, std::uint64_t basis) {
  std::uint64_t hash = basis;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ull;
  }
  return hash;
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view instance) {
  const std::uint64_t key = mix(mix(seed + 0x9e3779b97f4a7c15ull) ^ hash64(instance));
  key_[0] = static_cast<std::uint32_t>(key);
  key_[1] = static_cast<std::uint32_t>(key >> 32);
}

RandomStream RandomStream::at(std::uint32_t purpose, std::uint64_t operation) const {
  RandomStream stream = *this;
  stream.purpose_ = purpose;
  stream.operation_ = operation;
  return stream;
}

std::array<std::uint32_t, 4> RandomStream::block(std::uint32_t index) const {
  const Philox::ctr_type counter{{index, purpose_, static_cast<std::uint32_t>(operation_),
                                  static_cast<std::uint32_t>(operation_ >> 32)}};
  const Philox::ctr_type words = Philox{}(counter, key_);
  return {words[0], words[1], words[2], words[3]};
}

float RandomStream::uniform(std::uint32_t element) const {
  return static_cast<float>(block(element / 4)[element % 4] >> 8) * (1.0f / 16777216.0f);
}

namespace {

/// Blocks that are drawn together: enough lanes for any vector unit.
constexpr std::size_t kLanes = 16;

/// Philox4x32-10 of `kLanes` consecutive blocks, word by word, so that it vectorises.
inline void philox_lanes(const std::uint32_t (&key)[2], const std::uint32_t (&counter)[4],
                         std::uint32_t (&words)[4][kLanes]) {
  for (std::size_t i = 0; i < kLanes; ++i) {
    words[0][i] = counter[0] + static_cast<std::uint32_t>(i);
    words[1][i] = counter[1];
    words[2][i] = counter[2];
    words[3][i] = counter[3];
  }
  std::uint32_t k0 = key[0];
  std::uint32_t k1 = key[1];
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::uint64_t a = std::uint64_t{0xD2511F53u} * words[0][i];
      const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * words[2][i];
      words[0][i] = static_cast<std::uint32_t>(b >> 32) ^ words[1][i] ^ k0;
      words[1][i] = static_cast<std::uint32_t>(b);
      words[2][i] = static_cast<std::uint32_t>(a >> 32) ^ words[3][i] ^ k1;
      words[3][i] = static_cast<std::uint32_t>(a);
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

/// Box-Muller on whole blocks; `out` holds 4 * kLanes deviates.
inline void normal_lanes(const std::uint32_t (&words)[4][kLanes], float* out) {
  float values[4][kLanes];
  for (int pair = 0; pair < 2; ++pair) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      const auto bits = static_cast<std::int32_t>((words[2 * pair][i] >> 8) + 1);
      const float u = static_cast<float>(bits) * (1.0f / 16777216.0f);
      const float radius = std::sqrt(-2.0f * log_poly(u));
      float sine = 0.0f;
      float cosine = 0.0f;
      sincos_turn(words[2 * pair + 1][i] >> 8, sine, cosine);
      values[2 * pair][i] = radius * cosine;
      values[2 * pair + 1][i] = radius * sine;
    }
  }
  for (std::size_t i = 0; i < kLanes; ++i)
    for (std::size_t word = 0; word < 4; ++word) out[4 * i + word] = values[word][i];
}

}  // namespace

void RandomStream::normals(std::span<float> out, std::uint32_t first) const {
  const std::uint32_t key[2] = {key_[0], key_[1]};
  float values[4 * kLanes];
  std::size_t done = 0;
  while (done < out.size()) {
    const std::uint32_t element = first + static_cast<std::uint32_t>(done);
    const std::uint32_t counter[4] = {element / 4, purpose_, static_cast<std::uint32_t>(operation_),
                                      static_cast<std::uint32_t>(operation_ >> 32)};
    std::uint32_t words[4][kLanes];
    philox_lanes(key, counter, words);
    normal_lanes(words, values);
    const std::size_t skip = element % 4;
    const std::size_t count = std::min(4 * kLanes - skip, out.size() - done);
    std::copy_n(values + skip, count, out.begin() + static_cast<std::ptrdiff_t>(done));
    done += count;
  }
}

}  // namespace aimc
