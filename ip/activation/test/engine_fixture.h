// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <systemc>

#include "aimc/activation/activation_regs.h"
#include "aimc/activation/engine.h"
#include "aimc/common/engine_regs.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/services.h"
#include "reference.h"

namespace aimc::activation {

/// An engine with its defaults (400 MHz: 2500 ps a cycle; 4 cycles of dispatch, 16 lanes, pipeline
/// of 8) and a master on its network socket.
class EngineTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kDescriptor = 0x40;

  EngineTest() {
    master.out.bind(engine.noc_in);
    engine.irq(irq);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  void run_ps(std::uint64_t ps) { sc_core::sc_start(sc_core::sc_time::from_value(ps)); }
  void run_cycles(std::uint64_t cycles) { run_ps(2500 * cycles); }
  std::uint32_t read(std::uint32_t offset) { return master.read(offset); }
  void write(std::uint32_t offset, std::uint32_t value) {
    ASSERT_EQ(master.write(offset, value), tlm::TLM_OK_RESPONSE);
  }
  void load(std::uint32_t address, const testing::Bytes& bytes) {
    ASSERT_EQ(master.write_bytes(ENGINE_SRAM_OFFSET + address, bytes), tlm::TLM_OK_RESPONSE);
  }
  testing::Bytes fetch(std::uint32_t address, std::size_t count) {
    return master.read_bytes(ENGINE_SRAM_OFFSET + address, count);
  }
  void load_words(std::uint32_t address, const testing::Words& words) {
    for (std::size_t i = 0; i < words.size(); ++i)
      write(ENGINE_SRAM_OFFSET + address + 4 * static_cast<std::uint32_t>(i), words[i]);
  }
  /// Puts the operands and the command into SRAM and the command into the queue.
  void start(const testing::Example& given) {
    load(0, given.sram);
    load_words(kDescriptor, given.words);
    push(kDescriptor);
  }
  void push(std::uint32_t descriptor) { write(ENGINE_QUEUE_PUSH_OFFSET, descriptor); }
  void expect_error(std::uint32_t code, std::uint32_t address) {
    EXPECT_EQ(read(ENGINE_ERROR_CODE_OFFSET), code);
    EXPECT_EQ(read(ENGINE_ERROR_ADDRESS_OFFSET), address);
    EXPECT_NE(read(ENGINE_STATUS_OFFSET) & ENGINE_STATUS_HALTED_MASK, 0u);
    EXPECT_EQ(read(ENGINE_DONE_COUNT_OFFSET), 0u);
  }

  aimc::testing::TestServices services;
  Config config;
  Engine engine{"act0", config, services.services};
  aimc::testing::BusMaster master{"master"};
  sc_core::sc_signal<bool> irq;
};

/// AFFINE of 100 int8 elements: 7 cycles of 16 lanes.
inline testing::Example hundred(std::uint64_t seed = 1) {
  return testing::example({.opcode = ACT_OPCODE_AFFINE, .count = 100}, seed);
}
inline constexpr std::uint64_t kHundredCycles = 4 + 7 + 8;

}  // namespace aimc::activation
