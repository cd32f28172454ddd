// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/cim/converter_config.h"
#include "aimc/cim/cost_config.h"
#include "aimc/cim/crossbar_config.h"
#include "aimc/cim/dram/dram_config.h"
#include "aimc/cim/fefet/fefet_config.h"
#include "aimc/cim/ideal/ideal_config.h"
#include "aimc/cim/mram/mram_config.h"
#include "aimc/cim/nor/nor_config.h"
#include "aimc/cim/pcm/pcm_config.h"
#include "aimc/cim/reram/reram_config.h"
#include "aimc/cim/rom/rom_config.h"
#include "aimc/cim/sram/sram_config.h"
#include "aimc/common/engine_config.h"
#include "aimc/common/params.h"

namespace aimc::cim {

/// Parameters of one tile: command engine, array, converters, time and energy.
struct TileConfig {
  EngineConfig engine;
  std::string kind = "ideal";  ///< Memory technology; see `array_kinds()`.
  unsigned rows = 256;         ///< Word lines.
  unsigned columns = 256;      ///< Bit lines.
  double age_s = 0.0;          ///< Of weights when they are programmed: a chip as it will be.
  double temperature_k = 300;  ///< Of the array [K].
  DacConfig dac;
  AdcConfig adc;
  CrossbarConfig crossbar;
  TimingConfig timing;
  EnergyConfig energy;
  AreaConfig area;
  /// Kind that dac, adc, timing, energy and area belong to, "any" to whatever kind is chosen; see
  /// `effective` in cost.h.
  std::string costs = "any";
  IdealConfig ideal;  ///< One struct for each technology; only that of `kind` has an effect.
  PcmConfig pcm;
  NorConfig nor;
  RomConfig rom;
  SramConfig sram;
  ReramConfig reram;
  MramConfig mram;
  DramConfig dram;
  FefetConfig fefet;
};

void describe(ParamTable& params, TileConfig& config);

}  // namespace aimc::cim
