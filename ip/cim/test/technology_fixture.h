// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/digital/precision.h"
#include "aimc/common/error.h"
#include "array_fixture.h"

namespace aimc::cim {

/// An array of a kind with one programmed block, and what its products should be.
struct Programmed8 {
  Programmed8(const TileConfig& config, Block block_, const std::vector<std::int8_t>& weights_,
              unsigned full_scale = 127, const char* instance = "tile")
      : array(make_array(config, RandomStream(1, instance))), block(block_), weights(weights_) {
    report = array->program(block, weights.data(), block.columns, full_scale, 0);
  }

  std::vector<std::int32_t> multiply(const std::vector<std::int8_t>& inputs,
                                     std::uint64_t first_operation = 0) {
    const std::size_t count = inputs.size() / block.rows;
    std::vector<std::int32_t> sums(count * block.columns, -1);
    products =
        array->multiply(block, inputs.data(), block.rows, count, first_operation, sums.data());
    return sums;
  }
  std::vector<std::int32_t> expected(const std::vector<std::int8_t>& inputs) const {
    return reference_product(block, weights, inputs, inputs.size() / block.rows);
  }

  std::unique_ptr<Array> array;
  Block block;
  std::vector<std::int8_t> weights;
  ProgramReport report;
  MultiplyReport products;
};

/// Random operands of `bits`: every value of the range, or -1 and +1 with one bit.
inline std::vector<std::int8_t> random_operands(std::uint32_t purpose, std::size_t count,
                                                unsigned bits) {
  if (bits > 1) return random_bytes(purpose, count, lowest_operand(bits), highest_operand(bits));
  std::vector<std::int8_t> signs = random_bytes(purpose, count, 0, 1);
  for (std::int8_t& sign : signs) sign = sign == 0 ? std::int8_t{-1} : std::int8_t{1};
  return signs;
}

inline std::size_t mismatches(const std::vector<std::int32_t>& a,
                              const std::vector<std::int32_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) count += a[i] != b[i];
  return count;
}

}  // namespace aimc::cim
