// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/tile.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <nlohmann/json.hpp>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/cim_map.h"
#include "aimc/cim/rom/rom_image.h"
#include "command.h"

namespace aimc::cim {
namespace {

/// The configuration as the array sees it: with the costs of its kind, and of the chip's masks the
/// one of this instance. A chip's file has no section for ROM tiles that nothing was mapped to:
/// their mask is blank.
TileConfig resolve(const TileConfig& config, const std::string& instance) {
  TileConfig result = effective(config);
  RomConfig& rom = result.rom;
  if (result.kind != "rom" || rom.image.empty() || !rom.section.empty()) return result;
  const RomImage masks = RomImage::read(rom.image);
  const auto& sections = masks.sections();
  const bool present =
      std::any_of(sections.begin(), sections.end(),
                  [&](const RomSection& section) { return section.name == instance; });
  rom.section = instance;
  if (!present) rom.image.clear();
  return result;
}

}  // namespace

Tile::Tile(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : CommandEngine(name, services, config.engine, "CIMT", regs::kCim),
      config_(resolve(config, basename())),
      kind_(find_array_kind(config_.kind)),
      capability_(capability(config_)),
      array_energy_(energy().cause("array")),
      dac_energy_(energy().cause("dac")),
      adc_energy_(energy().cause("adc")),
      digital_energy_(energy().cause("digital")),
      program_energy_(energy().cause("programming")),
      refresh_energy_(energy().cause("refresh")) {
  const char* const names[] = {"command",  "program", "mvm",     "conv",       "digital",
                               "readback", "verify",  "refresh", "recalibrate"};
  for (std::size_t i = 0; i < names_.size(); ++i) names_[i] = services.trace.intern(names[i]);
  connect_registers();
  if (kind_.writable) {
    // A strip as high as the array: complaints about the configuration belong to the start.
    TileConfig strip = config_;
    strip.columns = 1;
    make_array(strip, RandomStream(services.seed, this->name()));
  } else {
    cells();  // the mask is read
  }
}

Array& Tile::cells() {
  if (!array_) {
    array_ = make_array(config_, RandomStream(services().seed, name()));
    array_->advance(to_seconds(sc_core::sc_time_stamp()));
  }
  return *array_;
}

Tile::~Tile() { cancel(); }

void Tile::reset() {
  CommandEngine::reset();
  operation_ = 0;
  programmed_ = 0;
  failed_ = 0;
  clipped_ = 0;
  extra_ = 0;
  verify_failed_ = 0;
  verify_error_ = 0;
  refreshes_ = 0;
  recalibrations_ = 0;
  rows_done_ = 0;
  writing_ = false;
  ++resets_;
}

std::uint16_t Tile::command_name(std::uint32_t opcode) {
  return names_[opcode < names_.size() ? opcode : 0];
}

std::shared_ptr<Work> Tile::snapshot(const Command& command) const {
  // `sram()` serves tests and debuggers too and so is not const.
  const std::span<const std::uint8_t> memory = const_cast<Tile*>(this)->sram();
  const auto copy = [&memory](std::uint32_t address, std::uint32_t stride, std::uint64_t count,
                              std::size_t bytes) {
    const auto begin = memory.begin() + address;
    return std::vector<std::uint8_t>(
        begin, begin + static_cast<std::ptrdiff_t>((count - 1) * stride + bytes));
  };
  const cim_command_t& words = command.words;
  auto work = std::make_shared<Work>();
  work->block = command.block;
  work->count = command.count;
  work->convolution = command.convolution();
  work->digital_only = command.opcode == CIM_OPCODE_DIGITAL;
  work->psum = command.psum;
  work->raw = command.raw;
  work->fp16 = command.fp16;
  work->low = command.low;
  work->high = command.high;
  work->patch = command.patch;
  work->patch_first = command.patch_first;
  work->input_stride = words.in_stride;
  work->psum_stride = words.psum_stride;
  const std::size_t sum_bytes = std::size_t{command.block.columns} * 4;
  if (work->convolution) {
    work->inputs = copy(words.in, 0, 1, command.patch.map_bytes());
  } else {
    work->inputs = copy(words.in, words.in_stride, command.count,
                        work->digital_only ? sum_bytes : command.block.rows);
  }
  if (command.psum)
    work->partial_sums = copy(words.psum, words.psum_stride, command.count,
                              command.block.columns * command.psum_element());
  if (command.fp16) {
    load_channels(command, *work);
  } else if (!command.raw) {
    work->affine.resize(command.block.columns);
    std::memcpy(work->affine.data(), &memory[words.affine],
                std::size_t{command.block.columns} * CIM_AFFINE_BYTES);
  }
  return work;
}

void Tile::load_channels(const Command& command, Work& work) const {
  for (std::uint32_t c = 0; c < command.block.columns; ++c) {
    const std::uint32_t entry = command.words.affine + c * CIM_FP16_BYTES;
    const auto half = [](std::uint32_t bits) {
      return Half::from_bits(static_cast<std::uint16_t>(bits));
    };
    const std::uint32_t affine = load_word(entry + offsetof(cim_fp16_t, affine));
    const std::uint32_t residual = load_word(entry + offsetof(cim_fp16_t, residual));
    DigitalChannel channel;
    channel.scale = half(CIM_FP16_AFFINE_SCALE_GET(affine));
    channel.bias = half(CIM_FP16_AFFINE_BIAS_GET(affine));
    channel.residual = command.psum;
    channel.residual_scale = half(CIM_FP16_RESIDUAL_SCALE_GET(residual));
    channel.first_relu = CIM_FP16_RESIDUAL_FIRST_RELU_GET(residual) != 0;
    channel.second_relu = CIM_FP16_RESIDUAL_SECOND_RELU_GET(residual) != 0;
    work.channels.push_back(channel);
    const auto shift = static_cast<int>(load_word(entry + offsetof(cim_fp16_t, shift)));
    work.units.push_back(std::ldexp(1.0, -shift));
  }
}

void Tile::perform(const std::shared_ptr<Work>& work, const Command& command, double seconds) {
  work_ = work;
  job_ = services().workers.submit([work, &array = cells()] { work->run(array); });
  try {
    elapse(to_time(seconds));
  } catch (const Aborted&) {
    cancel();
    throw;
  }
  services().workers.wait(job_);
  job_.reset();
  work_.reset();
  if (work->extra_products > 0)  // known only now: how many products had to be repeated
    elapse(to_time(static_cast<double>(work->extra_products) *
                   mvm_period_seconds(config_, command.block.rows, command.block.columns)));
  const std::size_t bytes = command.output_bytes();
  for (std::uint64_t n = 0; n < command.count; ++n)
    std::memcpy(&sram()[command.words.out + n * command.words.out_stride],
                &work->outputs[n * bytes], bytes);
}

void Tile::cancel() {
  if (!job_) return;
  work_->cancelled = true;
  services().workers.wait(job_);
  job_.reset();
  work_.reset();
}

void Tile::spend(const OperationEnergy& cost) {
  energy().add(array_energy_, cost.array);
  energy().add(dac_energy_, cost.dac);
  energy().add(adc_energy_, cost.adc);
  energy().add(digital_energy_, cost.digital);
}

void Tile::count_products(const Command& command, const Work& work) {
  const Block& block = command.block;
  const double count = static_cast<double>(command.count);
  const std::uint64_t results = command.count * block.columns;
  const double products = count + static_cast<double>(work.extra_products);
  OperationEnergy cost =
      product_energy(config_, block.rows, block.columns, command.count + work.extra_products);
  cost.digital = digital_energy(config_, block.columns, command.count).digital;
  spend(cost);
  clipped_ += work.clipped;
  extra_ += work.extra_products;
  totals_.extra_products += work.extra_products;
  totals_.mvms += command.count;
  totals_.macs += command.count * block.cells();
  totals_.results += results;
  totals_.clipped += work.clipped;
  totals_.array_busy_s += products * array_seconds(config_, block.rows);
  totals_.digital_busy_s += count * digital_seconds(config_, block.columns);
}

void Tile::report(nlohmann::ordered_json& stats) const {
  CommandEngine::report(stats);
  const std::uint64_t cells = std::uint64_t{config_.rows} * config_.columns;
  const std::uint64_t held = programmed_cells();
  stats["kind"] = config_.kind;
  if (!capability_.variant.empty()) stats["variant"] = capability_.variant;
  stats["mvms"] = totals_.mvms;
  stats["macs"] = totals_.macs;
  stats["results"] = totals_.results;
  stats["clipped"] = totals_.clipped;
  stats["extra_products"] = totals_.extra_products;
  stats["array_busy_s"] = totals_.array_busy_s;
  stats["digital_busy_s"] = totals_.digital_busy_s;
  stats["cells"] = cells;
  stats["programmed_cells"] = held;
  stats["utilisation"] = static_cast<double>(held) / static_cast<double>(cells);
  stats["cells_written"] = totals_.cells_written;
  stats["cells_failed"] = totals_.cells_failed;
  stats["program_pulses"] = totals_.pulses;
  stats["program_s"] = totals_.program_s;
  stats["worst_writes"] = worst_writes();
  stats["verifies"] = totals_.verifies;
  stats["refreshes"] = totals_.refreshes;
  stats["recalibrations"] = totals_.recalibrations;
  stats["age_s"] = oldest_age_s();
  const TileArea area = tile_area(config_);
  stats["area_mm2"] = {{"array", area.array * 1e6}, {"dac", area.dac * 1e6},
                       {"adc", area.adc * 1e6},     {"digital", area.digital * 1e6},
                       {"sram", area.sram * 1e6},   {"total", area.total() * 1e6}};
}

}  // namespace aimc::cim
