// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chip.h"
#include "emitter.h"
#include "mapping.h"
#include "network.h"
#include "quantise.h"

namespace aimc::compiler {

/// Everything that the stages after import produce.
struct Compilation {
  Network network;  ///< After `fuse`.
  QuantisedNetwork quantised;
  Mapping mapping;
  Emission emission;
};

/// Fuses, calibrates, quantises, maps and emits; then reads the image back and proves its graphs.
/// @param network  as imported.
/// @param records  for calibration, one after the other.
/// @param choice   tiles for layers; empty: all that firmware can program.
Compilation compile(Network network, const Chip& chip, const std::vector<std::uint8_t>& records,
                    const CalibrationOptions& options, const TileChoice& choice = {});

/// The mapping layer by layer, as text.
std::string report(const Compilation& compilation, const Chip& chip);

/// Share of records whose arg-max is their label.
struct Accuracy {
  std::size_t records = 0;
  std::size_t correct_float = 0;
  std::size_t correct_int8 = 0;
};
Accuracy measure(const Compilation& compilation, const std::vector<std::uint8_t>& records,
                 const std::vector<std::uint8_t>& labels, bool planar);

}  // namespace aimc::compiler
