// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/noc/flit/measure.h"

namespace aimc::noc {

/// The same traffic as `flit::measure` at the level `fast`, so that the two can be compared: the
/// same sources with the same random draws, warm-up periods that do not count, and packets whose
/// latency counts from their creation. Not stable is a run whose mean latency passes the limit.
/// @throws UserError for a torus and for routers that the fast level has no parameters for.
flit::Measured measure_fast(const flit::Config& config, const flit::Pattern& pattern,
                            const flit::Load& load);

}  // namespace aimc::noc
