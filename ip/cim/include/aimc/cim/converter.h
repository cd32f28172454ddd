// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

/// Signed-magnitude input converter: an int8 becomes a sign and a pulse of 0..levels steps.
class Dac {
 public:
  /// @param config  `bits` 2..8; 8 passes -127..127 on unchanged, -128 becomes -127.
  explicit Dac(const DacConfig& config);

  /// Steps of each input: round(x * levels / 127), halves to even.
  void convert(const std::int8_t* inputs, std::size_t count, std::int16_t* steps) const;
  int levels() const { return levels_; }

 private:
  int levels_;
  std::array<std::int16_t, 256> table_;  // by input + 128
};

/// The ADCs of an array, one for each column.
///
/// The gain of converter c is 1 + gain_spread * N(0,1), drawn once for the life of the array. The
/// digital correction divides by the true gain, so what is left of the spread is that the step
/// and the saturation code differ from column to column (HERMES: 7.09 % before correction
/// [H22]). Codes are rounded half to even: the half-count offset of a real counter is part of the
/// calibrated offset, which is exact here. Linear up to full scale, hard saturation there.
class AdcBank {
 public:
  AdcBank(const AdcConfig& config, unsigned columns, const RandomStream& random);

  /// Input of one code step of a column [cells at full conductance and full input].
  float step(unsigned column) const { return steps_[column]; }

  /// Converts values of the columns from `first_column` on to what the digital side sees, in
  /// place: code * step, or the value itself for ideal converters.
  /// @returns conversions that saturated.
  std::uint64_t convert(std::span<float> values, unsigned first_column) const;

 private:
  bool ideal_;
  std::vector<float> steps_;
  std::vector<float> rates_;   // 1 / step
  std::vector<float> limits_;  // largest code
};

}  // namespace aimc::cim
