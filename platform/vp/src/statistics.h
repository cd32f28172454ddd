// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "aimc/soc/soc.h"
#include "options.h"
#include "scoring.h"

namespace aimc::vp {

/// What the host spent on the simulation, start-up and reading of files left out. Kept apart from
/// everything else in the statistics, because it alone differs from one run to the next.
struct HostCost {
  double wall_s = 0.0;
  double simulation_cpu_s = 0.0;
  std::uint64_t peak_rss_bytes = 0;
};

/// The document behind `--stats`; docs/statistics.md names every member.
nlohmann::ordered_json make_statistics(const Options& options,
                                       const platform::Description& platform,
                                       const Registry& registry, const soc::Soc& soc,
                                       const soc::Outcome& outcome, const Scoreboard& scores,
                                       const HostCost& cost);

/// The table printed after a run that delivered results.
std::string summary(const nlohmann::ordered_json& statistics);

}  // namespace aimc::vp
