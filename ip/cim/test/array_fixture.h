// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aimc/cim/array.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

inline TileConfig array_config(const std::string& kind, unsigned rows, unsigned columns) {
  TileConfig config;
  config.kind = kind;
  config.rows = rows;
  config.columns = columns;
  return config;
}

/// Bytes uniform in low..high; the same for the same `purpose`.
inline std::vector<std::int8_t> random_bytes(std::uint32_t purpose, std::size_t count,
                                             int low = -128, int high = 127) {
  const RandomStream stream = RandomStream(99, "test.data").at(purpose);
  std::vector<std::int8_t> bytes(count);
  for (std::size_t i = 0; i < count; ++i) {
    const float u = stream.uniform(static_cast<std::uint32_t>(i));
    bytes[i] =
        static_cast<std::int8_t>(low + static_cast<int>(u * static_cast<float>(high - low + 1)));
  }
  return bytes;
}

/// sum(w * x) in 64 bits: weights [rows][columns], inputs [count][rows].
inline std::vector<std::int32_t> reference_product(const Block& block,
                                                   const std::vector<std::int8_t>& weights,
                                                   const std::vector<std::int8_t>& inputs,
                                                   std::size_t count) {
  std::vector<std::int32_t> sums(count * block.columns);
  for (std::size_t n = 0; n < count; ++n)
    for (unsigned c = 0; c < block.columns; ++c) {
      std::int64_t sum = 0;
      for (unsigned r = 0; r < block.rows; ++r)
        sum += weights[r * block.columns + c] * inputs[n * block.rows + r];
      sums[n * block.columns + c] = static_cast<std::int32_t>(sum);
    }
  return sums;
}

}  // namespace aimc::cim
