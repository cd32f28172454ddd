// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/local_digital_unit.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace aimc::cim {
namespace {

constexpr unsigned kLargestCount = 4095;

bool negative(Half x) { return (x.bits() & 0x8000u) != 0; }

Half relu(Half x) { return negative(x) && !std::isnan(x.value()) ? Half() : x; }

/// The sum with its last bit set if it is not exact, so that rounding it again to fewer bits
/// gives what one rounding would have given.
double sum_to_odd(double a, double b) {
  const double sum = a + b;
  if (!std::isfinite(sum)) return sum;
  const double part = sum - a;
  const double error = (a - (sum - part)) + (b - part);
  if (error == 0.0 || (std::bit_cast<std::uint64_t>(sum) & 1u) != 0) return sum;
  const double infinity = std::numeric_limits<double>::infinity();
  return std::nextafter(sum, error > 0.0 ? infinity : -infinity);
}

}  // namespace

Half Half::of(double value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const double size = std::abs(value);
  if (std::isnan(value)) return from_bits(0x7e00);
  if (size >= 65520.0) return from_bits(static_cast<std::uint16_t>(sign | 0x7c00));
  if (size < std::ldexp(1.0, -14)) {  // subnormal: steps of 2^-24
    const auto steps = static_cast<std::uint16_t>(std::nearbyint(std::ldexp(size, 24)));
    return from_bits(static_cast<std::uint16_t>(sign | steps));
  }
  int exponent = 0;
  const double mantissa = std::frexp(size, &exponent);  // 0.5 <= mantissa < 1
  const auto steps = static_cast<int>(std::nearbyint(std::ldexp(mantissa, 11)));  // 1024..2048
  return from_bits(static_cast<std::uint16_t>(sign | (((exponent + 13) << 10) + steps)));
}

double Half::value() const {
  const int exponent = bits_ >> 10 & 31;
  const double mantissa = bits_ & 1023;
  double size = 0.0;
  if (exponent == 31)
    size = mantissa != 0.0 ? std::numeric_limits<double>::quiet_NaN()
                           : std::numeric_limits<double>::infinity();
  else if (exponent == 0)
    size = std::ldexp(mantissa, -24);
  else
    size = std::ldexp(mantissa + 1024.0, exponent - 25);
  return (bits_ & 0x8000u) != 0 ? -size : size;
}

Half Half::fused(Half a, Half b, Half c) {
  return of(sum_to_odd(a.value() * b.value(), c.value()));  // the product of two is exact
}

std::int8_t DigitalChannel::result(unsigned positive, unsigned negative_count,
                                   std::int8_t incoming) const {
  const Half p = Half::of(std::min(positive, kLargestCount));
  const Half n = Half::of(std::min(negative_count, kLargestCount));
  const Half minus_n = Half::from_bits(static_cast<std::uint16_t>(n.bits() ^ 0x8000u));
  return result(Half::fused(gain_n, minus_n, Half::fused(gain_p, p, offset)), incoming);
}

std::int8_t DigitalChannel::result(Half v, std::int8_t incoming) const {
  Half z = Half::fused(scale, v, bias);
  if (first_relu) z = relu(z);
  if (residual) z = Half::fused(residual_scale, Half::of(incoming), z);
  if (second_relu) z = relu(z);
  const double value = z.value();
  if (std::isnan(value)) return 0;
  return static_cast<std::int8_t>(std::clamp(std::nearbyint(value), -128.0, 127.0));
}

}  // namespace aimc::cim
