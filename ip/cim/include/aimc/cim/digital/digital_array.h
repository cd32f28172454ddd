// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/cim/array.h"
#include "aimc/cim/integer_plane.h"

namespace aimc::cim {

/// Digital compute-in-memory: adders or counters beside the cells, so every sum is exact whatever
/// their order. Weights and inputs have 1 to 8 bits (see `to_operand`); values beyond their range
/// saturate, an input is then counted as clipped and a weight as a failed cell. No conductances,
/// so the full scale has no effect.
class DigitalArray : public Array {
 public:
  DigitalArray(unsigned rows, unsigned columns, unsigned weight_bits, unsigned input_bits);
  void readback(const Block& block, std::int8_t* weights, std::size_t stride) const override;

 protected:
  /// Stores the weights. @returns those that had to saturate.
  std::uint64_t store(const Block& block, const std::int8_t* weights, std::size_t stride);
  MultiplyReport product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                         std::size_t count, std::uint64_t first_operation,
                         std::int32_t* accumulators) const override;

  unsigned weight_bits() const { return weight_bits_; }
  unsigned input_bits() const { return input_bits_; }

 private:
  unsigned weight_bits_;
  unsigned input_bits_;
  IntegerPlane weights_;
};

}  // namespace aimc::cim
