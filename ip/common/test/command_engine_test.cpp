// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/command_engine.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aimc/common/engine_map.h"
#include "aimc/common/engine_regs.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/register_walk.h"
#include "aimc/testing/services.h"

namespace aimc {
namespace {

using sc_core::SC_NS;
using sc_core::sc_start;

constexpr std::uint64_t kSram = ENGINE_SRAM_OFFSET;

constexpr FieldInfo kFields[] = {{"VALUE", 0, 32, Access::rw, 5, ""}};
constexpr RegisterInfo kRegisters[] = {{"OWN", 0x100, 1, 4, 4, 5, kFields, ""}};
constexpr RegisterMap kToyMap{"toy", "", 0x200, kRegisters};

/// Commands of four words: opcode, cycles, address, value. Opcode 1 waits and then stores the
/// value; any other is an error.
class ToyEngine : public CommandEngine {
 public:
  ToyEngine(const sc_core::sc_module_name& name, Services& services, const EngineConfig& config)
      : CommandEngine(name, services, config, "TOYE", kToyMap) {}
  using CommandEngine::strided_in_sram;
  int aborted = 0;

 protected:
  Outcome execute(std::uint32_t descriptor) override {
    if (load_word(descriptor) != 1) return {ENGINE_ERROR_BAD_OPCODE, descriptor};
    try {
      elapse(cycles(load_word(descriptor + 4)));
    } catch (const Aborted&) {
      ++aborted;
      throw;
    }
    store_word(load_word(descriptor + 8), load_word(descriptor + 12));
    return {};
  }
  std::uint16_t command_name(std::uint32_t) override { return 0; }
};

/// 100 MHz: a cycle is 10 ns. Dispatch takes 2 cycles. SRAM port 8 bytes wide.
class CommandEngineTest : public ::testing::Test {
 protected:
  CommandEngineTest()
      : engine("engine", services.services,
               {.sram_bytes = 8192,
                .queue_depth = 3,
                .clock_hz = 100e6,
                .sram_bytes_per_cycle = 8,
                .dispatch_cycles = 2}),
        bus("bus"),
        irq("irq_line") {
    bus.out.bind(engine.noc_in);
    engine.irq.bind(irq);
    settle();
  }
  void settle() {
    for (int i = 0; i < 6; ++i) sc_start(sc_core::SC_ZERO_TIME);
  }
  void put(std::uint32_t at, std::uint32_t opcode, std::uint32_t cycles, std::uint32_t address,
           std::uint32_t value) {
    bus.write(kSram + at, opcode);
    bus.write(kSram + at + 4, cycles);
    bus.write(kSram + at + 8, address);
    bus.write(kSram + at + 12, value);
  }
  tlm::tlm_response_status push(std::uint32_t descriptor) {
    const auto status = bus.write(ENGINE_QUEUE_PUSH_OFFSET, descriptor);
    settle();
    return status;
  }
  std::uint32_t status() { return bus.read(ENGINE_STATUS_OFFSET); }
  std::uint32_t level() { return ENGINE_STATUS_LEVEL_GET(status()); }
  void enable(std::uint32_t mask) {
    bus.write(ENGINE_IRQ_ENABLE_OFFSET, mask);
    settle();
  }

