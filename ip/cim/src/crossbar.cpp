// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/crossbar.h"

#include <algorithm>
#include <cmath>

namespace aimc::cim {
Crossbar::Crossbar(const TileConfig& config, std::unique_ptr<const DeviceModel> device,
                   const CrossbarOptions& options, const RandomStream& random)
    : Array(config.rows, config.columns, true),
      device_(std::move(device)),
      options_(options),
      random_(random),
      dac_(config.dac),
      adcs_(config.adc, config.columns, random),
      nets_(config.rows, config.columns),
      variances_(config.rows, config.columns) {
  if (options_.age_s > 0.0 && options_.drift_compensation)
    fresh_.assign(std::size_t{config.rows} * config.columns, 0.0f);
}

ProgramReport Crossbar::write(const Block& block, const std::int8_t* weights, std::size_t stride,
                              unsigned full_scale, std::uint64_t operation) {
  Plane relative(block.rows, block.columns);  // weight / full scale
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      relative(r, c) = static_cast<float>(weights[r * stride + c]) / static_cast<float>(full_scale);
  relative = relative.cwiseMin(1.0f).cwiseMax(-1.0f);

  const float g_max = device_->g_max();
  Plane fresh = Plane::Zero(block.rows, block.columns);
  Plane aged = fresh;
  Plane failed = fresh;
  for (std::uint32_t polarity = 0; polarity < 2; ++polarity) {
    const float sign = polarity == 0 ? 1.0f : -1.0f;
    const CellDraws draws{random_, block, columns(), polarity, operation};
    const Programmed cells = device_->program((relative * sign).cwiseMax(0.0f) * g_max, draws);
    fresh += cells.reached * sign;
    aged += device_->age(cells, options_.age_s, draws) * sign;
    failed = failed.cwiseMax(cells.failed);
  }
  store(block, aged / g_max, fresh / g_max);
  update_drift_factor();
  return device_->cost(failed);
}

void Crossbar::store(const Block& block, const Plane& net, const Plane& fresh) {
  const float scale = device_->variance_scale();
  const Plane variance = device_->read_variance(net);
  for (unsigned r = 0; r < block.rows; ++r) {
    for (unsigned c = 0; c < block.columns; ++c) {
      const unsigned row = block.first_row + r;
      const unsigned column = block.first_column + c;
      const float steps = std::nearbyint(net(r, c) / kNetUnit);
      nets_.set(row, column, static_cast<std::int16_t>(std::clamp(steps, -32767.0f, 32767.0f)));
      const float relative = scale > 0.0f ? variance(r, c) / scale : 0.0f;
      variances_.set(row, column,
                     static_cast<std::int16_t>(std::nearbyint(
                         std::clamp(relative * kVarianceSteps, 0.0f, kVarianceSteps))));
      if (!fresh_.empty()) fresh_[std::size_t{row} * columns() + column] = std::abs(fresh(r, c));
    }
  }
}

void Crossbar::update_drift_factor() {
  if (fresh_.empty()) return;
  double reference = 0.0;
  double now = 0.0;
  for (unsigned r = 0; r < rows(); ++r)
    for (unsigned c = 0; c < columns(); ++c) {
      if (full_scale(r, c) == 0) continue;
      reference += static_cast<double>(fresh_[std::size_t{r} * columns() + c]);
      now += std::abs(static_cast<double>(net(r, c)));
    }
  drift_factor_ = now > 0.0 ? reference / now : 1.0;
}

float Crossbar::net(unsigned row, unsigned column) const {
  return static_cast<float>(nets_.get(row, column)) * kNetUnit;
}

void Crossbar::readback(const Block& block, std::int8_t* weights, std::size_t stride) const {
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c) {
      const unsigned row = block.first_row + r;
      const unsigned column = block.first_column + c;
      const float weight = net(row, column) * static_cast<float>(full_scale(row, column));
      weights[r * stride + c] =
          static_cast<std::int8_t>(std::nearbyint(std::clamp(weight, -127.0f, 127.0f)));
    }
}

}  // namespace aimc::cim
