// SPDX-License-Identifier: Apache-2.0
// Reading a crossbar's cells back, and calibrating its periphery through products.
#include <algorithm>
#include <cmath>

#include "aimc/cim/crossbar.h"
#include "aimc/cim/draw.h"

namespace aimc::cim {

void Crossbar::readback(const Block& block, std::int8_t* weights, std::size_t stride) const {
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c) {
      const unsigned row = block.first_row + r;
      const unsigned column = block.first_column + c;
      const float weight = net(row, column) * decode_ * static_cast<float>(full_scale(row, column));
      weights[r * stride + c] =
          static_cast<std::int8_t>(std::nearbyint(std::clamp(weight, -127.0f, 127.0f)));
    }
}

ProgramReport Crossbar::refresh(const Block& block, std::uint64_t operation) {
  ProgramReport report;
  const std::vector<WeightLoad> before = loads();  // `program` changes the list
  std::vector<std::int8_t> weights;
  for (const WeightLoad& load : before) {
    const Block part = intersection(load.block, block);
    if (part.cells() == 0) continue;
    weights.resize(part.cells());
    for (unsigned r = 0; r < part.rows; ++r)
      for (unsigned c = 0; c < part.columns; ++c) {
        const unsigned column = part.first_column + c;
        // What the digital side takes the cell for: drift is undone before it is written again.
        const float weight = net(part.first_row + r, column) * decode_ *
                             static_cast<float>(drift_factors_[column]) *
                             static_cast<float>(load.full_scale);
        weights[std::size_t{r} * part.columns + c] =
            static_cast<std::int8_t>(std::nearbyint(std::clamp(weight, -127.0f, 127.0f)));
      }
    report += program(part, weights.data(), part.columns, load.full_scale, operation);
  }
  return report;
}

void Crossbar::read_cells(const Block& block, std::uint64_t operation, float* weights) const {
  const RandomStream noise = random_.at(kDrawVerifyNoise, operation);
  const float sigma_unit = device_->variance_scale() / kVarianceSteps;
  std::vector<float> normals(block.columns);
  for (unsigned r = 0; r < block.rows; ++r) {
    const unsigned row = block.first_row + r;
    noise.normals(normals, row * columns() + block.first_column);
    for (unsigned c = 0; c < block.columns; ++c) {
      const unsigned column = block.first_column + c;
      float variance = 0.0f;
      for (const Slice& slice : slices_)
        variance += static_cast<float>(slice.weight * slice.weight) *
                    static_cast<float>(slice.variances.get(row, column));
      const float read = net(row, column) + std::sqrt(variance * sigma_unit) * normals[c];
      weights[std::size_t{r} * block.columns + c] =
          read * decode_ * static_cast<float>(full_scale(row, column));
    }
  }
}

CalibrationReport Crossbar::recalibrate(std::span<const std::int8_t> inputs, std::size_t stride,
                                        std::size_t count, std::uint64_t operation) {
  CalibrationReport report;
  if (options_.drift_compensation != DriftCompensation::none && !loads().empty()) {
    // One row driven at a time, through noise and converters, against the sums that a read
    // right after programming gives.
    std::vector<double> fresh(columns(), 0.0);
    std::vector<double> now(columns(), 0.0);
    const std::int8_t full = 127;
    std::vector<std::int32_t> sums(columns());
    for (const WeightLoad& load : loads()) {
      const Block& b = load.block;
      const double unit = 127.0 * load.full_scale * static_cast<double>(decode_);
      for (unsigned row = b.first_row; row < b.first_row + b.rows; ++row) {
        const Block line{row, 1, b.first_column, b.columns};
        product(line, &full, 1, 1, operation + report.products++, sums.data());
        for (unsigned c = 0; c < b.columns; ++c) {
          const unsigned column = b.first_column + c;
          fresh[column] += std::abs(static_cast<double>(fresh_net(row, column)));
          now[column] += std::abs(sums[c] / (unit * drift_factors_[column]));
        }
      }
    }
    set_drift_factors(fresh, now);
  }
  if (!inputs.empty() && count > 0) {
    std::vector<float> peaks = column_peaks(inputs, stride, count);
    report.products += count;
    std::sort(peaks.begin(), peaks.end());
    // All but one in a thousand outputs fit; a step of headroom for noise.
    const std::size_t kept = peaks.size() - 1 - peaks.size() / 1000;
    const double range = std::max(static_cast<double>(peaks[kept]), 1e-3);
    adcs_.set_full_scale(range * (1.0 + 1.0 / config_.adc.levels));
  }
  update_terms();
  report.drift_factor = drift_factor();
  report.adc_full_scale = adcs_.ideal() ? 0.0 : adcs_.full_scale();
  return report;
}

/// |values| before conversion of all columns for each input vector [cells].
std::vector<float> Crossbar::column_peaks(std::span<const std::int8_t> inputs, std::size_t stride,
                                          std::size_t count) const {
  std::vector<float> peaks;
  peaks.reserve(count * columns());
  std::vector<std::int16_t> steps(rows());
  std::vector<double> sums(columns());
  for (std::size_t n = 0; n < count; ++n) {
    dac_.convert(inputs.data() + n * stride, rows(), steps.data());
    std::fill(sums.begin(), sums.end(), 0.0);
    for (unsigned r = 0; r < rows(); ++r)
      for (unsigned c = 0; c < columns(); ++c)
        sums[c] += static_cast<double>(slices_.back().nets.get(r, c)) * steps[r];
    for (const double sum : sums)
      peaks.push_back(
          static_cast<float>(std::abs(sum) * static_cast<double>(kNetUnit) / dac_.levels()));
  }
  return peaks;
}

}  // namespace aimc::cim
