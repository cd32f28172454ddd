// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/digital/digital_array.h"

#include <algorithm>
#include <vector>

#include "aimc/cim/digital/precision.h"

namespace aimc::cim {

DigitalArray::DigitalArray(unsigned rows, unsigned columns, unsigned weight_bits,
                           unsigned input_bits)
    : Array(rows, columns, false),
      weight_bits_(weight_bits),
      input_bits_(input_bits),
      weights_(rows, columns) {}

std::uint64_t DigitalArray::store(const Block& block, const std::int8_t* weights,
                                  std::size_t stride) {
  std::uint64_t saturated = 0;
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c) {
      const int weight = weights[r * stride + c];
      const int held = to_operand(weight, weight_bits_);
      if (held != weight) {
        mark_failed(block.first_row + r, block.first_column + c);
        ++saturated;
      }
      weights_.set(block.first_row + r, block.first_column + c, static_cast<std::int16_t>(held));
    }
  return saturated;
}

MultiplyReport DigitalArray::product(const Block& block, const std::int8_t* inputs,
                                     std::size_t stride, std::size_t count, std::uint64_t,
                                     std::int32_t* accumulators) const {
  constexpr std::size_t kChunk = 64;  // vectors whose inputs and sums stay in the cache
  MultiplyReport report;
  InputBatch batch;
  const std::size_t result_stride = IntegerPlane::result_stride(block);
  std::vector<std::int32_t> sums(std::min(kChunk, count) * result_stride);
  for (std::size_t done = 0; done < count; done += kChunk) {
    const std::size_t now = std::min(kChunk, count - done);
    batch.shape(block, now);
    for (std::size_t n = 0; n < now; ++n) {
      const std::int8_t* const x = inputs + (done + n) * stride;
      std::int16_t* const to = batch.vector(n, block);
      if (input_bits_ == 8) {
        std::copy(x, x + block.rows, to);
        continue;
      }
      for (unsigned r = 0; r < block.rows; ++r) {
        const int driven = to_operand(x[r], input_bits_);
        report.clipped += driven != x[r];
        to[r] = static_cast<std::int16_t>(driven);
      }
    }
    weights_.multiply(block, batch, 0, rows() + 1, sums.data());
    for (std::size_t n = 0; n < now; ++n)
      std::copy_n(&sums[n * result_stride + IntegerPlane::result_offset(block)], block.columns,
                  accumulators + (done + n) * block.columns);
  }
  return report;
}

void DigitalArray::readback(const Block& block, std::int8_t* weights, std::size_t stride) const {
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      weights[r * stride + c] =
          static_cast<std::int8_t>(weights_.get(block.first_row + r, block.first_column + c));
}

}  // namespace aimc::cim
