// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "aimc/cim/cim_regs.h"
#include "aimc/cim/tile.h"
#include "aimc/common/engine_regs.h"
#include "aimc/common/fixed_point.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/services.h"
#include "array_fixture.h"

namespace aimc::cim {

/// A tile of 64 x 40 cells with 64 KiB of SRAM, driven over its socket.
class TileTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kCommand = 0x0;
  static constexpr std::uint32_t kWeights = 0x400;
  static constexpr std::uint32_t kInputs = 0x2000;
  static constexpr std::uint32_t kOutputs = 0x6000;
  static constexpr std::uint32_t kSums = 0xa000;
  static constexpr std::uint32_t kAffine = 0xe000;
  static constexpr std::uint32_t kSramBytes = 0x10000;

  /// Makes the tile from `config`, in which a test may have changed more.
  void make(const std::string& kind = "ideal", unsigned threads = 1, std::uint64_t seed = 1) {
    config.kind = kind;
    config.rows = 64;
    config.columns = 40;
    config.engine.sram_bytes = kSramBytes;
    services = std::make_unique<testing::TestServices>(threads, seed);
    tile = std::make_unique<Tile>("tile", config, services->services);
    bus = std::make_unique<testing::BusMaster>("bus");
    bus->out.bind(tile->noc_in);
    tile->irq.bind(irq);
    settle();
  }
  void settle() {
    for (int i = 0; i < 6; ++i) sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  void put(std::uint32_t address, const std::vector<std::int8_t>& bytes) {
    std::memcpy(&tile->sram()[address], bytes.data(), bytes.size());
  }
  void put_sums(std::uint32_t address, const std::vector<std::int32_t>& sums) {
    std::memcpy(&tile->sram()[address], sums.data(), sums.size() * 4);
  }
  std::vector<std::int8_t> get(std::uint32_t address, std::size_t count) {
    std::vector<std::int8_t> bytes(count);
    std::memcpy(bytes.data(), &tile->sram()[address], count);
    return bytes;
  }
  std::vector<std::int32_t> get_sums(std::uint32_t address, std::size_t count) {
    std::vector<std::int32_t> sums(count);
    std::memcpy(sums.data(), &tile->sram()[address], count * 4);
    return sums;
  }

  void start(const cim_command_t& command, std::uint32_t at = kCommand) {
    std::memcpy(&tile->sram()[at], &command, sizeof command);
    EXPECT_EQ(bus->write(ENGINE_QUEUE_PUSH_OFFSET, at), tlm::TLM_OK_RESPONSE);
    settle();
  }
  /// Runs a command to its end. @returns the error code.
  std::uint32_t run(const cim_command_t& command) {
    start(command);
    while ((bus->read(ENGINE_STATUS_OFFSET) & ENGINE_STATUS_HALTED_MASK) == 0 &&
           (bus->read(ENGINE_STATUS_OFFSET) & ENGINE_STATUS_BUSY_MASK) != 0)
      sc_core::sc_start(1, sc_core::SC_US);
    return bus->read(ENGINE_ERROR_CODE_OFFSET);
  }
  /// Runs a command that must fail; the queue is usable again afterwards.
  /// @returns {error code, error address}.
  std::pair<std::uint32_t, std::uint32_t> fail(const cim_command_t& command) {
    const std::uint32_t code = run(command);
    const std::uint32_t address = bus->read(ENGINE_ERROR_ADDRESS_OFFSET);
    bus->write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
    settle();
    return {code, address};
  }

  static std::uint32_t span(unsigned first, unsigned count) {
    return CIM_COMMAND_ROWS_FIRST_SET(first) | CIM_COMMAND_ROWS_COUNT_SET(count);
  }
  cim_command_t program_command(const Block& block) const {
    cim_command_t command{};
    command.op = CIM_OPCODE_PROGRAM;
    command.rows = span(block.first_row, block.rows);
    command.columns = span(block.first_column, block.columns);
    command.in = kWeights;
    command.in_stride = block.columns;
    return command;
  }
  /// Raw accumulators of `count` packed vectors.
  cim_command_t raw_command(const Block& block, std::uint32_t count) const {
    cim_command_t command{};
    command.op = CIM_OPCODE_MVM | CIM_COMMAND_OP_RAW_SET(1);
    command.rows = span(block.first_row, block.rows);
    command.columns = span(block.first_column, block.columns);
    command.count = count;
    command.in = kInputs;
    command.in_stride = block.rows;
    command.out = kOutputs;
    command.out_stride = block.columns * 4;
    return command;
  }
  void program(const Block& block, const std::vector<std::int8_t>& weights) {
    put(kWeights, weights);
    ASSERT_EQ(run(program_command(block)), ENGINE_ERROR_NONE);
  }
  nlohmann::ordered_json report() {
    nlohmann::ordered_json stats;
    tile->report(stats);
    return stats;
  }
  double energy(const std::string& cause) {
    for (const auto& entry : tile->energy().entries())
      if (entry.cause == cause) return entry.joules;
    return -1.0;
  }

  TileConfig config;
  std::unique_ptr<testing::TestServices> services;
  sc_core::sc_signal<bool> irq;
  std::unique_ptr<Tile> tile;
  std::unique_ptr<testing::BusMaster> bus;
};

}  // namespace aimc::cim
