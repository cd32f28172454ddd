// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace aimc::cim {

/// Natural logarithm and exponential from sums and products alone, so that their bits do not
/// depend on the C library or the CPU. Relative error below 1e-14.
double exact_log(double x);  ///< x > 0 and normal.
double exact_exp(double x);  ///< 0 below -700, clamped above 700.

}  // namespace aimc::cim
