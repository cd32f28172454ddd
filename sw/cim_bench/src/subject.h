// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "study.h"

namespace aimc::cim_bench {

struct SubjectOptions {
  std::string platform;  ///< Empty: a tile with default parameters.
  std::string tile;      ///< Instance name; empty: one tile of each kind in the platform.
  std::vector<std::string> kinds;
  std::vector<std::string> overrides;  ///< "parameter=value".
  std::uint64_t seed = 1;
  std::size_t vectors = 256;
};

/// The arrays that the options name.
/// @throws UserError for an unknown platform, tile, kind or parameter.
std::vector<Subject> read_subjects(const SubjectOptions& options);

}  // namespace aimc::cim_bench
