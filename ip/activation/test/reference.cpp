// SPDX-License-Identifier: Apache-2.0
#include "reference.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

namespace aimc::activation::testing {
namespace {

using Wide = __int128;

enum Word {
  kOp,
  kCount,
  kIn,
  kIn2,
  kOut,
  kTable,
  kBias,
  kMultiplier,
  kMultiplier2,
  kShift,
  kClamp
};
enum PoolWord { kChannels = 11, kMap, kKernel, kStep, kOutMap };

std::uint32_t load32(const Bytes& sram, std::size_t address) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value |= std::uint32_t{sram.at(address + i)} << (8 * i);
  return value;
}

void store32(Bytes& sram, std::size_t address, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) sram.at(address + i) = static_cast<std::uint8_t>(value >> 8 * i);
}

std::int64_t element(const Bytes& sram, std::uint32_t base, std::uint32_t type, std::size_t i) {
  if (type == 2) return static_cast<std::int32_t>(load32(sram, base + 4 * i));
  const std::uint8_t byte = sram.at(base + i);
  return type == 0 ? static_cast<std::int8_t>(byte) : byte;
}

/// floor(numerator / denominator + 1/2).
Wide round_quotient(Wide numerator, Wide denominator) {
  const Wide n = 2 * numerator + denominator;
  const Wide d = 2 * denominator;
  Wide quotient = n / d;
  while (quotient * d > n) --quotient;
  return quotient;
}

Wide clamp(Wide value, Wide low, Wide high) {
  return value < low ? low : value > high ? high : value;
}

Wide biased(std::int64_t x, std::uint32_t bias) {
  return clamp(Wide{x} + static_cast<std::int32_t>(bias), INT32_MIN, INT32_MAX);
}

void append(Bytes& out, Wide value, bool int32) {
  for (int i = 0; i < (int32 ? 4 : 1); ++i) {
    out.push_back(static_cast<std::uint8_t>(value & 0xff));
    value >>= 8;
  }
}

/// One result of AFFINE, LEAKY or ADD.
Wide transform(const Words& w, const Bytes& sram, std::uint32_t i) {
  const std::uint32_t opcode = w[kOp] & 0xff;
  const std::int64_t x = element(sram, w[kIn], w[kOp] >> 8 & 3, i);
  Wide numerator = 0;
  std::uint32_t shift = w[kShift];
  if (opcode == 1 && (w[kOp] >> 11 & 1) != 0) {
    const std::size_t entry = w[kTable] + 12 * std::size_t{i % w[kChannels]};
    numerator = biased(x, load32(sram, entry)) * load32(sram, entry + 4);
    shift = load32(sram, entry + 8);
  } else if (opcode == 1) {
    numerator = biased(x, w[kBias]) * w[kMultiplier];
  } else if (opcode == 2) {
    const Wide t = biased(x, w[kBias]);
    numerator = t * (t >= 0 ? w[kMultiplier] : w[kMultiplier2]);
  } else {
    numerator = Wide{x} * w[kMultiplier] + Wide{element(sram, w[kIn2], 0, i)} * w[kMultiplier2];
  }
  const Wide rounded = round_quotient(numerator, Wide{1} << shift);
  if ((w[kOp] >> 10 & 1) != 0) return clamp(rounded, INT32_MIN, INT32_MAX);
  return clamp(rounded, static_cast<std::int8_t>(w[kClamp]),
               static_cast<std::int8_t>(w[kClamp] >> 8));
}

