// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "aimc/network/image.h"
#include "aimc/platform/description.h"
#include "aimc/soc/elf.h"
#include "options.h"

namespace aimc::vp {

/// How many harts there are, and the instruction groups of each.
/// @throws UserError at the place of the one too many or the wrong groups.
void check_harts(const platform::Description& platform);

/// Everything a run reads, checked before anything is simulated or written.
struct Inputs {
  /// @throws UserError for the first thing wrong with options or files.
  explicit Inputs(const Options& options);

  platform::Description platform;
  double until_s;  ///< Limit of simulated time; 0 for none.
  soc::ElfImage firmware;
  std::optional<network::Image> image;
  std::vector<std::uint8_t> records;  ///< One after the other.
  std::uint32_t record_bytes = 0;
  std::vector<std::uint8_t> labels;  ///< One for each record, or none.

  std::uint64_t count() const { return record_bytes == 0 ? 0 : records.size() / record_bytes; }
};

}  // namespace aimc::vp
