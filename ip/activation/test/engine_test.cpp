// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "engine_fixture.h"

namespace aimc::activation {
namespace {

using testing::Bytes;
using testing::Example;
using testing::example;
using testing::reference;
using testing::Words;

TEST_F(EngineTest, NamesItselfAndItsLanes) {
  const std::uint32_t id = read(ENGINE_ID_OFFSET);
  EXPECT_EQ(std::memcmp(&id, "ACTE", 4), 0);
  EXPECT_EQ(read(ACT_LANES_OFFSET), 16u);
  EXPECT_EQ(read(ACT_OPERATIONS_OFFSET), 0u);
  EXPECT_EQ(master.write(ACT_LANES_OFFSET, 1), tlm::TLM_COMMAND_ERROR_RESPONSE);
}

TEST_F(EngineTest, ResultAppearsWithTheInterruptAfterTheStatedCycles) {
  const Example given = hundred();
  write(ENGINE_IRQ_ENABLE_OFFSET, ENGINE_IRQ_ENABLE_DONE_MASK);
  start(given);
  const Bytes before = fetch(given.words[4], 100);
  run_ps(2500 * kHundredCycles - 1);
  EXPECT_EQ(fetch(given.words[4], 100), before);
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(read(ENGINE_DONE_COUNT_OFFSET), 0u);
  run_ps(2);
  EXPECT_EQ(fetch(given.words[4], 100), reference(given.words, given.sram));
  EXPECT_TRUE(irq.read());
  EXPECT_EQ(read(ENGINE_DONE_COUNT_OFFSET), 1u);
  write(ENGINE_IRQ_STATUS_OFFSET, ENGINE_IRQ_STATUS_DONE_MASK);
  run_ps(1);
  EXPECT_FALSE(irq.read());
}

TEST_F(EngineTest, EveryCommandEndsWithTheReferencesResult) {
  std::uint32_t done = 0;
  for (std::uint32_t opcode = 1; opcode <= 10; ++opcode) {
    if (opcode == ACT_OPCODE_SIGMOID || opcode == ACT_OPCODE_TANH) continue;
    const Example given = example({.opcode = opcode, .count = 333}, opcode);
    start(given);
    run_cycles(100000);
    const Bytes wanted = reference(given.words, given.sram);
    EXPECT_EQ(fetch(given.words[4], wanted.size()), wanted) << "opcode " << opcode;
    EXPECT_EQ(read(ENGINE_DONE_COUNT_OFFSET), ++done);
  }
}

TEST_F(EngineTest, SigmoidAndTanhEndWithTheFunctionsValues) {
  for (const std::uint32_t opcode : {ACT_OPCODE_SIGMOID, ACT_OPCODE_TANH}) {
    const Example given = example({.opcode = opcode, .count = 333}, opcode);
    start(given);
    run_cycles(1000);
    const std::vector<double> exact = testing::functions(given.words, given.sram);
    const Bytes out = fetch(given.words[4], 333);
    for (std::size_t i = 0; i < out.size(); ++i)
      EXPECT_NEAR(static_cast<std::int8_t>(out[i]), exact[i], 1.0);
  }
}

TEST_F(EngineTest, OperandsAreReadWhenTheCommandStarts) {
  const Example given = hundred();
  start(given);
  run_cycles(10);
  load(given.words[2], Bytes(100, 0));  // while the command runs
  run_cycles(kHundredCycles);
  EXPECT_EQ(fetch(given.words[4], 100), reference(given.words, given.sram));
}

TEST_F(EngineTest, CommandWorksInPlaceAndLeavesTheRestAlone) {
  Example given = hundred();
  given.words[4] = given.words[2];
  start(given);
  run_cycles(kHundredCycles + 1);
  const std::uint32_t at = given.words[2];
  EXPECT_EQ(fetch(at, 100), reference(given.words, given.sram));
  EXPECT_EQ(fetch(at - 1, 1)[0], given.sram[at - 1]);
  EXPECT_EQ(fetch(at + 100, 1)[0], given.sram[at + 100]);
}

TEST_F(EngineTest, QueuedCommandsRunInOrderEachOnTheResultOfTheLast) {
  Example given = hundred();
  Words second = given.words;
  second[2] = given.words[4];
  second[4] = 0x400;
  start(given);
  load_words(0x80, second);
  push(0x80);
  EXPECT_EQ(ENGINE_STATUS_LEVEL_GET(read(ENGINE_STATUS_OFFSET)), 2u);
  run_ps(2500 * 2 * kHundredCycles + 1);
  EXPECT_EQ(read(ENGINE_DONE_COUNT_OFFSET), 2u);
  const Bytes first = reference(given.words, given.sram);
  std::copy(first.begin(), first.end(), given.sram.begin() + given.words[4]);
  EXPECT_EQ(fetch(0x400, 100), reference(second, given.sram));
}

TEST_F(EngineTest, CountsOperationsElementsAndEnergyOfFinishedCommands) {
  start(hundred());
  run_cycles(100);
  start(example({.opcode = ACT_OPCODE_SOFTMAX, .count = 50}, 2));
  run_cycles(100);
  EXPECT_EQ(read(ACT_OPERATIONS_OFFSET), 250u);
  nlohmann::ordered_json stats;
  engine.report(stats);
  EXPECT_EQ(stats["commands"], 2);
  EXPECT_EQ(stats["errors"], 0);
  EXPECT_EQ(stats["operations"], 250);
  EXPECT_EQ(stats["elements"], 150);
  ASSERT_EQ(engine.energy().entries().size(), 1u);
  EXPECT_EQ(engine.energy().entries()[0].cause, "digital");
  EXPECT_DOUBLE_EQ(engine.energy().total(), 250 * 8.3e-12);
}

TEST_F(EngineTest, WholeSramMayBeOneVector) {
  Example given = hundred();
  given.sram.resize(config.engine.sram_bytes, 7);
  given.words[1] = static_cast<std::uint32_t>(given.sram.size());
  given.words[2] = given.words[4] = 0;
  load(0, given.sram);
  load_words(kDescriptor, given.words);
  const Bytes sram = fetch(0, given.sram.size());  // with the descriptor
  push(kDescriptor);
  run_ps(2500 * (4 + 16384 + 8) + 1);
  EXPECT_EQ(fetch(0, sram.size()), reference(given.words, sram));
}

class ConfiguredEngine : public ::testing::Test {};

TEST_F(ConfiguredEngine, ParametersAreReadFromTheirNames) {
  Config config;
  ParamTable table;
  describe(table, config);
  table.read(load_yaml_text("{lanes: 32, pipeline_cycles: 3, element_energy: 2 pJ, "
                            "static_power: 5 mW, clock: 1 GHz}",
                            "test.yaml"),
             "act0");
  EXPECT_EQ(config.lanes, 32u);
  EXPECT_EQ(config.pipeline_cycles, 3u);
  EXPECT_DOUBLE_EQ(config.element_energy_j, 2e-12);
  EXPECT_DOUBLE_EQ(config.static_power_w, 5e-3);
  EXPECT_DOUBLE_EQ(config.engine.clock_hz, 1e9);
  EXPECT_THROW(table.read(load_yaml_text("{lanes: 0}", "test.yaml"), "act0"), UserError);
  EXPECT_THROW(table.read(load_yaml_text("{lane: 1}", "test.yaml"), "act0"), UserError);
}

TEST_F(ConfiguredEngine, LanesAndStaticPowerFollowTheParameters) {
  aimc::testing::TestServices services;
  Config config;
  config.lanes = 1;
  config.pipeline_cycles = 0;
  config.static_power_w = 0.25;
  Engine engine("act0", config, services.services);
  aimc::testing::BusMaster master("master");
  sc_core::sc_signal<bool> irq;
  master.out.bind(engine.noc_in);
  engine.irq(irq);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  EXPECT_EQ(master.read(ACT_LANES_OFFSET), 1u);
  EXPECT_DOUBLE_EQ(engine.static_power_w(), 0.25);
  const Example given = hundred();
  master.write_bytes(ENGINE_SRAM_OFFSET, given.sram);
  for (std::uint32_t i = 0; i < 16; ++i)
    master.write(ENGINE_SRAM_OFFSET + 0x40 + 4 * i, given.words[i]);
  master.write(ENGINE_QUEUE_PUSH_OFFSET, 0x40);
  sc_core::sc_start(sc_core::sc_time::from_value(2500 * 104 - 1));
  EXPECT_EQ(master.read(ENGINE_DONE_COUNT_OFFSET), 0u);
  sc_core::sc_start(sc_core::sc_time::from_value(2));
  EXPECT_EQ(master.read(ENGINE_DONE_COUNT_OFFSET), 1u);
}

}  // namespace
}  // namespace aimc::activation
