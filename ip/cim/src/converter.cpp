// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/converter.h"

#include <algorithm>
#include <cmath>

#include "aimc/cim/draw.h"

namespace aimc::cim {

Dac::Dac(const DacConfig& config)
    : levels_(config.kind == "ideal" ? 127 : (1 << (config.bits - 1)) - 1), square_shift_(0) {
  while ((levels_ * levels_ + (1 << square_shift_ >> 1)) >> square_shift_ > 126) ++square_shift_;
  for (unsigned halvings = 0; halvings < kHalvings; ++halvings)
    for (int x = -128; x < 128; ++x) {
      const double input = std::ldexp(std::max(x, -127), -static_cast<int>(halvings));
      table_[halvings][static_cast<std::size_t>(x) + 128] =
          static_cast<std::int16_t>(std::nearbyint(input * levels_ / 127.0));
    }
}

void Dac::convert(const std::int8_t* inputs, std::size_t count, std::int16_t* steps,
                  unsigned halvings) const {
  const auto& table = table_[std::min(halvings, kHalvings - 1)];
  for (std::size_t i = 0; i < count; ++i)
    steps[i] = table[static_cast<std::size_t>(inputs[i] + 128)];
}

void Dac::convert_scaled(const std::int8_t* inputs, std::size_t count, int peak, unsigned halvings,
                         std::int16_t* steps) const {
  for (std::size_t i = 0; i < count; ++i) {
    const double x = std::ldexp(inputs[i], -static_cast<int>(halvings)) * levels_ / peak;
    steps[i] = static_cast<std::int16_t>(
        std::nearbyint(std::clamp(x, -static_cast<double>(levels_), static_cast<double>(levels_))));
  }
}

int Dac::deviation(int step) const {
  const double u = static_cast<double>(step) / levels_;
  return static_cast<int>(std::nearbyint(127.0 * 2.598076211353316 * u * (1.0 - u * u)));
}

AdcBank::AdcBank(const AdcConfig& config, unsigned columns, const RandomStream& random)
    : config_(config),
      ideal_(config.kind == "ideal"),
      compression_(config.soft_saturation * (1.0 - config.feed_forward)),
      gains_(columns),
      residuals_(columns),
      steps_(columns),
      rates_(columns),
      offsets_(columns),
      limits_(columns) {
  random.at(kDrawAdcGain).normals(gains_);
  random.at(kDrawAdcResidual).normals(residuals_);
  random.at(kDrawAdcOffset).normals(offsets_);
  for (unsigned c = 0; c < columns; ++c) {
    // A gain near zero would be a dead converter, which calibration would have found.
    const double gain = std::max(0.1, 1.0 + config.gain_spread * static_cast<double>(gains_[c]));
    gains_[c] = static_cast<float>(gain);
    offsets_[c] *= static_cast<float>(config.offset);
    // The digital side divides by the gain, so the saturation code scales with it.
    limits_[c] = static_cast<float>(std::max(1.0, std::nearbyint(config.levels * gain)));
  }
  set_full_scale(config.full_scale);
  const bool has_thresholds = config.inl > 0.0 && !ideal_;
  if (has_thresholds) draw_thresholds(random);
}

void AdcBank::set_full_scale(double full_scale) {
  config_.full_scale = full_scale;
  const double step = full_scale / config_.levels;
  for (std::size_t c = 0; c < gains_.size(); ++c) {
    const double gain = static_cast<double>(gains_[c]);
    const double left = 1.0 + config_.residual_gain * static_cast<double>(residuals_[c]);
    steps_[c] = static_cast<float>(step / gain * left);
    rates_[c] = static_cast<float>(gain / step);
  }
}

void AdcBank::draw_thresholds(const RandomStream& random) {
  const std::size_t levels = config_.levels;
  const std::size_t count = 2 * levels;
  thresholds_.resize(gains_.size() * count);
  std::vector<float> draws(config_.kind == "flash" ? count : 16);
  for (std::size_t c = 0; c < gains_.size(); ++c) {
    random.at(kDrawAdcInl, c).normals(draws);
    float* const column = &thresholds_[c * count];
    for (std::size_t k = 0; k < count; ++k) {
      const double code = static_cast<double>(k) - static_cast<double>(levels) + 0.5;
      double error = 0.0;
      if (config_.kind == "flash") {
        error = static_cast<double>(draws[k]);
      } else if (config_.kind == "sar") {
        // Each binary weight errs in proportion to the root of its unit elements; the sum over
        // the bits of the largest code has sigma 1.
        const auto magnitude = static_cast<std::size_t>(std::abs(code) + 0.5);
        for (unsigned bit = 0; bit < 15; ++bit)
          if ((magnitude >> bit & 1u) != 0)
            error +=
                static_cast<double>(draws[bit]) *
                std::sqrt(static_cast<double>(std::size_t{1} << bit) / static_cast<double>(levels));
        if (code < 0) error = -error;
      } else {
        const double u = code / static_cast<double>(levels);
        error = static_cast<double>(draws[0]) * 2.598076211353316 * u * (1.0 - u * u);
      }
      column[k] = static_cast<float>(code + config_.inl * error);
    }
    std::sort(column, column + count);  // a converter's codes rise with its input
  }
}

double AdcBank::threshold_code(unsigned column, double raw) const {
  const std::size_t count = 2 * std::size_t{config_.levels};
  const float* const first = &thresholds_[column * count];
  const auto passed = std::upper_bound(first, first + count, static_cast<float>(raw)) - first;
  return static_cast<double>(passed) - config_.levels;
}

double AdcBank::convert(unsigned column, double value, double limit_factor, bool& clipped) const {
  if (ideal_) return value;
  if (compression_ > 0.0) value /= 1.0 + compression_ * std::abs(value) / config_.full_scale;
  const double raw =
      value * static_cast<double>(rates_[column]) + static_cast<double>(offsets_[column]);
  const double limit = static_cast<double>(limits_[column]) * limit_factor;
  clipped = clipped || std::abs(raw) > limit + 0.5;
  double code = std::nearbyint(raw);
  if (!thresholds_.empty() && std::abs(raw) < config_.levels) code = threshold_code(column, raw);
  return std::clamp(code, -limit, limit) * static_cast<double>(steps_[column]);
}

std::uint64_t AdcBank::convert(std::span<float> values, unsigned first_column) const {
  std::uint64_t clips = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    bool clipped = false;
    values[i] = static_cast<float>(convert(first_column + static_cast<unsigned>(i),
                                           static_cast<double>(values[i]), 1.0, clipped));
    clips += clipped ? 1u : 0u;
  }
  return clips;
}

}  // namespace aimc::cim
