// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/converter.h"

#include <algorithm>
#include <cmath>

#include "aimc/cim/draw.h"

namespace aimc::cim {
namespace {

/// Rounds half to even for |x| < 2^22: adding 1.5 * 2^23 pushes the fraction out of the mantissa.
/// Vectorises on every machine, unlike the library's functions.
inline float round_even(float x) { return (x + 12582912.0f) - 12582912.0f; }

}  // namespace

Dac::Dac(const DacConfig& config) : levels_((1 << (config.bits - 1)) - 1) {
  for (int x = -128; x < 128; ++x) {
    const int clipped = std::max(x, -127);
    const double steps = std::nearbyint(clipped * levels_ / 127.0);
    table_[static_cast<std::size_t>(x) + 128] = static_cast<std::int16_t>(steps);
  }
}

void Dac::convert(const std::int8_t* inputs, std::size_t count, std::int16_t* steps) const {
  if (levels_ == 127) {
    for (std::size_t i = 0; i < count; ++i)
      steps[i] = std::max<std::int16_t>(inputs[i], std::int16_t{-127});
    return;
  }
  for (std::size_t i = 0; i < count; ++i)
    steps[i] = table_[static_cast<std::size_t>(inputs[i] + 128)];
}

AdcBank::AdcBank(const AdcConfig& config, unsigned columns, const RandomStream& random)
    : ideal_(config.kind == "ideal"), steps_(columns), rates_(columns), limits_(columns) {
  std::vector<float> spread(columns);
  random.at(kDrawAdcGain).normals(spread);
  const double step = config.full_scale / config.levels;
  for (unsigned c = 0; c < columns; ++c) {
    // A gain near zero would be a dead converter, which calibration would have found.
    const double gain = std::max(0.1, 1.0 + config.gain_spread * spread[c]);
    steps_[c] = static_cast<float>(step / gain);
    rates_[c] = static_cast<float>(gain / step);
    limits_[c] = static_cast<float>(std::max(1.0, std::nearbyint(config.levels * gain)));
  }
}

std::uint64_t AdcBank::convert(std::span<float> values, unsigned first_column) const {
  if (ideal_) return 0;
  const float* const rates = &rates_[first_column];
  const float* const steps = &steps_[first_column];
  const float* const limits = &limits_[first_column];
  std::uint32_t clipped = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float raw = values[i] * rates[i];
    clipped += std::abs(raw) > limits[i] + 0.5f ? 1u : 0u;
    const float code = round_even(std::clamp(raw, -limits[i], limits[i]));
    values[i] = code * steps[i];
  }
  return clipped;
}

}  // namespace aimc::cim
