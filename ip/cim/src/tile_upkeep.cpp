// SPDX-License-Identifier: Apache-2.0
// Weight loads as they take time, and the commands that check and restore weights.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/tile.h"
#include "aimc/common/engine_regs.h"
#include "command.h"

namespace aimc::cim {

void Tile::take_write(const Block& block, const ProgramReport& cost, EnergyLedger::Cause cause) {
  // A copy: the kernel hands out a reference to its running clock.
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const sc_core::sc_time begin = sc_core::sc_time_stamp();
  const std::uint64_t resets = resets_;
  const auto account = [&](double share) {
    const auto part = [share](std::uint64_t all) {
      return static_cast<std::uint64_t>(std::llround(share * static_cast<double>(all)));
    };
    totals_.cells_written += part(cost.cells);
    totals_.cells_failed += part(cost.failed);
    totals_.pulses += part(cost.pulses);
    totals_.program_s += share * cost.seconds;
    energy().add(cause, share * cost.joules);
  };
  writing_ = true;
  rows_done_ = 0;
  try {
    elapse(to_time(cost.seconds));
  } catch (const Aborted&) {
    const double passed = to_seconds(sc_core::sc_time_stamp() - begin);
    const double share = cost.seconds > 0.0 ? std::min(passed / cost.seconds, 1.0) : 0.0;
    const auto rows = static_cast<unsigned>(share * block.rows);
    Block rest = block;
    rest.first_row += rows;
    rest.rows -= rows;
    if (rest.rows > 0) cells().erase(rest);
    account(static_cast<double>(rows) / block.rows);
    writing_ = false;
    if (resets == resets_) rows_done_ = rows;
    throw;
  }
  writing_ = false;
  rows_done_ = block.rows;
  account(1.0);
}

void Tile::write_failed_map(const Command& command) {
  const Block& block = command.block;
  for (unsigned r = 0; r < block.rows; ++r) {
    std::uint8_t* const row =
        &sram()[command.words.out + std::size_t{r} * command.words.out_stride];
    std::memset(row, 0, (block.columns + 7) / 8);
    for (unsigned c = 0; c < block.columns; ++c)
      if (cells().failed(block.first_row + r, block.first_column + c))
        row[c / 8] = static_cast<std::uint8_t>(row[c / 8] | 1u << c % 8);
  }
}

Tile::Outcome Tile::verify(const Command& command) {
  if (Fault fault = check_block(command)) return *fault;
  if (Fault fault = check_inputs(command)) return *fault;
  if (Fault fault = check_cells(command)) return *fault;

  const Block& block = command.block;
  const auto* expected = reinterpret_cast<const std::int8_t*>(&sram()[command.words.in]);
  const VerifyReport report =
      cells().verify(block, expected, command.words.in_stride, command.tolerance, operation_);
  operation_ += block.rows;  // one read of each row
  elapse(to_time(readback_seconds(config_, block.rows, block.columns)));
  spend(readback_energy(config_, block.rows, block.columns));
  totals_.array_busy_s += array_seconds(config_, 1) * block.rows;
  ++totals_.verifies;
  verify_failed_ = report.failed;
  verify_error_ = static_cast<std::uint64_t>(std::llround(report.rms_error * 1000.0));
  return {};
}

Tile::Outcome Tile::refresh(const Command& command) {
  if (!kind_.writable) return {ENGINE_ERROR_READ_ONLY, AIMC_CIM_WORD(op)};
  if (Fault fault = check_block(command)) return *fault;
  if (state(command.block) == CellState::expired)
    return {ENGINE_ERROR_EXPIRED, AIMC_CIM_WORD(rows)};

  const Block& block = command.block;
  // Reading comes first: a stop during it leaves everything as it was.
  elapse(to_time(readback_seconds(config_, block.rows, block.columns)));
  spend(readback_energy(config_, block.rows, block.columns));
  totals_.array_busy_s += array_seconds(config_, 1) * block.rows;
  const ProgramReport cost = cells().refresh(block, weight_loads_++);
  failed_ = cost.failed;
  take_write(block, cost, refresh_energy_);
  ++refreshes_;
  ++totals_.refreshes;
  return {};
}

Tile::Outcome Tile::recalibrate(const Command& command) {
  if (!capability_.recalibrates) return {ENGINE_ERROR_UNSUPPORTED, AIMC_CIM_WORD(op)};
  const cim_command_t& words = command.words;
  if (Fault fault = check_strided(words.in, words.in_stride, words.count, config_.rows))
    return *fault;

  std::span<const std::int8_t> inputs;
  if (words.count > 0)
    inputs = {reinterpret_cast<const std::int8_t*>(&sram()[words.in]),
              std::size_t{words.count - 1} * words.in_stride + config_.rows};
  const CalibrationReport report =
      cells().recalibrate(inputs, words.in_stride, words.count, operation_);
  operation_ += report.products;
  elapse(to_time(mvm_seconds(config_, config_.rows, config_.columns, report.products)));
  spend(product_energy(config_, config_.rows, config_.columns, report.products));
  totals_.array_busy_s += static_cast<double>(report.products) * array_seconds(config_);
  ++recalibrations_;
  ++totals_.recalibrations;
  return {};
}

}  // namespace aimc::cim
