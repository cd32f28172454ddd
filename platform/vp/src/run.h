// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "options.h"

namespace aimc::vp {

/// Boots firmware on a platform, listens, and reports.
/// @returns the firmware's exit code; 124 after `--until`, 125 if nothing could happen any more,
/// 130 if the user stopped it, and 1 in place of 0 if the trace could not be written.
/// @throws UserError for anything wrong with the options or files.
int run(const Options& options);

}  // namespace aimc::vp
