// SPDX-License-Identifier: Apache-2.0
// Channels and what can go wrong: refusals, faults, resets, circles of waits.
#include <gmock/gmock.h>

#include "channels_fixture.h"

namespace aimc::noc {
namespace {

using namespace aimc::noc::testing;
using ::testing::HasSubstr;

TEST_F(ChannelsTest, RefusesWhatCannotBeWithAReasonOrABusError) {
  start();
  EXPECT_EQ(open(0, {.sources = {0}}), NOC_ERROR_MEMBERS);
  EXPECT_EQ(open(0, {.sources = {0, 1}, .sinks = {2}}), NOC_ERROR_MEMBERS);
  EXPECT_EQ(open(0, {.kind = NOC_KIND_REDUCE, .sources = {0, 1}, .sinks = {2, 3}}),
            NOC_ERROR_MEMBERS);
  EXPECT_EQ(open(0, {.bytes = 0, .sources = {0}, .sinks = {2}}), NOC_ERROR_BYTES);
  EXPECT_EQ(open(0, {.bytes = 6, .sources = {0}, .sinks = {2}}), NOC_ERROR_BYTES);
  EXPECT_EQ(open(0, {.slots = 0, .sources = {0}, .sinks = {2}}), NOC_ERROR_SLOTS);
  EXPECT_EQ(open(0, {.address = kWindow - 64, .sources = {0}, .sinks = {2}}), NOC_ERROR_BYTES);
  for (const auto& [offset, value] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
           {NOC_CH_KIND_OFFSET(0), 4},
           {NOC_CH_SLOTS_OFFSET(0), NOC_SLOTS_MAX + 1},
           {NOC_CH_BYTES_OFFSET(0), kWindow},
           {NOC_CH_ADD_SINK_OFFSET(0), 16},
           {NOC_CH_ADD_SINK_OFFSET(0), 2},
           {NOC_CH_KIND_OFFSET(16), 0},
           {NOC_CH_CTRL_OFFSET(31), 1},
           {NOC_CH_MEMBERS_OFFSET(0), 1},
           {0x1000, 0}})
    EXPECT_NE(set(offset, value), tlm::TLM_OK_RESPONSE) << std::hex << offset;
  ASSERT_EQ(open(0, {.sources = {0}, .sinks = {2}}), NOC_ERROR_NONE);
  EXPECT_NE(set(NOC_CH_SLOTS_OFFSET(0), 1), tlm::TLM_OK_RESPONSE) << "while open";
  std::uint64_t offset = 0;
  EXPECT_EQ(port(1).send(0, Bytes(64)), Result::refused) << "no source of the channel";
  EXPECT_EQ(port(0).send(0, Bytes(63)), Result::refused);
  EXPECT_EQ(port(0).receive(0, &offset), Result::refused);
  EXPECT_EQ(port(2).release(0), Result::refused) << "nothing to give back";
  EXPECT_EQ(port(0).send(99, Bytes(64)), Result::refused);
}

TEST_F(ChannelsTest, StopsAChannelWhoseSinkRefusesAVector) {
  start();
  bench.targets[2]->fail_at = 0x1000;
  ASSERT_EQ(open(0, {.sources = {0}, .sinks = {2}}), NOC_ERROR_NONE);
  port(0).send(0, Bytes(64));
  run(100);
  EXPECT_EQ(get(NOC_CH_ERROR_OFFSET(0)), NOC_ERROR_DELIVERY);
  EXPECT_EQ(get(NOC_CH_CTRL_OFFSET(0)), 0u);
  EXPECT_EQ(port(0).send(0, Bytes(64)), Result::refused);
  EXPECT_EQ(bench.services.warnings.size(), 1u);
}

TEST_F(ChannelsTest, ForgetsEverythingOnResetAndOnClosing) {
  start();
  ASSERT_EQ(open(0, {.sources = {0}, .sinks = {2}}), NOC_ERROR_NONE);
  port(0).send(0, Bytes(64, 9));
  set(NOC_CH_CTRL_OFFSET(0), 0);
  run(100);
  EXPECT_EQ(at(2, 0x1000, 1), Bytes{0});
  ASSERT_EQ(open(0, {.sources = {0}, .sinks = {2}}), NOC_ERROR_NONE);
  EXPECT_EQ(get(NOC_CH_CREDITS_OFFSET(0)), 2u);
  port(0).send(0, Bytes(64, 9));
  bench.noc.reset();
  run(100);
  EXPECT_EQ(at(2, 0x1000, 1), Bytes{0});
  EXPECT_EQ(get(NOC_CH_MEMBERS_OFFSET(0)), 0u);
}

TEST_F(ChannelsTest, TheWatchdogNamesVectorsThatWaitForEachOther) {
  start();
  ASSERT_EQ(open(0, {.slots = 1, .sources = {1}, .sinks = {2}}), NOC_ERROR_NONE);
  ASSERT_EQ(open(1, {.slots = 1, .sources = {2}, .sinks = {1}}), NOC_ERROR_NONE);
  for (const unsigned one : {1u, 2u}) {
    EXPECT_EQ(port(one).send(one - 1, Bytes(64)), Result::done);
    EXPECT_EQ(port(one).send(one - 1, Bytes(64)), Result::blocked);
  }
  run(99999);
  EXPECT_TRUE(bench.services.warnings.empty());
  run(2);
  ASSERT_EQ(bench.services.warnings.size(), 1u);
  EXPECT_THAT(
      bench.services.warnings[0],
      HasSubstr("endpoint 1 waits to send through channel 0 for endpoint 2, endpoint 2 waits "
                "to send through channel 1 for endpoint 1"));
  EXPECT_EQ(get(NOC_WATCHDOG_OFFSET), NOC_WATCHDOG_STUCK_MASK);
  set(NOC_WATCHDOG_OFFSET, NOC_WATCHDOG_STUCK_MASK);
  EXPECT_EQ(get(NOC_WATCHDOG_OFFSET), 0u);
}

TEST_F(ChannelsTest, TheWatchdogForgetsWhoGaveUp) {
  start();
  ASSERT_EQ(open(0, {.slots = 1, .sources = {1}, .sinks = {2}}), NOC_ERROR_NONE);
  ASSERT_EQ(open(1, {.slots = 1, .sources = {2}, .sinks = {1}}), NOC_ERROR_NONE);
  for (const unsigned one : {1u, 2u}) {
    EXPECT_EQ(port(one).send(one - 1, Bytes(64)), Result::done);
    EXPECT_EQ(port(one).send(one - 1, Bytes(64)), Result::blocked);
  }
  port(2).give_up();
  run(300000);
  EXPECT_TRUE(bench.services.warnings.empty());
}

TEST_F(ChannelsTest, TheWatchdogLetsAWaitBeThatIsNoCircle) {
  start();
  ASSERT_EQ(open(0, {.slots = 1, .sources = {1}, .sinks = {2}}), NOC_ERROR_NONE);
  port(1).send(0, Bytes(64));
  EXPECT_EQ(port(1).send(0, Bytes(64)), Result::blocked);
  run(300000);
  EXPECT_TRUE(bench.services.warnings.empty());
}

class FaultyChannelsTest : public ChannelsTest {
 protected:
  static NocConfig faulty() {
    NocConfig config = mesh(4, 4);
    config.dead_links = "1,0-2,0";
    config.dead_routers = "3,3";
    return config;
  }
  FaultyChannelsTest() : ChannelsTest(faulty()) {}
};

TEST_F(FaultyChannelsTest, UnreachableEndpointsAnswerWithAnErrorInBoundedTime) {
  start();
  EXPECT_EQ(bench.host.write(window(3), 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_LE(to_ps(bench.host.delay), 2 * kPeriod);
  EXPECT_EQ(bench.host.write(window(15), 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.host.write(window(1), 1), tlm::TLM_OK_RESPONSE);
  EXPECT_TRUE(bench.targets[3]->accesses.empty());
  EXPECT_EQ(get(NOC_LOST_OFFSET), 2u);
  EXPECT_EQ(open(0, {.sources = {0}, .sinks = {3}}), NOC_ERROR_UNREACHABLE);
  EXPECT_EQ(open(0, {.sources = {0}, .sinks = {1}}), NOC_ERROR_NONE);
  ASSERT_EQ(open(1, {.kind = NOC_KIND_WINDOW, .sinks = {1, 3}}), NOC_ERROR_NONE);
  EXPECT_EQ(bench.host.write(window(17), 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

}  // namespace
}  // namespace aimc::noc
