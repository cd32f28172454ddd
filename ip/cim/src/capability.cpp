// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/capability.h"

#include <bit>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/cim_regs.h"

namespace aimc::cim {
namespace {

/// The parameter "<kind>.variant", where a kind has one.
std::string variant_of(const ArrayKind& kind, TileConfig config) {
  ParamTable params;
  params.begin_group(kind.name);
  kind.describe(params, config);
  params.end_group();
  const std::string name = std::string(kind.name) + ".variant";
  for (const ParamInfo& param : params.list())
    if (param.name == name) return param.value;
  return {};
}

std::uint32_t converter_code(const std::string& kind) {
  if (kind == "ideal") return CIM_CONVERTER_IDEAL;
  if (kind == "sar") return CIM_CONVERTER_SAR;
  if (kind == "flash") return CIM_CONVERTER_FLASH;
  if (kind == "time") return CIM_CONVERTER_TIME;
  return CIM_CONVERTER_COUNTER;
}

std::uint32_t coding_code(const std::string& input) {
  if (input == "bit_serial") return CIM_CODING_BIT_SERIAL;
  if (input == "integrate") return CIM_CODING_INTEGRATE;
  if (input == "amplitude") return CIM_CODING_AMPLITUDE;
  return CIM_CODING_PULSE_WIDTH;
}

/// Pairs of analog cells behind the converters of the tile.
void describe_pairs(const TileConfig& config, Capability& result) {
  result.recalibrates = true;
  result.input_bits = config.dac.bits;
  result.converter = converter_code(config.adc.kind);
  if (config.adc.kind != "ideal")
    result.adc_bits = static_cast<unsigned>(std::bit_width(config.adc.levels)) + 1;
  result.coding = coding_code(config.timing.input);
  const bool doubled = result.kind == CIM_KIND_PCM && config.pcm.devices == 2;
  result.arrangement = doubled ? CIM_ARRANGEMENT_DOUBLE_PAIR : CIM_ARRANGEMENT_PAIR;
  if (config.crossbar.arrangement == "weighted_pairs")
    result.arrangement = CIM_ARRANGEMENT_WEIGHTED_PAIRS;
  if (config.crossbar.arrangement == "bit_slices") result.arrangement = CIM_ARRANGEMENT_BIT_SLICES;
}

/// Cells that the technology reads in its own way.
void describe_shape(const ReadShape& shape, Capability& result) {
  result.input_bits = shape.input_planes > 1 ? shape.input_planes : 8;
  result.adc_bits = shape.adc_bits;
  result.converter = shape.adc_bits > 0 ? CIM_CONVERTER_SAR : CIM_CONVERTER_NONE;
  result.coding = shape.input_planes > 1 ? CIM_CODING_BIT_SERIAL : CIM_CODING_AMPLITUDE;
  result.arrangement =
      shape.weight_planes > 1 ? CIM_ARRANGEMENT_BINARY_PLANES : CIM_ARRANGEMENT_DIGITAL;
}

}  // namespace

Capability capability(const TileConfig& config) {
  const ArrayKind& kind = find_array_kind(config.kind);
  Capability result;
  result.kind = kind.code;
  result.variant = variant_of(kind, config);
  result.writable = kind.writable;
  result.forgets = kind.code == CIM_KIND_DRAM;
  result.phases = config.timing.phases;
  if (kind.read_shape != nullptr) {
    describe_shape(kind.read_shape(config), result);
  } else if (kind.converted) {
    describe_pairs(config, result);
  } else {
    result.input_bits = 8;
    result.converter = CIM_CONVERTER_NONE;
    result.arrangement = CIM_ARRANGEMENT_DIGITAL;
  }
  return result;
}

}  // namespace aimc::cim
