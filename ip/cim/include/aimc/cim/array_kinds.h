// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "aimc/cim/array.h"
#include "aimc/cim/read_shape.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

/// One memory technology. To add one: a folder with its config, device and array, a member in
/// `TileConfig`, and one row in the table of `array_kinds.cpp`.
struct ArrayKind {
  const char* name;    ///< Word of the `kind` parameter.
  std::uint32_t code;  ///< CIM_KIND_* of the KIND register.
  const char* brief;
  bool writable;   ///< PROGRAM is possible.
  bool converted;  ///< Results pass through ADCs.
  /// Adds the technology's parameters to the table, inside the group called `name`.
  void (*describe)(ParamTable& params, TileConfig& config);
  double (*program_seconds)(const TileConfig& config, unsigned rows, unsigned columns);
  std::unique_ptr<Array> (*create)(const TileConfig& config, const RandomStream& random);
  /// How it reads, if it brings its own converters; null: as the `dac`, `adc` and `timing` groups.
  ReadShape (*read_shape)(const TileConfig& config) = nullptr;
};

std::span<const ArrayKind> array_kinds();
/// @throws UserError that lists the known kinds.
const ArrayKind& find_array_kind(const std::string& name);
std::vector<std::string> array_kind_names();

/// The array that `config.kind` names.
/// @param random  stream of this instance; no two arrays of a platform may share one.
/// @throws UserError for an unknown kind.
std::unique_ptr<Array> make_array(const TileConfig& config, const RandomStream& random);

}  // namespace aimc::cim
