// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/planes/quick_normals.h"

#include <algorithm>
#include <cmath>

#include "aimc/cim/exact_math.h"

namespace aimc::cim {
namespace {

constexpr std::size_t kQuantiles = 4096;
constexpr unsigned kLanes = 16;  // blocks of four words made side by side
constexpr unsigned kWords = 4 * kLanes;

/// P(N(0,1) < x) for x <= 0 by the continued fraction and, near 0, the series of the error
/// function; built from exact_exp so that its bits are the same everywhere.
double lower_tail(double x) {
  const double density = exact_exp(-x * x / 2.0) * 0.39894228040143268;
  if (x > -2.0) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 60; ++n) {
      term *= x * x / (2 * n + 1);
      sum += term;
    }
    return 0.5 + density * sum;
  }
  double fraction = -x;
  for (int n = 60; n > 0; --n) fraction = -x + n / fraction;
  return density / fraction;
}

/// Quantiles at the middles of equal shares, scaled to a variance of 1/2.
std::array<float, kQuantiles> make_quantiles() {
  std::array<double, kQuantiles> values{};
  double squares = 0.0;
  for (std::size_t i = 0; i < kQuantiles / 2; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / kQuantiles;
    double low = -6.0;
    double high = 0.0;
    for (int step = 0; step < 50; ++step) {
      const double middle = (low + high) / 2.0;
      (lower_tail(middle) < share ? low : high) = middle;
    }
    values[i] = low;
    values[kQuantiles - 1 - i] = -low;
    squares += 2.0 * low * low;
  }
  const double scale = std::sqrt(0.5 * kQuantiles / squares);
  std::array<float, kQuantiles> scaled{};
  for (std::size_t i = 0; i < kQuantiles; ++i) scaled[i] = static_cast<float>(values[i] * scale);
  return scaled;
}

const std::array<float, kQuantiles>& quantiles() {
  static const std::array<float, kQuantiles> table = make_quantiles();
  return table;
}

inline std::uint32_t rotate(std::uint32_t value, int by) {
  return (value << by) | (value >> (32 - by));
}

/// Words of the blocks first, first + 1, ... of Threefry4x32-12 (Salmon et al., SC 2011), which is
/// sums, rotations and exclusive ors alone: word w of block l at [w][l].
void threefry(std::uint32_t first, const std::array<std::uint32_t, 4>& key,
              std::uint32_t (&words)[4][kLanes]) {
  constexpr int kRotations[8][2] = {{10, 26}, {11, 21}, {13, 27}, {23, 5},
                                    {6, 20},  {17, 11}, {25, 10}, {18, 20}};
  const std::uint32_t keys[5] = {key[0], key[1], key[2], key[3],
                                 0x1BD11BDAu ^ key[0] ^ key[1] ^ key[2] ^ key[3]};
  for (unsigned l = 0; l < kLanes; ++l) {
    std::uint32_t a = first + l + keys[0];
    std::uint32_t b = keys[1];
    std::uint32_t c = keys[2];
    std::uint32_t d = keys[3];
#pragma GCC unroll 12
    for (int round = 0; round < 12; ++round) {
      std::uint32_t& left = round % 2 == 0 ? b : d;
      std::uint32_t& right = round % 2 == 0 ? d : b;
      a += left;
      left = rotate(left, kRotations[round % 8][0]) ^ a;
      c += right;
      right = rotate(right, kRotations[round % 8][1]) ^ c;
      if (round % 4 != 3) continue;
      const auto injection = static_cast<std::uint32_t>(round / 4 + 1);
      a += keys[injection % 5];
      b += keys[(injection + 1) % 5];
      c += keys[(injection + 2) % 5];
      d += keys[(injection + 3) % 5] + injection;
    }
    words[0][l] = a;
    words[1][l] = b;
    words[2][l] = c;
    words[3][l] = d;
  }
}

}  // namespace

void QuickNormals::fill(std::span<float> out, std::uint32_t first) const {
  const float* const table = quantiles().data();
  std::uint32_t words[4][kLanes];
  float draws[kWords];
  // Group g holds elements 64 g .. 64 g + 63: word w of block 16 g + l is element 64 g + 16 w + l.
  for (std::size_t done = 0; done < out.size();) {
    const auto element = first + static_cast<std::uint32_t>(done);
    const std::uint32_t skip = element % kWords;
    threefry(element / kWords * kLanes, key_, words);
    const std::uint32_t* const flat = &words[0][0];
    for (unsigned i = 0; i < kWords; ++i)
      draws[i] = table[(flat[i] >> 4) & (kQuantiles - 1)] + table[flat[i] >> 20];
    const std::size_t count = std::min<std::size_t>(kWords - skip, out.size() - done);
    std::copy_n(draws + skip, count, out.begin() + static_cast<std::ptrdiff_t>(done));
    done += count;
  }
}

}  // namespace aimc::cim
