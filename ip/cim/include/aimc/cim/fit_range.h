// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/cim/device_model.h"

namespace aimc::cim {

/// Refuses target conductances that a fit does not cover.
/// @throws UserError that names the fit, the conductance (or NaN) and the range.
void require_in_fit(const Plane& target, double g_min, double g_max, const char* fit);

}  // namespace aimc::cim
