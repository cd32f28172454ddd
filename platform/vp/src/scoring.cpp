// SPDX-License-Identifier: Apache-2.0
#include "scoring.h"

#include <algorithm>

namespace aimc::vp {

std::uint64_t Scoreboard::correct() const {
  return static_cast<std::uint64_t>(
      std::count_if(results_.begin(), results_.end(), [this](const Result& result) {
        return result.frame < labels_.size() && labels_[result.frame] == result.predicted;
      }));
}

double Scoreboard::accuracy() const {
  return results_.empty() ? 0.0
                          : static_cast<double>(correct()) / static_cast<double>(results_.size());
}

Scoreboard::Latency Scoreboard::latency() const {
  Latency latency;
  if (results_.empty()) return latency;
  latency.min_s = 1e9;
  for (const Result& result : results_) {
    const double seconds = 1e-12 * static_cast<double>(result.committed_ps - result.presented_ps);
    latency.mean_s += seconds / static_cast<double>(results_.size());
    latency.min_s = std::min(latency.min_s, seconds);
    latency.max_s = std::max(latency.max_s, seconds);
  }
  return latency;
}

double Scoreboard::throughput_hz() const {
  if (results_.size() < 2) return 0.0;
  const std::uint64_t span = results_.back().committed_ps - results_.front().committed_ps;
  return span == 0 ? 0.0
                   : static_cast<double>(results_.size() - 1) / (1e-12 * static_cast<double>(span));
}

double Scoreboard::energy_per_result_j() const {
  if (results_.size() < 2) return 0.0;
  return (results_.back().energy_j - results_.front().energy_j) /
         static_cast<double>(results_.size() - 1);
}

}  // namespace aimc::vp
