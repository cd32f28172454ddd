// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/tile.h"

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/cim_map.h"
#include "command.h"

namespace aimc::cim {
namespace {

std::uint32_t low_word(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

/// Bits of a signed code of +-levels.
std::uint32_t adc_bits(const TileConfig& config, const ArrayKind& kind) {
  if (!kind.converted || config.adc.kind == "ideal") return 0;
  return static_cast<std::uint32_t>(std::bit_width(config.adc.levels)) + 1;
}

}  // namespace

Tile::Tile(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : CommandEngine(name, services, config.engine, "CIMT", regs::kCim),
      config_(config),
      kind_(find_array_kind(config.kind)),
      array_(kind_.create(config, RandomStream(services.seed, this->name()))),
      array_energy_(energy().cause("array")),
      dac_energy_(energy().cause("dac")),
      adc_energy_(energy().cause("adc")),
      digital_energy_(energy().cause("digital")),
      program_energy_(energy().cause("programming")) {
  const char* const names[] = {"command", "program", "mvm", "conv", "digital", "readback"};
  for (std::size_t i = 0; i < names_.size(); ++i) names_[i] = services.trace.intern(names[i]);
  connect_registers();
}

Tile::~Tile() { cancel(); }

void Tile::connect_registers() {
  const auto constant = [this](std::uint32_t offset, std::uint32_t value) {
    regs().on_read(offset, [value](std::uint32_t) { return value; });
  };
  const auto counter = [this](std::uint32_t offset, const std::uint64_t& value) {
    regs().on_read(offset, [&value](std::uint32_t) { return low_word(value); });
  };
  constant(CIM_KIND_OFFSET, kind_.code);
  constant(CIM_GEOMETRY_OFFSET,
           CIM_GEOMETRY_ROWS_SET(config_.rows) | CIM_GEOMETRY_COLUMNS_SET(config_.columns));
  constant(CIM_PRECISION_OFFSET, CIM_PRECISION_INPUT_BITS_SET(config_.dac.bits) |
                                     CIM_PRECISION_ADC_BITS_SET(adc_bits(config_, kind_)) |
                                     CIM_PRECISION_PHASES_SET(config_.timing.phases) |
                                     CIM_PRECISION_WRITABLE_SET(kind_.writable ? 1u : 0u));
  counter(CIM_MVM_COUNT_OFFSET, operation_);
  counter(CIM_PROGRAM_COUNT_OFFSET, programmed_);
  counter(CIM_FAILED_CELLS_OFFSET, failed_);
  counter(CIM_CLIP_COUNT_OFFSET, clipped_);
}

void Tile::reset() {
  CommandEngine::reset();
  operation_ = 0;
  programmed_ = 0;
  failed_ = 0;
  clipped_ = 0;
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
    work->partial_sums = copy(words.psum, words.psum_stride, command.count, sum_bytes);
  if (!command.raw) {
    work->affine.resize(command.block.columns);
    std::memcpy(work->affine.data(), &memory[words.affine],
                std::size_t{command.block.columns} * CIM_AFFINE_BYTES);
  }
  return work;
}

void Tile::perform(const std::shared_ptr<Work>& work, const Command& command, double seconds) {
  work_ = work;
  job_ = services().workers.submit([work, this] { work->run(*array_); });
  try {
    elapse(to_time(seconds));
  } catch (const Aborted&) {
    cancel();
    throw;
  }
  services().workers.wait(job_);
  job_.reset();
  work_.reset();
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

void Tile::count_products(const Command& command, const Work& work) {
  const Block& block = command.block;
  const double count = static_cast<double>(command.count);
  const std::uint64_t results = command.count * block.columns;
  const double macs = count * static_cast<double>(block.cells());
  const EnergyConfig& costs = config_.energy;
  energy().add(array_energy_, macs * (costs.mac + config_.timing.phases * costs.mac_phase));
  energy().add(dac_energy_, costs.dac * count * block.rows);
  energy().add(adc_energy_, costs.adc * static_cast<double>(results));
  energy().add(digital_energy_, costs.digital * static_cast<double>(results));
  clipped_ += work.clipped;
  totals_.mvms += command.count;
  totals_.macs += command.count * block.cells();
  totals_.results += results;
  totals_.clipped += work.clipped;
  totals_.array_busy_s += count * array_seconds(config_);
  totals_.digital_busy_s += count * digital_seconds(config_, block.columns);
}

void Tile::report(nlohmann::ordered_json& stats) const {
  CommandEngine::report(stats);
  const std::uint64_t cells = std::uint64_t{config_.rows} * config_.columns;
  const std::uint64_t held = array_->programmed_cells();
  stats["kind"] = config_.kind;
  stats["mvms"] = totals_.mvms;
  stats["macs"] = totals_.macs;
  stats["results"] = totals_.results;
  stats["clipped"] = totals_.clipped;
  stats["array_busy_s"] = totals_.array_busy_s;
  stats["digital_busy_s"] = totals_.digital_busy_s;
  stats["cells"] = cells;
  stats["programmed_cells"] = held;
  stats["utilisation"] = static_cast<double>(held) / static_cast<double>(cells);
  stats["cells_written"] = totals_.cells_written;
  stats["cells_failed"] = totals_.cells_failed;
  stats["program_pulses"] = totals_.pulses;
  stats["program_s"] = totals_.program_s;
}

}  // namespace aimc::cim
