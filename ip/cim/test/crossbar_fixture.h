// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "aimc/cim/array_kinds.h"
#include "array_fixture.h"

namespace aimc::cim {

/// An array without noise, so that only the order of operations shows.
inline TileConfig quiet(unsigned rows, unsigned columns) {
  TileConfig config = array_config("pcm", rows, columns);
  config.adc.kind = "ideal";
  config.adc.gain_spread = 0.0;
  config.pcm.programming_noise = 0.0;
  config.pcm.read_noise = 0.0;
  return config;
}

/// One weight matrix, programmed at `full_scale`, and the products with `inputs`.
struct Outcome {
  std::vector<std::int32_t> sums;
  MultiplyReport report;
  ProgramReport programmed;
};

inline Outcome run(const TileConfig& config, const std::vector<std::int8_t>& weights,
                   const std::vector<std::int8_t>& inputs, unsigned full_scale = 127,
                   bool repeat = false, std::size_t repeats = 1) {
  const Block all{0, config.rows, 0, config.columns};
  const std::size_t count = repeat ? repeats : inputs.size() / config.rows;
  const auto array = make_array(config, RandomStream(1, "tile"));
  Outcome result;
  result.programmed = array->program(all, weights.data(), config.columns, full_scale, 0);
  result.sums.resize(count * config.columns);
  result.report =
      array->multiply(all, inputs.data(), repeat ? 0 : config.rows, count, 0, result.sums.data());
  return result;
}

}  // namespace aimc::cim
