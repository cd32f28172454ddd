// SPDX-License-Identifier: Apache-2.0
#include "aimc/results/results.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aimc/common/registry.h"
#include "aimc/results/results_map.h"
#include "aimc/results/results_regs.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/register_walk.h"
#include "aimc/testing/services.h"

namespace aimc::results {
namespace {

class ResultsTest : public ::testing::Test {
 protected:
  ResultsTest() : results("results", {.latency_s = 5e-9}, services.services), bus("bus") {
    bus.out.bind(results.regs_in);
    results.on_commit([this](const Record& record) { records.push_back(record); });
  }
  testing::TestServices services;
  Results results;
  testing::BusMaster bus;
  std::vector<Record> records;
};

TEST_F(ResultsTest, HasTheRegistersOfItsDescription) {
  testing::RegisterWalk walk;
  walk.acting = {"COMMIT"};
  walk.run(bus, regs::kResults);
}

TEST_F(ResultsTest, HandsARecordToTheHost) {
  sc_core::sc_start(3, sc_core::SC_US);
  bus.write_bytes(RESULTS_WINDOW_OFFSET, std::vector<std::uint8_t>{1, 2, 3, 4, 5});
  bus.write(RESULTS_FRAME_OFFSET, 17);
  bus.write(RESULTS_CLASS_OFFSET, 9);
  bus.write(RESULTS_BYTES_OFFSET, 3);
  ASSERT_EQ(records.size(), 0u);
  EXPECT_EQ(bus.write(RESULTS_COMMIT_OFFSET, 1), tlm::TLM_OK_RESPONSE);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].frame, 17u);
  EXPECT_EQ(records[0].klass, 9u);
  EXPECT_EQ(records[0].bytes, (std::vector<std::uint8_t>{1, 2, 3}));
  EXPECT_EQ(records[0].time, sc_core::sc_time(3005, sc_core::SC_NS)) << "the write's local time";
  EXPECT_EQ(bus.read(RESULTS_COMMITTED_OFFSET), 1u);
  bus.write(RESULTS_COMMIT_OFFSET, 0);
  EXPECT_EQ(records.size(), 2u) << "any value commits";
}

TEST_F(ResultsTest, TakesARecordOfTheWholeWindow) {
  bus.write(RESULTS_BYTES_OFFSET, RESULTS_WINDOW_BYTES);
  EXPECT_EQ(bus.write(RESULTS_COMMIT_OFFSET, 1), tlm::TLM_OK_RESPONSE);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].bytes.size(), RESULTS_WINDOW_BYTES);
}

TEST_F(ResultsTest, RefusesToCommitMoreThanTheWindow) {
  bus.write(RESULTS_BYTES_OFFSET, RESULTS_WINDOW_BYTES + 1);
  EXPECT_EQ(bus.write(RESULTS_COMMIT_OFFSET, 1), tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(records.size(), 0u);
  EXPECT_EQ(services.warnings.size(), 1u);
  bus.write(RESULTS_BYTES_OFFSET, 0);
  std::vector<std::uint8_t> burst(12);  // CLASS, BYTES, COMMIT in one transaction
  burst[7] = 0x10;
  EXPECT_EQ(bus.write_bytes(RESULTS_CLASS_OFFSET, burst), tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(records.size(), 0u);
}

TEST_F(ResultsTest, ReadsBackItsWindowAndRefusesToLeaveIt) {
  bus.write(RESULTS_WINDOW_OFFSET + RESULTS_WINDOW_BYTES - 4, 0x01020304);
  EXPECT_EQ(bus.read(RESULTS_WINDOW_OFFSET + RESULTS_WINDOW_BYTES - 4), 0x01020304u);
  EXPECT_EQ(bus.write(RESULTS_WINDOW_OFFSET + RESULTS_WINDOW_BYTES - 3, 0),
            tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bus.write(RESULTS_WINDOW_OFFSET - 4, 0), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(ResultsTest, ClearsRegistersAndWindowByReset) {
  bus.write(RESULTS_WINDOW_OFFSET, 42);
  bus.write(RESULTS_FRAME_OFFSET, 7);
  bus.write(RESULTS_COMMIT_OFFSET, 1);
  results.reset();
  EXPECT_EQ(bus.read(RESULTS_WINDOW_OFFSET), 0u);
  EXPECT_EQ(bus.read(RESULTS_FRAME_OFFSET), 0u);
  EXPECT_EQ(bus.read(RESULTS_COMMITTED_OFFSET), 0u);
}

TEST_F(ResultsTest, CountsRecordsAndBytes) {
  bus.write(RESULTS_BYTES_OFFSET, 10);
  bus.write(RESULTS_COMMIT_OFFSET, 1);
  bus.write(RESULTS_COMMIT_OFFSET, 1);
  nlohmann::ordered_json stats;
  results.report(stats);
  EXPECT_EQ(stats["records"], 2);
  EXPECT_EQ(stats["bytes"], 20);
}

TEST(ResultsKindTest, ReadsItsParametersAndRefusesBadOnes) {
  Registry registry;
  registry.add<Results>("results", "", {&regs::kResults});
  const IpKind& kind = registry.find("results", {});
  EXPECT_EQ(kind.defaults().size(), kind.parameters("x", load_yaml_text("{}", "p.yaml")).size());
  EXPECT_THROW(kind.parameters("x", load_yaml_text("{latency: fast}", "p.yaml")), UserError);
}

}  // namespace
}  // namespace aimc::results
