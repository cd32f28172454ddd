// SPDX-License-Identifier: Apache-2.0
// What a guest may ask of the tile: every field of a descriptor is checked before anything moves.
#include <cstring>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/tile.h"
#include "aimc/common/engine_regs.h"
#include "command.h"

namespace aimc::cim {
namespace {

constexpr std::uint32_t kAllBlocks = 0xffffffff;

bool within(std::uint32_t first, std::uint32_t count, std::uint32_t size) {
  return count > 0 && std::uint64_t{first} + count <= size;
}

}  // namespace

Tile::Fault Tile::check_block(const Command& command) const {
  const Block& block = command.block;
  const bool digital = command.opcode == CIM_OPCODE_DIGITAL;
  if (!digital && !within(block.first_row, block.rows, config_.rows))
    return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(rows)};
  const std::uint32_t columns = digital ? kAllBlocks : config_.columns;
  if (!within(block.first_column, block.columns, columns))
    return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(columns)};
  return {};
}

Tile::Fault Tile::check_patch(const Command& command) const {
  const PatchShape& patch = command.patch;
  if (patch.height == 0 || patch.width == 0)
    return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(map)};
  if (patch.patch_elements() == 0) return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(kernel)};
  if (patch.stride_y == 0 || patch.stride_x == 0)
    return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(step)};
  if (patch.vectors() == 0) return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(out_map)};
  const bool rows_fit =
      std::uint64_t{command.patch_first} + command.block.rows <= patch.patch_elements();
  if (patch.dilation_y == 0 || patch.dilation_x == 0 || !rows_fit)
    return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(patch)};
  return {};
}

Tile::Fault Tile::check_strided(std::uint32_t address, std::uint32_t stride, std::uint64_t count,
                                std::uint64_t bytes) const {
  std::uint32_t fault = 0;
  if (strided_in_sram(address, stride, count, bytes, &fault)) return {};
  return Outcome{ENGINE_ERROR_SRAM_RANGE, fault};
}

Tile::Fault Tile::check_inputs(const Command& command) const {
  const cim_command_t& words = command.words;
  Fault fault;
  switch (command.opcode) {
    case CIM_OPCODE_PROGRAM:
    case CIM_OPCODE_VERIFY:
      return check_strided(words.in, words.in_stride, command.block.rows, command.block.columns);
    case CIM_OPCODE_CONV:
      fault = check_strided(words.in, 0, 1, command.patch.map_bytes());
      break;
    case CIM_OPCODE_DIGITAL:
      fault = check_strided(words.in, words.in_stride, command.count,
                            std::uint64_t{command.block.columns} * 4);
      break;
    default:
      fault = check_strided(words.in, words.in_stride, command.count, command.block.rows);
  }
  if (fault || !command.psum) return fault;
  return check_strided(words.psum, words.psum_stride, command.count,
                       command.block.columns * command.psum_element());
}

Tile::Fault Tile::check_outputs(const Command& command) const {
  const bool rows = command.opcode == CIM_OPCODE_READBACK;
  if (!rows && command.fp16 && command.raw)
    return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(op)};
  const std::uint64_t count = rows ? command.block.rows : command.count;
  const std::uint64_t bytes = rows ? command.block.columns : command.output_bytes();
  // Overlapping outputs would depend on an order that hardware does not promise; without them the
  // work of one command is bounded by the size of SRAM.
  if (count > 1 && command.words.out_stride < bytes)
    return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(out_stride)};
  return check_strided(command.words.out, command.words.out_stride, count, bytes);
}

Tile::Fault Tile::check_failed_map(const Command& command) const {
  if (!command.failed_map) return {};
  const std::uint64_t bytes = (command.block.columns + 7) / 8;
  if (command.block.rows > 1 && command.words.out_stride < bytes)
    return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(out_stride)};
  return check_strided(command.words.out, command.words.out_stride, command.block.rows, bytes);
}

Tile::Fault Tile::check_affine(const Command& command) const {
  if (command.fp16) return check_fp16(command);
  if (command.raw) return {};
  if (command.low > command.high) return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(clamp)};
  const std::uint32_t table = command.words.affine;
  if (Fault fault = check_strided(table, CIM_AFFINE_BYTES, command.block.columns, CIM_AFFINE_BYTES))
    return fault;
  for (std::uint32_t c = 0; c < command.block.columns; ++c) {
    const std::uint32_t entry = table + c * CIM_AFFINE_BYTES;
    const std::uint32_t multiplier = load_word(entry + offsetof(cim_affine_t, multiplier));
    const std::uint32_t shift = load_word(entry + offsetof(cim_affine_t, shift));
    if (multiplier > INT32_MAX || shift > 62)
      return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(affine)};
  }
  return {};
}

Tile::Fault Tile::check_fp16(const Command& command) const {
  const std::uint32_t table = command.words.affine;
  if (Fault fault = check_strided(table, CIM_FP16_BYTES, command.block.columns, CIM_FP16_BYTES))
    return fault;
  for (std::uint32_t c = 0; c < command.block.columns; ++c)
    if (load_word(table + c * CIM_FP16_BYTES + offsetof(cim_fp16_t, shift)) > 31)
      return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(affine)};
  return {};
}

