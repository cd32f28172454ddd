// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/rom/rom_array.h"

#include <stdexcept>

#include "aimc/cim/digital/digital_array.h"
#include "aimc/cim/digital/precision.h"
#include "aimc/cim/planes/plane_array.h"
#include "aimc/cim/rom/rom_image.h"
#include "aimc/common/error.h"

namespace aimc::cim {
namespace {

/// Takes weights from the mask, at no cost at run time, and after that never again.
class Mask {
 public:
  virtual ~Mask() = default;
  void seal() { sealed_ = true; }

 protected:
  ProgramReport report(const Block& block) const {
    if (sealed_) throw std::logic_error("the weights of a ROM are part of the chip");
    ProgramReport report;
    report.cells = block.cells();
    return report;
  }

 private:
  bool sealed_ = false;
};

class DigitalRom : public DigitalArray, public Mask {
 public:
  explicit DigitalRom(const TileConfig& config)
      : DigitalArray(config.rows, config.columns, config.rom.weight_bits, config.rom.input_bits) {}

 protected:
  ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride, unsigned,
                      std::uint64_t) override {
    const ProgramReport made = report(block);
    store(block, weights, stride);
    return made;
  }
};

PlaneOptions plane_options(const RomConfig& config) {
  const RomChargeConfig& charge = config.charge;
  if (charge.active_rows % 2 != 0)
    user_error("rom.charge.active_rows = {}: rows are driven in pairs; give an even number, or 0",
               charge.active_rows);
  PlaneOptions options;
  options.weight_bits = config.weight_bits;
  options.input_bits = config.input_bits;
  options.bits_per_cell = charge.bits_per_cell;
  options.rows_at_once = charge.active_rows;
  options.adc_bits = charge.adc_bits;
  options.spread = charge.mismatch;
  options.noise = charge.noise;
  options.offset = charge.offset;
  return options;
}

class ChargeRom : public PlaneArray, public Mask {
 public:
  ChargeRom(const TileConfig& config, const RandomStream& random)
      : PlaneArray(config.rows, config.columns, plane_options(config.rom), random) {}

 protected:
  ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride, unsigned,
                      std::uint64_t operation) override {
    const ProgramReport made = report(block);
    store(block, weights, stride, operation);
    return made;
  }
};

/// Lowest and highest weight that a cell of the variant can be made for.
std::pair<int, int> weight_range(const RomConfig& config) {
  if (config.variant == "ternary") return {-1, 1};
  return {lowest_operand(config.weight_bits), highest_operand(config.weight_bits)};
}

void check_weights(const RomConfig& config, const RomSection& section) {
  const auto [low, high] = weight_range(config);
  const bool signs = config.variant != "ternary" && config.weight_bits == 1;
  for (const RomBlock& entry : section.blocks)
    for (std::size_t i = 0; i < entry.weights.size(); ++i) {
      const int weight = entry.weights[i];
      if (weight >= low && weight <= high && !(signs && weight == 0)) continue;
      user_error(
          "{}: section '{}', row {}, column {}: weight {} has no mask; cells of variant {} "
          "hold {}",
          config.image, section.name, entry.block.first_row + i / entry.block.columns,
          entry.block.first_column + i % entry.block.columns, weight, config.variant,
          signs ? "-1 and 1" : fmt::format("{} .. {}", low, high));
    }
}

/// Puts the weights of the mask image into the array and seals it.
template <class Rom>
std::unique_ptr<Array> masked(std::unique_ptr<Rom> array, const TileConfig& config) {
  const RomConfig& rom = config.rom;
  if (!rom.image.empty()) {
    const RomImage image = RomImage::read(rom.image);
    const RomSection& section = image.find(rom.section);
    if (section.rows != config.rows || section.columns != config.columns)
      user_error("{}: section '{}' is the mask of an array of {} x {}, this one is {} x {}",
                 rom.image, section.name, section.rows, section.columns, config.rows,
                 config.columns);
    check_weights(rom, section);
    for (const RomBlock& entry : section.blocks)
      array->program(entry.block, entry.weights.data(), entry.block.columns, entry.full_scale, 0);
  }
  array->seal();
  return array;
}

}  // namespace

void describe(ParamTable& params, RomConfig& config) {
  params.choice("variant", config.variant, {"digital", "ternary", "charge"},
                "Cells and sums; digital and ternary are exact");
  params.text("image", config.image, "Mask image (aimc-rom); empty: no cell holds a weight");
  params.text("section", config.section, "Of the mask image; empty: the only one");
  params.integer("weight_bits", config.weight_bits, 1u, 8u,
                 "Of a weight, not of variant ternary; 1 is -1 and +1");
  params.integer("input_bits", config.input_bits, 1u, 8u,
                 "Of an input; others saturate, with 1 bit to -1 and +1");
  RomChargeConfig& charge = config.charge;
  params.begin_group("charge");
  params.integer("bits_per_cell", charge.bits_per_cell, 1u, 4u, "Levels of a cell, as bits");
  params.integer("active_rows", charge.active_rows, 0u, 4096u,
                 "Rows of one conversion, even; 0 = all that are driven");
  params.integer("adc_bits", charge.adc_bits, 1u, 12u, "Of a column's converter");
  params.quantity("mismatch", charge.mismatch, Unit::none, 0.0, 0.5,
                  "Relative sigma of a cell's level");
  params.quantity("noise", charge.noise, Unit::none, 0.0, 100.0, "Sigma of a conversion, in LSB");
  params.quantity("offset", charge.offset, Unit::none, 0.0, 100.0,
                  "Sigma over converters of the offset, in LSB");
  params.end_group();
}

ReadShape rom_read_shape(const TileConfig& config) {
  const RomConfig& rom = config.rom;
  if (rom.variant == "ternary") return {0, rom.input_bits, 1, 0};
  if (rom.variant == "digital") return {0, rom.input_bits, rom.weight_bits, 0};
  const unsigned bits = rom.charge.bits_per_cell;
  return {rom.charge.active_rows, rom.input_bits, (rom.weight_bits + bits - 1) / bits,
          rom.charge.adc_bits};
}

std::unique_ptr<Array> make_rom_array(const TileConfig& config, const RandomStream& random) {
  if (config.rom.variant == "charge")
    return masked(std::make_unique<ChargeRom>(config, random), config);
  TileConfig cells = config;
  if (config.rom.variant == "ternary") cells.rom.weight_bits = 2;
  return masked(std::make_unique<DigitalRom>(cells), config);
}

}  // namespace aimc::cim
