// SPDX-License-Identifier: Apache-2.0
// What a weight load by program-verify costs.
#include <algorithm>
#include <cmath>
#include <vector>

#include "aimc/cim/pcm/pcm_device.h"

namespace aimc::cim {
namespace {

constexpr unsigned kPolarities = 2;

/// Devices beside the tuned one of a polarity, parked with one pulse.
unsigned parked_devices(const PcmConfig& config) {
  return config.variant == "hermes" ? config.devices - 1 : 0;
}

double cycles_of(const PcmConfig& config, std::uint64_t cells) {
  return static_cast<double>((cells + config.current_dacs - 1) / config.current_dacs);
}

}  // namespace

ProgramReport PcmDevice::cost(const Plane& failed) const {
  return pcm_program_cost(config_, array_rows_, array_columns_,
                          static_cast<unsigned>(failed.rows()),
                          static_cast<unsigned>(failed.cols()), &failed);
}

ProgramReport PcmDevice::cost_of_pulses(const Plane& failed, const Plane& positive,
                                        const Plane& negative) const {
  const unsigned diagonals = std::max(array_rows_, array_columns_);
  const unsigned parked = parked_devices(config_);
  // Cells of each diagonal by the pulses they take: those with more than i pulses get pulse i.
  const std::size_t bins = config_.max_iterations + 1;
  ProgramReport report;
  for (const Plane* pulses : {&positive, &negative}) {
    std::vector<std::uint32_t> count(std::size_t{diagonals} * bins, 0);
    for (Eigen::Index r = 0; r < pulses->rows(); ++r)
      for (Eigen::Index c = 0; c < pulses->cols(); ++c) {
        const auto diagonal = static_cast<std::size_t>((c + diagonals - r) % diagonals);
        ++count[diagonal * bins + static_cast<std::size_t>((*pulses)(r, c))];
      }
    for (unsigned d = 0; d < diagonals; ++d) {
      std::uint64_t open = 0;
      for (std::size_t i = 0; i < bins; ++i) open += count[d * bins + i];
      if (open == 0) continue;
      report.seconds +=
          (1 + parked) * (cycles_of(config_, open) * config_.pulse_s + config_.verify_s);
      report.pulses += open * parked;
      for (std::size_t i = 0; i + 1 < bins; ++i) {
        open -= count[d * bins + i];
        if (open == 0) break;
        report.seconds += cycles_of(config_, open) * config_.pulse_s + config_.verify_s;
        report.pulses += open;
      }
    }
  }
  report.cells = static_cast<std::uint64_t>(failed.size());
  report.failed = static_cast<std::uint64_t>((failed > 0.0f).count());
  report.joules =
      static_cast<double>(report.pulses) * (config_.pulse_joules + config_.verify_joules);
  return report;
}

ProgramReport pcm_program_cost(const PcmConfig& config, unsigned array_rows, unsigned array_columns,
                               unsigned block_rows, unsigned block_columns, const Plane* failed) {
  // Cells and failures of the block on each wrapped diagonal (column - row) mod size.
  const unsigned diagonals = std::max(array_rows, array_columns);
  std::vector<std::uint64_t> cells(diagonals, 0);
  std::vector<std::uint64_t> failures(diagonals, 0);
  for (unsigned r = 0; r < block_rows; ++r)
    for (unsigned c = 0; c < block_columns; ++c) {
      const unsigned diagonal = (c + diagonals - r) % diagonals;
      ++cells[diagonal];
      if (failed != nullptr && (*failed)(r, c) > 0.0f) ++failures[diagonal];
    }
  const double mean = std::min(config.mean_iterations, static_cast<double>(config.max_iterations));
  const unsigned parked = parked_devices(config);
  ProgramReport report;
  double pulses = 0.0;
  for (unsigned d = 0; d < diagonals; ++d) {
    if (cells[d] == 0) continue;
    const double passes = failures[d] > 0 ? config.max_iterations : mean;
    const double iteration = cycles_of(config, cells[d]) * config.pulse_s + config.verify_s;
    report.seconds += kPolarities * (passes + parked) * iteration;
    const double good = static_cast<double>(cells[d] - failures[d]);
    const double bad = static_cast<double>(failures[d]);
    pulses += kPolarities * (good * (mean + parked) + bad * (config.max_iterations + parked));
    report.cells += cells[d];
    report.failed += failures[d];
  }
  report.pulses = static_cast<std::uint64_t>(std::llround(pulses));
  report.joules = pulses * (config.pulse_joules + config.verify_joules);
  return report;
}

}  // namespace aimc::cim