/// One result of MAX_POOL (opcode 7) or AVERAGE_POOL.
Wide window(const Words& w, const Bytes& sram, std::int64_t oy, std::int64_t ox, std::uint32_t c) {
  const std::int64_t height = w[kMap] & 0xffff;
  const std::int64_t width = w[kMap] >> 16;
  Wide sum = 0;
  Wide largest = -1000;
  Wide pixels = 0;
  for (std::int64_t ky = 0; ky < (w[kKernel] & 0xffff); ++ky) {
    for (std::int64_t kx = 0; kx < w[kKernel] >> 16; ++kx) {
      const std::int64_t y = oy * (w[kStep] & 0xff) + ky - (w[kStep] >> 16 & 0xff);
      const std::int64_t x = ox * (w[kStep] >> 8 & 0xff) + kx - (w[kStep] >> 24);
      const bool inside = y >= 0 && y < height && x >= 0 && x < width;
      if (inside || (w[kOp] >> 12 & 1) != 0) ++pixels;
      if (!inside) continue;
      const auto place = static_cast<std::size_t>((y * width + x) * w[kChannels] + c);
      const Wide value = element(sram, w[kIn], 0, place);
      sum += value;
      largest = std::max(largest, value);
    }
  }
  if ((w[kOp] & 0xff) == 7) return largest;
  return clamp(round_quotient(sum * w[kMultiplier], pixels << w[kShift]),
               static_cast<std::int8_t>(w[kClamp]), static_cast<std::int8_t>(w[kClamp] >> 8));
}

Bytes pool(const Words& w, const Bytes& sram) {
  Bytes out;
  for (std::uint32_t y = 0; y < (w[kOutMap] & 0xffff); ++y)
    for (std::uint32_t x = 0; x < w[kOutMap] >> 16; ++x)
      for (std::uint32_t c = 0; c < w[kChannels]; ++c) append(out, window(w, sram, y, x, c), false);
  return out;
}

Bytes softmax(const Words& w, const Bytes& sram) {
  const std::uint32_t type = w[kOp] >> 8 & 3;
  std::int64_t largest = -1000;
  for (std::uint32_t i = 0; i < w[kCount]; ++i)
    largest = std::max(largest, element(sram, w[kIn], type, i));
  std::vector<Wide> e;
  Wide sum = 0;
  for (std::uint32_t i = 0; i < w[kCount]; ++i) {
    const auto entry =
        w[kTable] + 2 * static_cast<std::size_t>(largest - element(sram, w[kIn], type, i));
    e.push_back(sram.at(entry) + 256 * sram.at(entry + 1));
    sum += e.back();
  }
  Bytes out;
  for (const Wide value : e)
    append(out, std::min<Wide>(127, round_quotient(128 * value, sum)), false);
  return out;
}

Bytes arg_max(const Words& w, const Bytes& sram) {
  const std::uint32_t type = w[kOp] >> 8 & 3;
  std::uint32_t best = 0;
  for (std::uint32_t i = 1; i < w[kCount]; ++i)
    if (element(sram, w[kIn], type, i) > element(sram, w[kIn], type, best)) best = i;
  Bytes out;
  append(out, best, true);
  return out;
}

}  // namespace

Bytes reference(const Words& w, const Bytes& sram) {
  const std::uint32_t opcode = w[kOp] & 0xff;
  if (opcode == 7 || opcode == 8) return pool(w, sram);
  if (opcode == 9) return arg_max(w, sram);
  if (opcode == 10) return softmax(w, sram);
  Bytes out;
  for (std::uint32_t i = 0; i < w[kCount]; ++i) {
    if (opcode == 3) {
      const bool is_signed = (w[kOp] >> 8 & 3) == 0;
      const std::int64_t x = element(sram, w[kIn], w[kOp] >> 8 & 3, i);
      out.push_back(sram.at(static_cast<std::size_t>(w[kTable] + x + (is_signed ? 128 : 0))));
    } else {
      append(out, transform(w, sram, i), (w[kOp] >> 10 & 1) != 0);
    }
  }
  return out;
}

std::vector<double> functions(const Words& w, const Bytes& sram) {
  std::vector<double> out;
  for (std::uint32_t i = 0; i < w[kCount]; ++i) {
    const std::int64_t in = element(sram, w[kIn], w[kOp] >> 8 & 3, i);
    const Wide argument = round_quotient(Wide{in} * w[kMultiplier], Wide{1} << w[kShift]);
    const double x = static_cast<double>(clamp(argument, -32768, 32767)) / 4096.0;
    out.push_back(128.0 * ((w[kOp] & 0xff) == 4 ? 1.0 / (1.0 + std::exp(-x)) : std::tanh(x)));
  }
  return out;
}

