// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "aimc/cim/array.h"
#include "aimc/cim/integer_plane.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

/// Output of a WTM2101 column: sat8((sum + 128 * bias8) / G), halves to even. `sum` is that of
/// unsigned bytes times int8 weights, `bias8` what the eight bias rows hold together.
int wtm_output(double sum, int bias8, unsigned divider_log2);

/// Largest bias of a column: eight rows of int8.
inline constexpr int kWtmLargestBias = 8 * 127;

/// NOR array with the arithmetic of the WTM2101, after its public tool chain
/// (github.com/witmem/CIM-Toolchain-WTM2101 and github.com/witmem/witin-nn): uint8 inputs, int8
/// weights, biases in steps of 128 on eight rows of their own, a power-of-two divider G and an
/// int8 output, with normal noise on the sum. Answers are output * G, in accumulator units, so
/// they lie in -128 G .. 127 G.
///
/// Signed inputs: `pn` drives positive parts onto the weights and negative parts onto a mirrored
/// set of rows with the opposite weights, in one read; the array then takes two rows a weight.
/// `shift` adds 128 to every input and takes 128 * sum(w) off by the bias rows, as far as these
/// reach; columns that need more err by the rest and count as failed cells (of the first row).
class WtmArray : public Array {
 public:
  WtmArray(const TileConfig& config, const RandomStream& random);
  void readback(const Block& block, std::int8_t* weights, std::size_t stride) const override;

  /// Sigma of the noise on a sum.
  double noise_sigma() const;

 protected:
  ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride,
                      unsigned full_scale, std::uint64_t operation) override;
  MultiplyReport product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                         std::size_t count, std::uint64_t first_operation,
                         std::int32_t* accumulators) const override;

 private:
  /// What the bias rows add for the columns of a block, in inputs of the `shift` coding.
  std::vector<int> biases(const Block& block) const;

  NorConfig config_;
  RandomStream random_;
  bool shift_;
  IntegerPlane weights_;
};

}  // namespace aimc::cim
