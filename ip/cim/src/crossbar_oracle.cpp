// SPDX-License-Identifier: Apache-2.0
// The oracle: every weight in double precision with a noise draw of its own for every product.
// Slow by design; it is what the fast product is tested against.
#include <algorithm>
#include <cmath>

#include "aimc/cim/draw.h"
#include "crossbar_state.h"

namespace aimc::cim {

MultiplyReport Crossbar::oracle_product(const Block& block, const std::int8_t* inputs,
                                        std::size_t stride, std::size_t count,
                                        std::uint64_t first_operation,
                                        std::int32_t* accumulators) const {
  // Conductances of the block as the devices give them, without fixed point.
  const std::size_t cells = block.cells();
  std::vector<double> net(cells, 0.0);
  std::vector<double> variance(cells, 0.0);
  for (const WeightLoad& load : loads()) {
    const Block part = intersection(load.block, block);
    if (part.cells() == 0) continue;
    const Present now = present(part, load);
    for (unsigned r = 0; r < part.rows; ++r)
      for (unsigned c = 0; c < part.columns; ++c) {
        const std::size_t cell = std::size_t{part.first_row - block.first_row + r} * block.columns +
                                 (part.first_column - block.first_column + c);
        for (std::size_t s = 0; s < slices_.size(); ++s) {
          const double weight = slices_[s].weight;
          net[cell] += weight * static_cast<double>(now.nets[s](r, c));
          variance[cell] += weight * weight * static_cast<double>(now.variances[s](r, c));
        }
      }
  }
  std::vector<double> sigma(cells);
  std::transform(variance.begin(), variance.end(), sigma.begin(),
                 [](double v) { return std::sqrt(v); });
  MultiplyReport report;
  std::vector<std::int16_t> steps(block.rows);
  std::vector<float> draws(block.columns);
  std::vector<double> sums(block.columns);
  for (std::size_t n = 0; n < count; ++n) {
    dac_.convert(inputs + n * stride, block.rows, steps.data());
    const RandomStream noise = random_.at(kDrawCellNoise, first_operation + n);
    std::fill(sums.begin(), sums.end(), 0.0);
    for (unsigned r = 0; r < block.rows; ++r) {
      const double x = static_cast<double>(steps[r]) / dac_.levels();
      noise.normals(draws, (block.first_row + r) * columns() + block.first_column);
      for (unsigned c = 0; c < block.columns; ++c) {
        const std::size_t cell = std::size_t{r} * block.columns + c;
        sums[c] += x * (net[cell] + sigma[cell] * static_cast<double>(draws[c]));
      }
    }
    const RandomStream output = random_.at(kDrawEventNoise, first_operation + n);
    output.normals(draws, block.first_column);
    for (unsigned c = 0; c < block.columns; ++c) {
      const unsigned column = block.first_column + c;
      const double rate = static_cast<double>(adcs_.rate(column));
      const double adc = adcs_.ideal() ? 0.0 : adcs_.noise() / rate;
      const double out_sigma = std::hypot(config_.crossbar.output_noise, adc);
      bool clipped = false;
      const double value =
          adcs_.convert(column, sums[c] + out_sigma * static_cast<double>(draws[c]), 1.0, clipped);
      report.clipped += clipped ? 1u : 0u;
      const double scale = static_cast<double>(decode_) * drift_factors_[column] * 127.0 *
                           full_scale(block.first_row, column);
      accumulators[n * block.columns + c] = static_cast<std::int32_t>(std::nearbyint(std::clamp(
          value * scale, -static_cast<double>(kLargest), static_cast<double>(kLargest))));
    }
  }
  return report;
}

}  // namespace aimc::cim
