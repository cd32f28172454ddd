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

/// Signed-magnitude input converter: an int8 becomes a sign and 0..levels steps.
class Dac {
 public:
  /// @param config  8 bits (or `ideal`) pass -127..127 on unchanged, -128 becomes -127.
  explicit Dac(const DacConfig& config);

  /// Steps of each input: round(x / 2^halvings * levels / 127), halves to even.
  void convert(const std::int8_t* inputs, std::size_t count, std::int16_t* steps,
               unsigned halvings = 0) const;
  /// round(x / 2^halvings * levels / peak), at most `levels`: inputs that fill the range.
  void convert_scaled(const std::int8_t* inputs, std::size_t count, int peak, unsigned halvings,
                      std::int16_t* steps) const;
  int levels() const { return levels_; }
  /// Power of two that brings squares of steps down to 0..126.
  unsigned square_shift() const { return square_shift_; }
  /// Deviation of an amplitude of `step` steps in 1/127 of the largest (`DacConfig::inl`): the
  /// curve 2.598 u (1 - u^2) of relative amplitude u, whose largest value is 1.
  int deviation(int step) const;

 private:
  static constexpr unsigned kHalvings = 8;
  int levels_;
  unsigned square_shift_;
  std::array<std::array<std::int16_t, 256>, kHalvings> table_;  // by halvings and input + 128
};

/// The ADCs of an array, one for each column.
///
/// The gain of converter c is 1 + gain_spread * N(0,1), drawn once for the life of the array. The
/// digital correction divides by the true gain but for `residual_gain`, so what is left of the
/// spread is that the step and the saturation code differ from column to column (HERMES: 7.09 %
/// before correction [H22]). Codes are rounded half to even: the half-count offset of a real
/// counter is part of the calibrated offset. Hard saturation at the largest code.
class AdcBank {
 public:
  AdcBank(const AdcConfig& config, unsigned columns, const RandomStream& random);

  /// Input of one code step of a column as the digital side takes it [cells at full conductance
  /// and full input].
  float step(unsigned column) const { return steps_[column]; }
  float rate(unsigned column) const { return rates_[column]; }      ///< Codes per cell.
  float offset(unsigned column) const { return offsets_[column]; }  ///< Codes.
  float limit(unsigned column) const { return limits_[column]; }    ///< Largest code.
  double noise() const { return config_.noise; }
  double full_scale() const { return config_.full_scale; }
  bool ideal() const { return ideal_; }
  /// Whether a conversion is no more than gain, offset, rounding and clipping.
  bool linear() const { return !ideal_ && thresholds_.empty() && compression_ == 0.0; }

  /// Converts values of the columns from `first_column` on to what the digital side sees, in
  /// place: code * step, or the value itself for ideal converters.
  /// @returns conversions that saturated.
  std::uint64_t convert(std::span<float> values, unsigned first_column) const;
  /// One conversion. @param limit_factor  raises the largest code (counters over several phases).
  double convert(unsigned column, double value, double limit_factor, bool& clipped) const;

  /// Sets the range: all steps change in proportion, gains and offsets in codes stay.
  void set_full_scale(double full_scale);

 private:
  void draw_thresholds(const RandomStream& random);
  /// Code of a value in codes by the converter's own thresholds.
  double threshold_code(unsigned column, double raw) const;

  AdcConfig config_;
  bool ideal_;
  double compression_ = 0.0;  // B at full scale that linearisation leaves
  std::vector<float> gains_;
  std::vector<float> residuals_;
  std::vector<float> steps_;
  std::vector<float> rates_;
  std::vector<float> offsets_;
  std::vector<float> limits_;
  std::vector<float> thresholds_;  // [columns][2 levels]: where code k - levels becomes the next
};

}  // namespace aimc::cim