  testing::TestServices services;
  ToyEngine engine;
  testing::BusMaster bus;
  sc_core::sc_signal<bool> irq;
};

TEST_F(CommandEngineTest, HasTheRegistersOfItsDescription) {
  testing::RegisterWalk walk;
  walk.live = {"ID", "SRAM_BYTES", "QUEUE_DEPTH"};
  walk.acting = {"QUEUE_PUSH"};
  walk.run(bus, regs::kEngine);
  walk.run(bus, kToyMap);
  EXPECT_EQ(bus.read(ENGINE_ID_OFFSET), 0x45594f54u);
  EXPECT_EQ(bus.read(ENGINE_SRAM_BYTES_OFFSET), 8192u);
  EXPECT_EQ(bus.read(ENGINE_QUEUE_DEPTH_OFFSET), 3u);
}

TEST_F(CommandEngineTest, ExecutesACommandInItsTimeAndInterrupts) {
  enable(ENGINE_IRQ_ENABLE_DONE_MASK);
  put(0, 1, 5, 0x100, 0xcafe);
  EXPECT_EQ(push(0), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(status(), ENGINE_STATUS_BUSY_MASK | ENGINE_STATUS_LEVEL_SET(1));
  sc_start(69, SC_NS);
  EXPECT_EQ(bus.read(kSram + 0x100), 0u) << "results appear when the command ends";
  EXPECT_FALSE(irq.read());
  sc_start(2, SC_NS);
  EXPECT_EQ(bus.read(kSram + 0x100), 0xcafeu) << "2 cycles of dispatch and 5 of work are 70 ns";
  EXPECT_TRUE(irq.read());
  EXPECT_EQ(status(), 0u);
  EXPECT_EQ(bus.read(ENGINE_DONE_COUNT_OFFSET), 1u);
  bus.write(ENGINE_IRQ_STATUS_OFFSET, ENGINE_IRQ_STATUS_DONE_MASK);
  settle();
  EXPECT_FALSE(irq.read()) << "the interrupt drops when its event is cleared";
}

TEST_F(CommandEngineTest, KeepsTheLineLowForEventsThatAreNotEnabled) {
  put(0, 1, 1, 0x100, 1);
  push(0);
  sc_start(1, sc_core::SC_US);
  EXPECT_EQ(bus.read(ENGINE_IRQ_STATUS_OFFSET), ENGINE_IRQ_STATUS_DONE_MASK);
  EXPECT_FALSE(irq.read());
  enable(ENGINE_IRQ_ENABLE_DONE_MASK);
  EXPECT_TRUE(irq.read());
  enable(0);
  EXPECT_FALSE(irq.read());
}

TEST_F(CommandEngineTest, RunsItsQueueInOrder) {
  put(0x00, 1, 10, 0x100, 1);
  put(0x10, 1, 1, 0x100, 2);
  push(0x00);
  push(0x10);
  EXPECT_EQ(level(), 2u);
  sc_start(121, SC_NS);
  EXPECT_EQ(bus.read(kSram + 0x100), 1u);
  EXPECT_EQ(level(), 1u);
  sc_start(30, SC_NS);
  EXPECT_EQ(bus.read(kSram + 0x100), 2u);
  EXPECT_EQ(level(), 0u);
}

TEST_F(CommandEngineTest, AnswersAPushToAFullQueueWithABusError) {
  put(0, 1, 100, 0x100, 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(push(0), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(level(), 3u);
  EXPECT_EQ(push(0), tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(level(), 3u);
  sc_start(2, sc_core::SC_US);
  EXPECT_EQ(push(0), tlm::TLM_OK_RESPONSE) << "a place came free";
}

TEST_F(CommandEngineTest, RefusesPushesThatAreNotOneWord) {
  std::uint64_t two = 0;
  EXPECT_EQ(bus.transfer(tlm::TLM_WRITE_COMMAND, ENGINE_IRQ_STATUS_OFFSET, &two, 8),
            tlm::TLM_BURST_ERROR_RESPONSE);
  std::uint8_t byte = 0;
  EXPECT_EQ(bus.transfer(tlm::TLM_WRITE_COMMAND, ENGINE_QUEUE_PUSH_OFFSET, &byte, 1),
            tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(level(), 0u);
}

TEST_F(CommandEngineTest, HaltsAtAnErrorAndSaysWhichCommand) {
  enable(ENGINE_IRQ_ENABLE_ERROR_MASK);
  put(0x20, 9, 0, 0, 0);
  put(0x40, 1, 1, 0x100, 7);
  push(0x20);
  push(0x40);
  sc_start(1, sc_core::SC_US);
  EXPECT_TRUE(irq.read());
  EXPECT_EQ(status() & ENGINE_STATUS_HALTED_MASK, ENGINE_STATUS_HALTED_MASK);
  EXPECT_EQ(bus.read(ENGINE_ERROR_CODE_OFFSET), ENGINE_ERROR_BAD_OPCODE);
  EXPECT_EQ(bus.read(ENGINE_ERROR_COMMAND_OFFSET), 0x20u);
  EXPECT_EQ(bus.read(kSram + 0x100), 0u) << "the queue stands still";
  EXPECT_EQ(level(), 1u);
  EXPECT_EQ(services.warnings.size(), 1u);

  bus.write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  settle();
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(status(), 0u) << "the queue was dropped";
  EXPECT_EQ(bus.read(ENGINE_ERROR_CODE_OFFSET), ENGINE_ERROR_NONE);
  push(0x40);
  sc_start(1, sc_core::SC_US);
  EXPECT_EQ(bus.read(kSram + 0x100), 7u) << "and it works again";
}

TEST_F(CommandEngineTest, ReportsDescriptorsOutsideOfSram) {
  for (const std::uint32_t bad : {8192u, 0xfffffffcu, 2u}) {
    push(bad);
    sc_start(1, sc_core::SC_US);
    EXPECT_EQ(bus.read(ENGINE_ERROR_CODE_OFFSET), ENGINE_ERROR_BAD_DESCRIPTOR) << bad;
    EXPECT_EQ(bus.read(ENGINE_ERROR_ADDRESS_OFFSET), bad);
    bus.write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
    settle();
  }
}

TEST_F(CommandEngineTest, StopsInMidWorkWhenTheGuestResetsIt) {
  enable(ENGINE_IRQ_ENABLE_DONE_MASK);
  put(0, 1, 100, 0x100, 1);
  push(0);
  push(0);
  sc_start(500, SC_NS);
  bus.write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  settle();
  EXPECT_EQ(engine.aborted, 1);
  EXPECT_EQ(status(), 0u);
  sc_start(5, sc_core::SC_US);
  EXPECT_EQ(bus.read(kSram + 0x100), 0u) << "the stopped command left nothing";
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(bus.read(ENGINE_DONE_COUNT_OFFSET), 0u);
  EXPECT_EQ(bus.read(kSram + 4), 100u) << "SRAM keeps its contents";
}

TEST_F(CommandEngineTest, ReturnsToPowerOnByResetInMidWork) {
  enable(ENGINE_IRQ_ENABLE_DONE_MASK);
  put(0, 1, 1, 0x100, 1);
  push(0);
  sc_start(1, sc_core::SC_US);
  EXPECT_TRUE(irq.read());
  bus.write(0x100, 99);
  put(0, 1, 100, 0x100, 2);
  push(0);
  sc_start(100, SC_NS);
  engine.reset();
  settle();
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(bus.read(0x100), 5u);
  EXPECT_EQ(bus.read(kSram + 0x100), 0u);
  EXPECT_EQ(bus.read(ENGINE_IRQ_ENABLE_OFFSET), 0u);
  EXPECT_EQ(bus.read(ENGINE_DONE_COUNT_OFFSET), 0u);
  sc_start(5, sc_core::SC_US);
  EXPECT_EQ(status(), 0u);
  EXPECT_EQ(bus.read(kSram + 0x100), 0u);
  testing::RegisterWalk walk;
  walk.live = {"ID", "SRAM_BYTES", "QUEUE_DEPTH"};
  walk.acting = {"QUEUE_PUSH"};
  walk.run(bus, regs::kEngine);
}

TEST_F(CommandEngineTest, TakesACommandPushedRightAfterAReset) {
  put(0, 1, 100, 0x100, 1);
  put(0x10, 1, 1, 0x104, 2);
  push(0);
  sc_start(100, SC_NS);
  bus.write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  bus.write(ENGINE_QUEUE_PUSH_OFFSET, 0x10);  // in the same delta cycle
  sc_start(1, sc_core::SC_US);
  EXPECT_EQ(bus.read(kSram + 0x100), 0u);
  EXPECT_EQ(bus.read(kSram + 0x104), 2u);
}

TEST_F(CommandEngineTest, ServesSramWithByteEnablesAndItsPortsTime) {
  bus.write_bytes(kSram + 0x200, std::vector<std::uint8_t>(17, 0xaa));
  EXPECT_EQ(bus.delay, sc_core::sc_time(30, SC_NS)) << "17 bytes are 3 cycles of 8 bytes";
  std::uint32_t value = 0x11223344;
  unsigned char enables[] = {0xff, 0, 0, 0xff};
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_WRITE_COMMAND);
  txn.set_address(kSram + 0x200);
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  txn.set_data_length(4);
  txn.set_streaming_width(4);
  txn.set_byte_enable_ptr(enables);
  txn.set_byte_enable_length(4);
  sc_core::sc_time delay;
  bus.out->b_transport(txn, delay);
  EXPECT_EQ(bus.read(kSram + 0x200), 0x11aaaa44u);
  EXPECT_EQ(bus.write(kSram + 8189, 0), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bus.write(kSram + 8192, 0), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bus.write(0x300, 0), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "between registers and SRAM";
}

TEST_F(CommandEngineTest, CountsWorkAndTrafficButNotDebugAccesses) {
  put(0, 1, 8, 0x100, 1);
  push(0);
  sc_start(1, sc_core::SC_US);
  bus.read(kSram);
  std::uint32_t word = 0;
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(kSram + 12);
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
  txn.set_data_length(4);
  EXPECT_EQ(bus.out->transport_dbg(txn), 4u);
  EXPECT_EQ(word, 1u);
  nlohmann::ordered_json stats;
  engine.report(stats);
  EXPECT_EQ(stats["commands"], 1);
  EXPECT_EQ(stats["errors"], 0);
  EXPECT_DOUBLE_EQ(stats["busy_s"], 100e-9);
  EXPECT_EQ(stats["bytes_in"], 16);
  EXPECT_EQ(stats["bytes_out"], 4);
}

TEST_F(CommandEngineTest, FindsTheFirstBadAddressOfAStridedOperand) {
  std::uint32_t fault = 0;
  EXPECT_TRUE(engine.strided_in_sram(0, 4096, 2, 4096, &fault));
  EXPECT_TRUE(engine.strided_in_sram(0xffffffff, 1, 0, 4, &fault)) << "nothing is everywhere";
  EXPECT_FALSE(engine.strided_in_sram(0, 4096, 3, 4096, &fault));
  EXPECT_EQ(fault, 8192u);
  EXPECT_FALSE(engine.strided_in_sram(0, 0x80000000, 4, 4, &fault));
  EXPECT_EQ(fault, 0x80000000u);
  EXPECT_FALSE(engine.strided_in_sram(8190, 0, 1, 4, &fault));
  EXPECT_EQ(fault, 8190u);
  EXPECT_TRUE(engine.strided_in_sram(8188, 0, 1000, 4, &fault)) << "a stride of 0 stays";
}

}  // namespace
}  // namespace aimc
