// SPDX-License-Identifier: Apache-2.0
// The hot half of the crossbar. Compiled for this machine's vector units, so it keeps away from
// the Eigen types that the other half shares with its callers.
#include <algorithm>
#include <cmath>

#include "aimc/cim/crossbar.h"

namespace aimc::cim {
namespace {

// Rows whose sums fit 32 bits: 32767 * 127 * 512 and 255 * 127^2 * 512 are below 2^31.
constexpr unsigned kSumRows = 512;
constexpr std::size_t kChunk = 64;  // vectors whose inputs and sums stay in the cache
constexpr float kLargest = 2147483520.0f;

}  // namespace

/// Buffers of one call of `product`.
struct Crossbar::Scratch {
  InputBatch steps;
  InputBatch squares;
  std::vector<std::int32_t> sums;
  std::vector<float> products;   // [vectors][result_stride]
  std::vector<float> variances;  // the same
  std::vector<float> noise;      // [columns]
};

void Crossbar::load_inputs(const Block& block, const std::int8_t* inputs, std::size_t stride,
                           Scratch& scratch) const {
  for (std::size_t n = 0; n < scratch.steps.count; ++n) {
    std::int16_t* const steps = scratch.steps.vector(n, block);
    dac_.convert(inputs + n * stride, block.rows, steps);
    std::int16_t* const squares = scratch.squares.vector(n, block);
    for (unsigned r = 0; r < block.rows; ++r)
      squares[r] = static_cast<std::int16_t>(steps[r] * steps[r]);
  }
}

void Crossbar::sum_products(const Block& block, Scratch& scratch) const {
  const float levels = static_cast<float>(dac_.levels());
  const float product_unit = kNetUnit / levels;
  const float variance_unit = device_->variance_scale() / (kVarianceSteps * levels * levels);
  const std::size_t used = scratch.steps.count * IntegerPlane::result_stride(block);
  std::fill_n(scratch.products.begin(), used, 0.0f);
  std::fill_n(scratch.variances.begin(), used, 0.0f);
  // Ranges start at fixed rows of the array, so sums do not depend on how a block is cut.
  const unsigned last = block.first_row + block.rows;
  for (unsigned begin = block.first_row / kSumRows * kSumRows; begin < last; begin += kSumRows) {
    nets_.multiply(block, scratch.steps, begin, begin + kSumRows, scratch.sums.data());
    for (std::size_t i = 0; i < used; ++i)
      scratch.products[i] += static_cast<float>(scratch.sums[i]) * product_unit;
    if (variance_unit == 0.0f) continue;
    variances_.multiply(block, scratch.squares, begin, begin + kSumRows, scratch.sums.data());
    for (std::size_t i = 0; i < used; ++i)
      scratch.variances[i] += static_cast<float>(scratch.sums[i]) * variance_unit;
  }
}

MultiplyReport Crossbar::product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                                 std::size_t count, std::uint64_t first_operation,
                                 std::int32_t* accumulators) const {
  const std::size_t result_stride = IntegerPlane::result_stride(block);
  const std::size_t room = std::min(kChunk, count) * result_stride;
  Scratch scratch;
  scratch.sums.resize(room);
  scratch.products.resize(room);
  scratch.variances.resize(room);
  scratch.noise.resize(block.columns);
  std::vector<float> scales(block.columns);
  for (unsigned c = 0; c < block.columns; ++c)
    scales[c] = static_cast<float>(127.0 * drift_factor_ *
                                   full_scale(block.first_row, block.first_column + c));
  const bool noisy = device_->variance_scale() > 0.0f;

  MultiplyReport report;
  for (std::size_t done = 0; done < count; done += kChunk) {
    const std::size_t now = std::min(kChunk, count - done);
    scratch.steps.shape(block, now);
    scratch.squares.shape(block, now);
    load_inputs(block, inputs + done * stride, stride, scratch);
    sum_products(block, scratch);
    for (std::size_t n = 0; n < now; ++n) {
      const std::size_t at = n * result_stride + IntegerPlane::result_offset(block);
      float* const values = &scratch.products[at];
      if (noisy) {
        random_.at(kDrawReadNoise, first_operation + done + n)
            .normals(scratch.noise, block.first_column);
        const float* const variances = &scratch.variances[at];
        for (unsigned c = 0; c < block.columns; ++c)
          values[c] += std::sqrt(variances[c]) * scratch.noise[c];
      }
      report.clipped += adcs_.convert({values, block.columns}, block.first_column);
      std::int32_t* const out = accumulators + (done + n) * block.columns;
      for (unsigned c = 0; c < block.columns; ++c)
        out[c] = static_cast<std::int32_t>(
            std::nearbyint(std::clamp(values[c] * scales[c], -kLargest, kLargest)));
    }
  }
  return report;
}

}  // namespace aimc::cim
