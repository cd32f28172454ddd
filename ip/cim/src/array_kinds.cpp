// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/array_kinds.h"

#include "aimc/cim/cim_regs.h"
#include "aimc/cim/dram/dram_array.h"
#include "aimc/cim/fefet/fefet_array.h"
#include "aimc/cim/ideal/ideal_array.h"
#include "aimc/cim/mram/mram_array.h"
#include "aimc/cim/nor/nor_array.h"
#include "aimc/cim/pcm/pcm_array.h"
#include "aimc/cim/reram/reram_array.h"
#include "aimc/cim/rom/rom_array.h"
#include "aimc/cim/sram/sram_array.h"
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
    {"nor", CIM_KIND_NOR_FLASH, "NOR flash, charge trap", true, true,
     [](ParamTable& params, TileConfig& config) { describe(params, config.nor); },
     nor_program_seconds, make_nor_array},
    {"rom", CIM_KIND_ROM, "Mask ROM", false, false,
     [](ParamTable& params, TileConfig& config) { describe(params, config.rom); },
     [](const TileConfig&, unsigned, unsigned) { return 0.0; }, make_rom_array, rom_read_shape},
    {"sram", CIM_KIND_SRAM, "Static RAM, digital or analog sums", true, false,
     [](ParamTable& params, TileConfig& config) { describe(params, config.sram); },
     sram_program_seconds, make_sram_array, sram_read_shape},
    {"reram", CIM_KIND_RERAM, "Resistive RAM", true, true,
     [](ParamTable& params, TileConfig& config) { describe(params, config.reram); },
     reram_program_seconds, make_reram_array},
    {"mram", CIM_KIND_MRAM, "Magnetic tunnel junctions", true, true,
     [](ParamTable& params, TileConfig& config) { describe(params, config.mram); },
     mram_program_seconds, make_mram_array, mram_read_shape},
    {"dram", CIM_KIND_DRAM, "Dynamic RAM", true, true,
     [](ParamTable& params, TileConfig& config) { describe(params, config.dram); },
     dram_program_seconds, make_dram_array, dram_read_shape},
    {"fefet", CIM_KIND_FEFET, "Ferroelectric transistors", true, true,
     [](ParamTable& params, TileConfig& config) { describe(params, config.fefet); },
     fefet_program_seconds, make_fefet_array},
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
  std::unique_ptr<Array> array = find_array_kind(config.kind).create(config, random);
  array->set_initial_age(config.age_s);
  return array;
}

}  // namespace aimc::cim