Tile::Fault Tile::check_cells(const Command& command) const {
  switch (state(command.block)) {
    case CellState::unprogrammed:
      return Outcome{ENGINE_ERROR_NOT_PROGRAMMED, AIMC_CIM_WORD(rows)};
    case CellState::expired:
      return Outcome{ENGINE_ERROR_EXPIRED, AIMC_CIM_WORD(rows)};
    case CellState::mixed_full_scale:
      if (!command.multiplies()) return {};
      return Outcome{ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(rows)};
    case CellState::ready:
      break;
  }
  return {};
}

Tile::Outcome Tile::execute(std::uint32_t descriptor) {
  if (!in_sram(descriptor, CIM_COMMAND_BYTES)) return {ENGINE_ERROR_BAD_DESCRIPTOR, descriptor};
  cim_command_t words;
  static_assert(sizeof words == CIM_COMMAND_BYTES);
  std::memcpy(&words, &sram()[descriptor], sizeof words);
  const Command command(words);
  // No product is under way here.
  if (array_) array_->advance(to_seconds(sc_core::sc_time_stamp()));
  switch (command.opcode) {
    case CIM_OPCODE_PROGRAM:
      return program(command);
    case CIM_OPCODE_MVM:
    case CIM_OPCODE_CONV:
      return products(command);
    case CIM_OPCODE_DIGITAL:
      return digital(command);
    case CIM_OPCODE_READBACK:
      return readback(command);
    case CIM_OPCODE_VERIFY:
      return verify(command);
    case CIM_OPCODE_REFRESH:
      return refresh(command);
    case CIM_OPCODE_RECALIBRATE:
      return recalibrate(command);
    default:
      return {ENGINE_ERROR_BAD_OPCODE, AIMC_CIM_WORD(op)};
  }
}

Tile::Outcome Tile::program(const Command& command) {
  if (!kind_.writable) return {ENGINE_ERROR_READ_ONLY, AIMC_CIM_WORD(op)};
  if (Fault fault = check_block(command)) return *fault;
  if (command.full_scale > 127) return {ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(weights)};
  if (Fault fault = check_failed_map(command)) return *fault;
  if (Fault fault = check_inputs(command)) return *fault;

  const auto* weights = reinterpret_cast<const std::int8_t*>(&sram()[command.words.in]);
  const ProgramReport cost = cells().program(command.block, weights, command.words.in_stride,
                                             command.full_scale, weight_loads_++);
  failed_ = cost.failed;
  take_write(command.block, cost, program_energy_);
  programmed_ += cost.cells;
  if (command.failed_map) write_failed_map(command);
  return {};
}

Tile::Outcome Tile::products(const Command& command) {
  if (Fault fault = check_block(command)) return *fault;
  if (command.convolution())
    if (Fault fault = check_patch(command)) return *fault;
  if (command.count == 0) return {ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(count)};
  if (Fault fault = check_outputs(command)) return *fault;
  if (Fault fault = check_inputs(command)) return *fault;
  if (Fault fault = check_affine(command)) return *fault;
  if (Fault fault = check_cells(command)) return *fault;

  const std::shared_ptr<Work> work = snapshot(command);
  work->first_operation = operation_;
  operation_ += command.count;
  perform(work, command,
          mvm_seconds(config_, command.block.rows, command.block.columns, command.count));
  count_products(command, *work);
  return {};
}

Tile::Outcome Tile::digital(const Command& command) {
  if (Fault fault = check_block(command)) return *fault;
  if (command.count == 0) return {ENGINE_ERROR_BAD_ARGUMENT, AIMC_CIM_WORD(count)};
  if (Fault fault = check_outputs(command)) return *fault;
  if (Fault fault = check_inputs(command)) return *fault;
  if (Fault fault = check_affine(command)) return *fault;

  const std::shared_ptr<Work> work = snapshot(command);
  perform(work, command, digital_command_seconds(config_, command.block.columns, command.count));
  const std::uint64_t results = command.count * command.block.columns;
  totals_.results += results;
  totals_.digital_busy_s +=
      static_cast<double>(command.count) * digital_seconds(config_, command.block.columns);
  spend(digital_energy(config_, command.block.columns, command.count));
  return {};
}

Tile::Outcome Tile::readback(const Command& command) {
  if (Fault fault = check_block(command)) return *fault;
  if (Fault fault = check_outputs(command)) return *fault;
  if (Fault fault = check_cells(command)) return *fault;

  const Block& block = command.block;
  std::vector<std::int8_t> weights(block.cells());
  cells().readback(block, weights.data(), block.columns);
  elapse(to_time(readback_seconds(config_, block.rows, block.columns)));
  for (unsigned r = 0; r < block.rows; ++r)
    std::memcpy(&sram()[command.words.out + std::size_t{r} * command.words.out_stride],
                &weights[std::size_t{r} * block.columns], block.columns);
  spend(readback_energy(config_, block.rows, block.columns));
  totals_.array_busy_s += array_seconds(config_, 1) * block.rows;
  return {};
}

}  // namespace aimc::cim
