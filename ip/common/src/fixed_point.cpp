// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/fixed_point.h"

#include <cmath>

#include "aimc/common/error.h"

namespace aimc {

Rescale make_rescale(double factor) {
  if (!(factor > 0.0) || factor >= 1073741824.0)
    user_error("a scale of {} cannot be written as multiplier / 2^shift; it must be in (0, 2^30)",
               factor);
  int exponent = 0;
  const double mantissa = std::frexp(factor, &exponent);  // factor = mantissa * 2^exponent
  int shift = 31 - exponent;
  double multiplier = std::nearbyint(std::ldexp(mantissa, 31));
  if (multiplier >= 2147483648.0) {  // rounded up to 2^31
    multiplier /= 2.0;
    --shift;
  }
  if (shift > 62) {  // below 2^-31: lose low bits rather than the value
    multiplier = std::nearbyint(std::ldexp(multiplier, 62 - shift));
    shift = 62;
  }
  return {static_cast<std::int32_t>(multiplier), shift};
}

}  // namespace aimc
