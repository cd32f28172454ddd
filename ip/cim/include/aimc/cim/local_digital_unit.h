// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aimc::cim {

/// A number of IEEE 754 binary16, the format inside HERMES' digital units; arithmetic rounds to
/// nearest, ties to even, and keeps subnormals.
class Half {
 public:
  constexpr Half() = default;
  static Half of(double value);  ///< The nearest; beyond 65504 infinite.
  static constexpr Half from_bits(std::uint16_t bits) {
    Half half;
    half.bits_ = bits;
    return half;
  }
  constexpr std::uint16_t bits() const { return bits_; }
  double value() const;
  /// a * b + c, rounded once.
  static Half fused(Half a, Half b, Half c);
  bool operator==(const Half&) const = default;

 private:
  std::uint16_t bits_ = 0;
};

/// What the local digital unit of HERMES does with the two counts of one ADC [H22, H23], in this
/// order, each step in FP16:
///
///   v = gain_p * P - gain_n * N + offset   (two fused multiply-adds; counts become FP16 first)
///   z = scale * v + bias                   (one)
///   first ReLU, if on
///   z = residual_scale * rx + z            (one), if an int8 comes in over a link
///   second ReLU, if on
///   int8, rounded half to even and saturated to -128..127; not-a-number becomes 0
struct DigitalChannel {
  Half gain_p = Half::from_bits(0x3c00);  // 1
  Half gain_n = Half::from_bits(0x3c00);
  Half offset{};
  Half scale = Half::from_bits(0x3c00);
  Half bias{};
  Half residual_scale{};
  bool first_relu = false;
  bool residual = false;
  bool second_relu = false;

  /// @param positive, negative  counts of 12 bits; larger ones stay at 4095.
  std::int8_t result(unsigned positive, unsigned negative, std::int8_t incoming = 0) const;
  /// From v on, e.g. of the signed conversion of a one-phase read.
  std::int8_t result(Half v, std::int8_t incoming = 0) const;
};

}  // namespace aimc::cim
