// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "options.h"

namespace aimc::vp {

/// Prints the shipped platforms with their briefs. @returns the exit code.
int list_platforms();

/// Prints one platform in the wanted format. @returns the exit code.
int describe(const Options& options);

}  // namespace aimc::vp
