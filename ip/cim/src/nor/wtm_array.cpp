// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/nor/wtm_array.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "aimc/cim/draw.h"
#include "aimc/cim/nor/sonos_device.h"

namespace aimc::cim {
namespace {

constexpr int kShift = 128;  // of an input that is coded as an unsigned byte

}  // namespace

int wtm_output(double sum, int bias8, unsigned divider_log2) {
  const double scaled = std::ldexp(sum + 128.0 * bias8, -static_cast<int>(divider_log2));
  return static_cast<int>(std::clamp(std::nearbyint(scaled), -128.0, 127.0));
}

WtmArray::WtmArray(const TileConfig& config, const RandomStream& random)
    : Array(config.rows, config.columns, false),
      config_(config.nor),
      random_(random),
      shift_(config.nor.wtm.signed_inputs == "shift"),
      weights_(config.rows, config.columns) {}

double WtmArray::noise_sigma() const {
  const NorWtmConfig& wtm = config_.wtm;
  return wtm.noise_level * wtm.noise_per_level / std::sqrt(wtm.repeats);
}

ProgramReport WtmArray::write(const Block& block, const std::int8_t* weights, std::size_t stride,
                              unsigned, std::uint64_t) {
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      weights_.set(block.first_row + r, block.first_column + c, weights[r * stride + c]);
  std::uint64_t failed = 0;
  if (shift_)
    for (unsigned c = 0; c < block.columns; ++c) {
      int sum = 0;
      for (unsigned r = 0; r < block.rows; ++r) sum += weights[r * stride + c];
      if (std::abs(sum) <= kWtmLargestBias) continue;
      mark_failed(block.first_row, block.first_column + c);
      ++failed;
    }
  ProgramReport report = nor_program_cost(config_, block.rows, block.columns);
  report.failed = failed;
  return report;
}

std::vector<int> WtmArray::biases(const Block& block) const {
  std::vector<int> values(block.columns, 0);
  if (!shift_) return values;
  for (unsigned c = 0; c < block.columns; ++c) {
    int sum = 0;
    for (unsigned r = 0; r < block.rows; ++r)
      sum += weights_.get(block.first_row + r, block.first_column + c);
    values[c] = std::clamp(-sum * kShift / 128, -kWtmLargestBias, kWtmLargestBias);
  }
  return values;
}

MultiplyReport WtmArray::product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                                 std::size_t count, std::uint64_t first_operation,
                                 std::int32_t* accumulators) const {
  constexpr std::size_t kChunk = 64;  // vectors whose inputs and sums stay in the cache
  MultiplyReport report;
  InputBatch batch;
  const NorWtmConfig& wtm = config_.wtm;
  const double divider = std::ldexp(1.0, static_cast<int>(wtm.divider_log2));
  const double sigma = noise_sigma();
  const std::vector<int> bias = biases(block);
  const std::size_t result_stride = IntegerPlane::result_stride(block);
  std::vector<std::int32_t> sums(std::min(kChunk, count) * result_stride);
  std::vector<float> noise(block.columns, 0.0f);
  for (std::size_t done = 0; done < count; done += kChunk) {
    const std::size_t now = std::min(kChunk, count - done);
    batch.shape(block, now);
    for (std::size_t n = 0; n < now; ++n) {
      const std::int8_t* const x = inputs + (done + n) * stride;
      std::int16_t* const to = batch.vector(n, block);
      // With pn, x w = max(x, 0) w + max(-x, 0) (-w): the same integer.
      for (unsigned r = 0; r < block.rows; ++r)
        to[r] = static_cast<std::int16_t>(shift_ ? x[r] + kShift : x[r]);
    }
    weights_.multiply(block, batch, 0, rows() + 1, sums.data());
    for (std::size_t n = 0; n < now; ++n) {
      if (sigma > 0.0)
        random_.at(kDrawReadNoise, first_operation + done + n).normals(noise, block.first_column);
      const std::int32_t* const sum = &sums[n * result_stride + IntegerPlane::result_offset(block)];
      std::int32_t* const out = accumulators + (done + n) * block.columns;
      for (unsigned c = 0; c < block.columns; ++c) {
        const double noisy = sum[c] + sigma * static_cast<double>(noise[c]);
        const int code = wtm_output(noisy, bias[c], wtm.divider_log2);
        report.clipped += std::abs((noisy + 128.0 * bias[c]) / divider - code) > 0.5;
        out[c] = code * static_cast<std::int32_t>(divider);
      }
    }
  }
  return report;
}

void WtmArray::readback(const Block& block, std::int8_t* weights, std::size_t stride) const {
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      weights[r * stride + c] =
          static_cast<std::int8_t>(weights_.get(block.first_row + r, block.first_column + c));
}

}  // namespace aimc::cim