namespace {

/// Random fields of a good command.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::uint32_t between(std::uint32_t low, std::uint32_t high) {
    return std::uniform_int_distribution<std::uint32_t>(low, high)(random_);
  }
  /// Half of the factors near 1, so that results spread over int8; half anything.
  void scale(std::uint32_t* multiplier, std::uint32_t* shift) {
    const bool tame = between(0, 1) == 0;
    *multiplier = tame ? between(1u << 29, 0x7fffffff) : between(0, 0x7fffffff);
    *shift = tame ? between(28, 33) : between(0, 62);
  }
  std::uint32_t clamp() {
    const auto a = static_cast<std::int8_t>(between(0, 255));
    const auto b = static_cast<std::int8_t>(between(0, 255));
    return static_cast<std::uint8_t>(std::min(a, b)) |
           std::uint32_t{static_cast<std::uint8_t>(std::max(a, b))} << 8;
  }
  /// Sizes of a pool whose windows all touch the map.
  void pool(Words& w) {
    for (const unsigned half : {0u, 16u}) {
      const std::uint32_t size = between(1, 12);
      const std::uint32_t kernel = between(1, 6);
      const std::uint32_t stride = between(1, 4);
      const std::uint32_t pad = between(0, kernel - 1);
      w[kMap] |= size << half;
      w[kKernel] |= kernel << half;
      w[kStep] |= stride << half / 2 | pad << (16 + half / 2);
      w[kOutMap] |= between(1, (size - 1 + pad) / stride + 1) << half;
    }
    w[kChannels] = between(1, 9);
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace

Example example(const Wish& wish, std::uint64_t seed) {
  Maker make(seed);
  Example result;
  result.sram.resize(65536);
  for (auto& byte : result.sram) byte = static_cast<std::uint8_t>(make.between(0, 255));
  Words& w = result.words;
  w[kOp] = wish.opcode | wish.in_type << 8 | (wish.out_int32 ? 1u << 10 : 0) |
           (wish.per_channel ? 1u << 11 : 0) | (wish.count_pad ? 1u << 12 : 0);
  w[kCount] = wish.count;
  w[kIn] = 0x1000 + make.between(0, 7);
  w[kIn2] = 0x6000 + make.between(0, 7);
  w[kOut] = 0x9000 + make.between(0, 7);
  w[kTable] = 0xe000 + make.between(0, 7);
  w[kBias] = make.between(0, 200) - 100;
  make.scale(&w[kMultiplier], &w[kShift]);
  make.scale(&w[kMultiplier2], &w[kShift]);
  w[kClamp] = make.clamp();
  if (wish.opcode == 4 || wish.opcode == 5) {  // arguments spread over -8 .. 8
    w[kMultiplier] = make.between(1u << 29, 0x7fffffff);
    w[kShift] = wish.in_type == 2 ? make.between(46, 50) : make.between(21, 26);
  }
  if (wish.opcode == 7 || wish.opcode == 8) make.pool(w);
  if (wish.per_channel) {
    w[kChannels] = make.between(1, 40);
    for (std::uint32_t c = 0; c < w[kChannels]; ++c) {
      const std::size_t entry = w[kTable] + 12 * std::size_t{c};
      std::uint32_t multiplier = 0;
      std::uint32_t shift = 0;
      make.scale(&multiplier, &shift);
      store32(result.sram, entry, make.between(0, 200) - 100);
      store32(result.sram, entry + 4, multiplier);
      store32(result.sram, entry + 8, shift);
    }
  }
  if (wish.opcode == 10 && result.sram[w[kTable]] == 0) result.sram[w[kTable]] = 1;
  return result;
}

}  // namespace aimc::activation::testing
