// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iterator>

namespace aimc::cim {

/// Value at `x` of a polynomial, lowest power first.
template <class Coefficients>
constexpr double polynomial(const Coefficients& coefficients, double x) {
  double value = 0.0;
  for (auto c = std::rbegin(coefficients); c != std::rend(coefficients); ++c)
    value = value * x + *c;
  return value;
}

}  // namespace aimc::cim
