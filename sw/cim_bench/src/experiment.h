// SPDX-License-Identifier: Apache-2.0
/// One programmed array with its test data: what the studies share.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "aimc/cim/array.h"
#include "study.h"

namespace aimc::cim_bench {

/// Weights and inputs of the products that [H23] measures: uniform in -127..127, 30 % zeros.
std::vector<std::int8_t> uniform_with_zeros(std::uint64_t seed, std::uint32_t purpose,
                                            std::size_t count);

/// An array of the subject's kind with weights in all cells.
class Experiment {
 public:
  /// @param weights  [rows][columns]; empty: `uniform_with_zeros`.
  explicit Experiment(const Subject& subject, std::vector<std::int8_t> weights = {});

  /// Accumulators of `count` input vectors, [count][columns]. Each call draws fresh noise.
  std::vector<std::int32_t> products(const std::vector<std::int8_t>& inputs, std::size_t count);
  /// What exact integer arithmetic gives for the same.
  std::vector<std::int64_t> exact(const std::vector<std::int8_t>& inputs, std::size_t count) const;

  const cim::Array& array() const { return *array_; }
  const cim::ProgramReport& programming() const { return programming_; }
  std::uint64_t clipped() const { return clipped_; }
  unsigned rows() const { return array_->rows(); }
  unsigned columns() const { return array_->columns(); }
  cim::Block whole() const { return {0, rows(), 0, columns()}; }
  const std::vector<std::int8_t>& weights() const { return weights_; }

 private:
  std::unique_ptr<cim::Array> array_;
  std::vector<std::int8_t> weights_;
  cim::ProgramReport programming_;
  std::uint64_t operation_ = 0;
  std::uint64_t clipped_ = 0;
};

/// ||found - exact||_2 / ||exact||_2.
double relative_error(const std::vector<std::int32_t>& found,
                      const std::vector<std::int64_t>& exact);

}  // namespace aimc::cim_bench
