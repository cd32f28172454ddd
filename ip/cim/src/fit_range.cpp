// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/fit_range.h"

#include "aimc/common/error.h"

namespace aimc::cim {

void require_in_fit(const Plane& target, double g_min, double g_max, const char* fit) {
  constexpr double kRounding = 1e-5;  // relative, of the single precision of planes
  const double room = kRounding * g_max;
  for (Eigen::Index i = 0; i < target.size(); ++i) {
    const double g = static_cast<double>(target.data()[i]);
    if (g >= g_min - room && g <= g_max + room) continue;  // false for NaN
    user_error("{}: a conductance of {} uS is outside the fit, which covers {} .. {} uS", fit, g,
               g_min, g_max);
  }
}

}  // namespace aimc::cim
