// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "aimc/cim/tile_config.h"

namespace aimc::cim {

/// What firmware may ask of the array it sits on; codes are those of the tile's registers.
struct Capability {
  std::uint32_t kind = 0;     ///< CIM_KIND_*.
  std::string variant;        ///< Of the kind; empty if it has none.
  bool writable = false;      ///< PROGRAM, REFRESH.
  bool recalibrates = false;  ///< RECALIBRATE: drift and converters are corrected digitally.
  bool forgets = false;       ///< Weights are lost with time unless refreshed.
  unsigned input_bits = 0;
  unsigned adc_bits = 0;  ///< Sign included; 0: none or ideal.
  unsigned phases = 1;
  std::uint32_t converter = 0;    ///< CIM_CONVERTER_*.
  std::uint32_t coding = 0;       ///< CIM_CODING_*.
  std::uint32_t arrangement = 0;  ///< CIM_ARRANGEMENT_*.
};

/// @param config  as `effective` gives it.
Capability capability(const TileConfig& config);

}  // namespace aimc::cim
