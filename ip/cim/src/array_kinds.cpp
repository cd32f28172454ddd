// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/array_kinds.h"

#include "aimc/cim/cim_regs.h"
#include "aimc/cim/ideal/ideal_array.h"
#include "aimc/cim/pcm/pcm_array.h"
#include "aimc/common/error.h"

namespace aimc::cim {
namespace {

constexpr ArrayKind kKinds[] = {
    {"ideal", CIM_KIND_IDEAL, "Exact integers", true, false,
     [](ParamTable& params, TileConfig& config) { describe(params, config.ideal); },
     ideal_program_seconds, make_ideal_array},
    {"pcm", CIM_KIND_PCM, "Phase-change memory (HERMES)", true, true,
     [](ParamTable& params, TileConfig& config) { describe(params, config.pcm); },
     pcm_program_seconds, make_pcm_array},
};

}  // namespace

std::span<const ArrayKind> array_kinds() { return kKinds; }

std::vector<std::string> array_kind_names() {
  std::vector<std::string> names;
  for (const ArrayKind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

const ArrayKind& find_array_kind(const std::string& name) {
  for (const ArrayKind& kind : kKinds)
    if (name == kind.name) return kind;
  user_error("unknown array kind '{}'. Known: {}", name, join(array_kind_names()));
}

std::unique_ptr<Array> make_array(const TileConfig& config, const RandomStream& random) {
  return find_array_kind(config.kind).create(config, random);
}

}  // namespace aimc::cim
