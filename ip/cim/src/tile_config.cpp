// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/tile_config.h"

#include "aimc/cim/array_kinds.h"

namespace aimc::cim {
namespace {

void describe_converters(ParamTable& params, TileConfig& config) {
  params.begin_group("dac");
  describe(params, config.dac);
  params.end_group();
  params.begin_group("adc");
  describe(params, config.adc);
  params.end_group();
  params.begin_group("crossbar");
  describe(params, config.crossbar);
  params.end_group();
}

std::vector<std::string> costs_words() {
  std::vector<std::string> words = array_kind_names();
  words.insert(words.begin(), "any");
  return words;
}

}  // namespace

void describe(ParamTable& params, TileConfig& config) {
  params.choice("kind", config.kind, array_kind_names(), "Memory technology of the array");
  params.integer("rows", config.rows, 1u, 4096u, "Word lines");
  params.integer("columns", config.columns, 1u, 4096u, "Bit lines");
  params.quantity("age", config.age_s, Unit::second, 0.0, 3.2e9,
                  "Age of weights when they are programmed; simulated time adds to it");
  params.quantity("temperature", config.temperature_k, Unit::none, 200.0, 450.0,
                  "Temperature of the array in kelvin");
  describe(params, config.engine);
  describe_converters(params, config);
  params.choice("costs", config.costs, costs_words(),
                "Kind that dac, adc, timing, energy and area here belong to; another kind brings "
                "its own, 'any' none");
  params.begin_group("timing");
  describe(params, config.timing);
  params.end_group();
  params.begin_group("energy");
  describe(params, config.energy);
  params.end_group();
  params.begin_group("area");
  describe(params, config.area);
  params.end_group();
  for (const ArrayKind& kind : array_kinds()) {
    params.begin_group(kind.name);
    kind.describe(params, config);
    params.end_group();
  }
}

}  // namespace aimc::cim
