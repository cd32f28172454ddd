// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/ideal/ideal_array.h"

#include <algorithm>

namespace aimc::cim {

void describe(ParamTable& params, IdealConfig& config) {
  params.quantity("row_write", config.row_write_s, Unit::second, 0.0, 1.0, "Time to write a row");
  params.quantity("cell_write_energy", config.cell_write_joules, Unit::joule, 0.0, 1.0,
                  "Energy to write a cell");
}

IdealArray::IdealArray(const TileConfig& config)
    : Array(config.rows, config.columns, false),
      config_(config.ideal),
      weights_(config.rows, config.columns) {}

ProgramReport IdealArray::write(const Block& block, const std::int8_t* weights, std::size_t stride,
                                unsigned, std::uint64_t) {
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      weights_.set(block.first_row + r, block.first_column + c, weights[r * stride + c]);
  ProgramReport report;
  report.cells = block.cells();
  report.pulses = block.cells();
  report.seconds = config_.row_write_s * block.rows;
  report.joules = config_.cell_write_joules * static_cast<double>(block.cells());
  return report;
}

MultiplyReport IdealArray::product(const Block& block, const std::int8_t* inputs,
                                   std::size_t stride, std::size_t count, std::uint64_t,
                                   std::int32_t* accumulators) const {
  constexpr std::size_t kChunk = 64;  // vectors whose inputs and sums stay in the cache
  InputBatch batch;
  const std::size_t result_stride = IntegerPlane::result_stride(block);
  std::vector<std::int32_t> sums(std::min(kChunk, count) * result_stride);
  for (std::size_t done = 0; done < count; done += kChunk) {
    const std::size_t now = std::min(kChunk, count - done);
    batch.shape(block, now);
    for (std::size_t n = 0; n < now; ++n) {
      const std::int8_t* const x = inputs + (done + n) * stride;
      std::copy(x, x + block.rows, batch.vector(n, block));
    }
    weights_.multiply(block, batch, 0, rows() + 1, sums.data());
    for (std::size_t n = 0; n < now; ++n)
      std::copy_n(&sums[n * result_stride + IntegerPlane::result_offset(block)], block.columns,
                  accumulators + (done + n) * block.columns);
  }
  return {};
}

void IdealArray::readback(const Block& block, std::int8_t* weights, std::size_t stride) const {
  for (unsigned r = 0; r < block.rows; ++r)
    for (unsigned c = 0; c < block.columns; ++c)
      weights[r * stride + c] =
          static_cast<std::int8_t>(weights_.get(block.first_row + r, block.first_column + c));
}

double ideal_program_seconds(const TileConfig& config, unsigned rows, unsigned) {
  return config.ideal.row_write_s * rows;
}

std::unique_ptr<Array> make_ideal_array(const TileConfig& config, const RandomStream&) {
  return std::make_unique<IdealArray>(config);
}

}  // namespace aimc::cim
