// SPDX-License-Identifier: Apache-2.0
#include "aimc/finisher/finisher.h"

#include <gtest/gtest.h>

#include "aimc/common/registry.h"
#include "aimc/finisher/finisher_map.h"
#include "aimc/finisher/finisher_regs.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/register_walk.h"
#include "aimc/testing/services.h"

namespace aimc::finisher {
namespace {

class FinisherTest : public ::testing::Test {
 protected:
  FinisherTest() : finisher("finisher", {}, services.services), bus("bus") {
    bus.out.bind(finisher.regs_in);
  }
  testing::TestServices services;
  Finisher finisher;
  testing::BusMaster bus;
};

TEST_F(FinisherTest, PassEndsTheRunWithCode0) {
  EXPECT_EQ(bus.write(0, FINISHER_COMMAND_PASS), tlm::TLM_OK_RESPONSE);
  EXPECT_TRUE(services.finished);
  EXPECT_EQ(services.exit_code, 0);
}

TEST_F(FinisherTest, FailEndsTheRunWithTheCodeInTheUpperHalf) {
  EXPECT_EQ(bus.write(0, FINISHER_COMMAND_FAIL | (42u << 16)), tlm::TLM_OK_RESPONSE);
  EXPECT_TRUE(services.finished);
  EXPECT_EQ(services.exit_code, 42);
  EXPECT_NE(services.reason.find("42"), std::string::npos);
}

TEST_F(FinisherTest, ResetAsksForAResetAndDoesNotEndTheRun) {
  EXPECT_EQ(bus.write(0, FINISHER_COMMAND_RESET), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(services.resets, 1);
  EXPECT_FALSE(services.finished);
}

TEST_F(FinisherTest, TakesHalfwordsAsQemuDoes) {
  std::uint16_t command = FINISHER_COMMAND_PASS;
  EXPECT_EQ(bus.transfer(tlm::TLM_WRITE_COMMAND, 0, &command, 2), tlm::TLM_OK_RESPONSE);
  EXPECT_TRUE(services.finished);
  std::uint8_t byte = 0x55;
  EXPECT_EQ(bus.transfer(tlm::TLM_WRITE_COMMAND, 0, &byte, 1), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST_F(FinisherTest, AnswersUnknownCommandsWithAnErrorAndAWarning) {
  EXPECT_EQ(bus.write(0, 0x1234), tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_FALSE(services.finished);
  ASSERT_EQ(services.warnings.size(), 1u);
  EXPECT_NE(services.warnings[0].find("0x1234"), std::string::npos);
}

TEST_F(FinisherTest, ReadsAsZeroAndRefusesOtherAddresses) {
  testing::RegisterWalk walk;
  walk.acting = {"COMMAND"};
  walk.run(bus, regs::kFinisher);
  EXPECT_EQ(bus.write(4, FINISHER_COMMAND_PASS), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_FALSE(services.finished);
}

TEST(FinisherKindTest, ReadsItsParametersAndRefusesBadOnes) {
  Registry registry;
  registry.add<Finisher>("finisher", "", {&regs::kFinisher});
  const IpKind& kind = registry.find("finisher", {});
  EXPECT_EQ(kind.defaults().size(), kind.parameters("x", load_yaml_text("{}", "p.yaml")).size());
  EXPECT_THROW(kind.parameters("x", load_yaml_text("{code: 1}", "p.yaml")), UserError);
}

}  // namespace
}  // namespace aimc::finisher
