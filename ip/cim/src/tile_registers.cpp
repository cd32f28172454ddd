// SPDX-License-Identifier: Apache-2.0
// What firmware reads about a tile: what the array is, and the state of its cells.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/cim_regs.h"
#include "aimc/cim/tile.h"

namespace aimc::cim {

void Tile::constant(std::uint32_t offset, std::uint32_t value) {
  regs().on_read(offset, [value](std::uint32_t) { return value; });
}

void Tile::counter(std::uint32_t offset, const std::uint64_t& value) {
  regs().on_read(offset, [&value](std::uint32_t) { return static_cast<std::uint32_t>(value); });
}

void Tile::connect_registers() {
  const Capability& can = capability_;
  constant(CIM_KIND_OFFSET, can.kind);
  constant(CIM_GEOMETRY_OFFSET,
           CIM_GEOMETRY_ROWS_SET(config_.rows) | CIM_GEOMETRY_COLUMNS_SET(config_.columns));
  constant(CIM_PRECISION_OFFSET, CIM_PRECISION_INPUT_BITS_SET(can.input_bits) |
                                     CIM_PRECISION_ADC_BITS_SET(can.adc_bits) |
                                     CIM_PRECISION_PHASES_SET(can.phases) |
                                     CIM_PRECISION_WRITABLE_SET(can.writable ? 1u : 0u));
  constant(CIM_CAPABILITY_OFFSET,
           CIM_CAPABILITY_VERIFY_SET(1) | CIM_CAPABILITY_REFRESH_SET(can.writable ? 1u : 0u) |
               CIM_CAPABILITY_RECALIBRATE_SET(can.recalibrates ? 1u : 0u) |
               CIM_CAPABILITY_VOLATILE_SET(can.forgets ? 1u : 0u) |
               CIM_CAPABILITY_CONVERTER_SET(can.converter) | CIM_CAPABILITY_CODING_SET(can.coding) |
               CIM_CAPABILITY_ARRANGEMENT_SET(can.arrangement));
  char letters[16] = {};
  std::memcpy(letters, can.variant.data(), std::min(can.variant.size(), sizeof letters));
  for (unsigned i = 0; i < 4; ++i) {
    std::uint32_t word = 0;
    std::memcpy(&word, letters + std::size_t{4} * i, 4);
    constant(CIM_VARIANT0_OFFSET + 4 * i, word);
  }
  constant(CIM_TEMPERATURE_OFFSET,
           static_cast<std::uint32_t>(std::lround(config_.temperature_k * 10.0)));
  counter(CIM_MVM_COUNT_OFFSET, operation_);
  counter(CIM_PROGRAM_COUNT_OFFSET, programmed_);
  counter(CIM_FAILED_CELLS_OFFSET, failed_);
  counter(CIM_CLIP_COUNT_OFFSET, clipped_);
  counter(CIM_VERIFY_FAILED_OFFSET, verify_failed_);
  counter(CIM_VERIFY_ERROR_OFFSET, verify_error_);
  counter(CIM_REFRESH_COUNT_OFFSET, refreshes_);
  counter(CIM_RECALIBRATE_COUNT_OFFSET, recalibrations_);
  counter(CIM_EXTRA_PRODUCTS_OFFSET, extra_);
  connect_state();
}

void Tile::connect_state() {
  regs().on_read(CIM_ARRAY_STATUS_OFFSET, [this](std::uint32_t) { return array_status(); });
  regs().on_read(CIM_AGE_LOW_OFFSET, [this](std::uint32_t) {
    const auto age = static_cast<std::uint64_t>(oldest_age_s() * 1e6);
    age_high_ = static_cast<std::uint32_t>(age >> 32);
    return static_cast<std::uint32_t>(age);
  });
  regs().on_read(CIM_AGE_HIGH_OFFSET, [this](std::uint32_t) { return age_high_; });
  regs().on_read(CIM_PROGRAMMED_CELLS_OFFSET,
                 [this](std::uint32_t) { return static_cast<std::uint32_t>(programmed_cells()); });
  regs().on_read(CIM_WORST_WRITES_OFFSET, [this](std::uint32_t) { return worst_writes(); });
}

double Tile::oldest_age_s() const {
  if (!array_ || array_->loads().empty()) return 0.0;
  const auto oldest = std::min_element(
      array_->loads().begin(), array_->loads().end(),
      [](const WeightLoad& a, const WeightLoad& b) { return a.programmed_s < b.programmed_s; });
  // From the simulation's clock: the array's own stands at the start of the last command.
  return array_->initial_age_s() +
         std::max(0.0, to_seconds(sc_core::sc_time_stamp()) - oldest->programmed_s);
}

std::uint32_t Tile::array_status() const {
  if (!array_) return 0;
  if (!job_) array_->advance(to_seconds(sc_core::sc_time_stamp()));
  const std::vector<WeightLoad>& loads = array_->loads();
  const bool expired = std::any_of(loads.begin(), loads.end(), [this](const WeightLoad& load) {
    return array_->state(load.block) == CellState::expired;
  });
  return CIM_ARRAY_STATUS_HOLDS_SET(array_->programmed_cells() > 0 ? 1u : 0u) |
         CIM_ARRAY_STATUS_WRITING_SET(writing_ ? 1u : 0u) |
         CIM_ARRAY_STATUS_EXPIRED_SET(expired ? 1u : 0u) |
         CIM_ARRAY_STATUS_ROWS_DONE_SET(rows_done_);
}

}  // namespace aimc::cim
