// SPDX-License-Identifier: Apache-2.0
// What stops the engine: wrong commands, CTRL.RESET and the reset of the platform.
#include <nlohmann/json.hpp>

#include "engine_fixture.h"

namespace aimc::activation {
namespace {

using testing::Bytes;
using testing::Example;
using testing::example;
using testing::reference;
using testing::Words;

TEST_F(EngineTest, MisalignedOrCutDescriptorIsABadDescriptor) {
  push(0x42);
  run_cycles(10);
  expect_error(ENGINE_ERROR_BAD_DESCRIPTOR, 0x42);
  write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  const auto last = static_cast<std::uint32_t>(config.engine.sram_bytes) - 60;
  push(last);  // 15 of 16 words
  run_cycles(10);
  expect_error(ENGINE_ERROR_BAD_DESCRIPTOR, last);
  write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  push(0xfffffffc);
  run_cycles(10);
  expect_error(ENGINE_ERROR_BAD_DESCRIPTOR, 0xfffffffc);
}

TEST_F(EngineTest, UnknownCommandIsABadOpcode) {
  Example given = hundred();
  given.words[0] = 0x77;
  start(given);
  run_cycles(100);
  expect_error(ENGINE_ERROR_BAD_OPCODE, 0);
  EXPECT_EQ(read(ENGINE_ERROR_COMMAND_OFFSET), kDescriptor);
  EXPECT_EQ(services.warnings.size(), 1u);
}

TEST_F(EngineTest, WrongFieldIsNamedByItsOffset) {
  Example given = hundred();
  given.words[9] = 63;  // SHIFT
  start(given);
  run_cycles(100);
  expect_error(ENGINE_ERROR_BAD_ARGUMENT, 36);
}

TEST_F(EngineTest, OperandBeyondSramIsNamedByItsFirstBadAddress) {
  Example given = hundred();
  given.words[4] = 0x3ffff;  // OUT: one byte of 256 KiB is left
  start(given);
  run_cycles(100);
  expect_error(ENGINE_ERROR_SRAM_RANGE, 0x40000);
  EXPECT_EQ(read(ACT_OPERATIONS_OFFSET), 0u);
  EXPECT_EQ(engine.energy().total(), 0.0);
  nlohmann::ordered_json stats;
  engine.report(stats);
  EXPECT_EQ(stats["errors"], 1);
}

TEST_F(EngineTest, ErrorHoldsTheQueueUntilResetAndThenWorkGoesOn) {
  const Example good = hundred();
  Words bad = good.words;
  bad[1] = 0;
  write(ENGINE_IRQ_ENABLE_OFFSET, ENGINE_IRQ_ENABLE_ERROR_MASK);
  load(0, good.sram);
  load_words(kDescriptor, good.words);
  load_words(0x80, bad);
  push(0x80);
  push(kDescriptor);
  run_cycles(1000);
  expect_error(ENGINE_ERROR_BAD_ARGUMENT, 4);
  EXPECT_TRUE(irq.read());
  write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  run_cycles(1000);
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(read(ENGINE_STATUS_OFFSET), 0u);
  EXPECT_EQ(read(ENGINE_DONE_COUNT_OFFSET), 0u) << "queued commands were dropped";
  const Bytes sram = fetch(0, good.sram.size());
  push(kDescriptor);
  run_cycles(1000);
  EXPECT_EQ(read(ENGINE_DONE_COUNT_OFFSET), 1u);
  EXPECT_EQ(fetch(good.words[4], 100), reference(good.words, sram));
}

TEST_F(EngineTest, StoppedCommandWritesNothingAndCostsNothing) {
  const Example given = hundred();
  start(given);
  const Bytes before = fetch(0, given.sram.size());
  run_cycles(kHundredCycles - 1);
  write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  run_cycles(100);
  EXPECT_EQ(fetch(0, given.sram.size()), before);
  EXPECT_EQ(read(ENGINE_STATUS_OFFSET), 0u);
  EXPECT_EQ(read(ACT_OPERATIONS_OFFSET), 0u);
  EXPECT_EQ(engine.energy().total(), 0.0);
  push(kDescriptor);  // and the engine is free again
  run_cycles(kHundredCycles + 1);
  EXPECT_EQ(fetch(given.words[4], 100), reference(given.words, before));
  EXPECT_EQ(read(ACT_OPERATIONS_OFFSET), 100u);
}

TEST_F(EngineTest, CommandQueuedRightAfterAStopRunsWhole) {
  const Example given = hundred();
  start(given);
  const Bytes before = fetch(0, given.sram.size());
  run_cycles(10);
  write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  push(kDescriptor);
  run_ps(2500 * kHundredCycles + 1);
  EXPECT_EQ(read(ENGINE_DONE_COUNT_OFFSET), 1u);
  EXPECT_EQ(fetch(given.words[4], 100), reference(given.words, before));
}

TEST_F(EngineTest, ResetOfThePlatformInMidWorkClearsEverything) {
  const Example given = hundred();
  write(ENGINE_IRQ_ENABLE_OFFSET, ENGINE_IRQ_ENABLE_DONE_MASK);
  start(given);
  run_cycles(kHundredCycles + 1);
  ASSERT_EQ(read(ACT_OPERATIONS_OFFSET), 100u);
  push(kDescriptor);
  run_cycles(10);
  engine.reset();
  run_cycles(100);
  EXPECT_EQ(read(ENGINE_STATUS_OFFSET), 0u);
  EXPECT_EQ(read(ENGINE_DONE_COUNT_OFFSET), 0u);
  EXPECT_EQ(read(ACT_OPERATIONS_OFFSET), 0u);
  EXPECT_EQ(read(ACT_LANES_OFFSET), 16u);
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(fetch(0, given.sram.size()), Bytes(given.sram.size(), 0));
}

}  // namespace
}  // namespace aimc::activation
