// SPDX-License-Identifier: Apache-2.0
// Driver of the network's channels.
#include <gtest/gtest.h>

#include "aimc/noc/noc_regs.h"
#include "hal/noc_channel.h"
#include "mock_bus.h"

namespace aimc::firmware {
namespace {

using ::testing::Return;

constexpr std::uintptr_t kBase = 0x10400000;

class NocChannelHal : public DriverTest {
 protected:
  void reads(std::uint32_t offset, std::uint32_t value) {
    EXPECT_CALL(bus, read(kBase + offset)).WillOnce(Return(value));
  }
  void writes(std::uint32_t offset, std::uint32_t value) {
    EXPECT_CALL(bus, write(kBase + offset, value));
  }
  void expect_present(std::uint32_t endpoint, std::uint32_t present) {
    writes(NOC_SELECT_OFFSET, endpoint);
    reads(NOC_PRESENT_OFFSET, present);
  }
  const noc_t noc{kBase, 0x40000000, 0x100000, 64};
  const std::uint32_t sources[1] = {4};
  const std::uint32_t sinks[2] = {5, 9};
  noc_channel_t setup{NOC_KIND_MULTICAST, 256, 2, 0x4000, sources, 1, sinks, 2};
};

TEST_F(NocChannelHal, OpenIsTheLastWrite) {
  reads(NOC_CHANNELS_OFFSET, 16);
  reads(NOC_CH_CTRL_OFFSET(3), 0);
  expect_present(4, 1);
  expect_present(5, 1);
  expect_present(9, 1);
  writes(NOC_CH_CTRL_OFFSET(3), NOC_CH_CTRL_CLEAR_MASK);
  writes(NOC_CH_KIND_OFFSET(3), NOC_KIND_MULTICAST);
  writes(NOC_CH_BYTES_OFFSET(3), 256);
  writes(NOC_CH_SLOTS_OFFSET(3), 2);
  writes(NOC_CH_ADDRESS_OFFSET(3), ENGINE_SRAM_OFFSET + 0x4000);
  writes(NOC_CH_PITCH_OFFSET(3), 256);
  writes(NOC_CH_ADD_SOURCE_OFFSET(3), 4);
  writes(NOC_CH_ADD_SINK_OFFSET(3), 5);
  writes(NOC_CH_ADD_SINK_OFFSET(3), 9);
  writes(NOC_CH_CTRL_OFFSET(3), NOC_CH_CTRL_OPEN_MASK);
  reads(NOC_CH_ERROR_OFFSET(3), NOC_ERROR_UNREACHABLE);
  std::uint32_t error = 0;
  EXPECT_EQ(noc_channel_open(&noc, 3, &setup, &error), HAL_DEVICE_ERROR);
  EXPECT_EQ(error, NOC_ERROR_UNREACHABLE);
}

TEST_F(NocChannelHal, OpenTouchesNothingWithWrongArguments) {
  EXPECT_EQ(noc_channel_open(&noc, 0, nullptr, nullptr), HAL_BAD_ARG);
  noc_channel_t bad = setup;
  bad.kind = NOC_KIND_WINDOW + 1;
  EXPECT_EQ(noc_channel_open(&noc, 0, &bad, nullptr), HAL_BAD_ARG);
  bad = setup;
  bad.vector_bytes = 6;
  EXPECT_EQ(noc_channel_open(&noc, 0, &bad, nullptr), HAL_BAD_ARG);
  bad = setup;
  bad.slots = NOC_SLOTS_MAX + 1;
  EXPECT_EQ(noc_channel_open(&noc, 0, &bad, nullptr), HAL_BAD_ARG);
  bad = setup;
  bad.buffer = 0x7ff00;
  EXPECT_EQ(noc_channel_open(&noc, 0, &bad, nullptr), HAL_BAD_ARG);
  bad = setup;
  bad.sinks = nullptr;
  EXPECT_EQ(noc_channel_open(&noc, 0, &bad, nullptr), HAL_BAD_ARG);
}

TEST_F(NocChannelHal, OpenLooksBeforeItWrites) {
  reads(NOC_CHANNELS_OFFSET, 16);
  EXPECT_EQ(noc_channel_open(&noc, 16, &setup, nullptr), HAL_BAD_ARG);
  reads(NOC_CHANNELS_OFFSET, 16);
  reads(NOC_CH_CTRL_OFFSET(0), NOC_CH_CTRL_OPEN_MASK);
  EXPECT_EQ(noc_channel_open(&noc, 0, &setup, nullptr), HAL_BUSY);
  reads(NOC_CHANNELS_OFFSET, 16);
  reads(NOC_CH_CTRL_OFFSET(0), 0);
  expect_present(4, 1);
  expect_present(5, 0);
  EXPECT_EQ(noc_channel_open(&noc, 0, &setup, nullptr), HAL_BAD_ARG) << "nobody at endpoint 5";
}

TEST_F(NocChannelHal, FindsTheWindowBehindTheEndpoints) {
  reads(NOC_ENDPOINTS_OFFSET, 144);
  EXPECT_EQ(noc_channel_window(&noc, 2), 0x40000000u + 146 * 0x100000u);
}

TEST_F(NocChannelHal, ClearsTheWatchdogWhenItHasSpoken) {
  reads(NOC_WATCHDOG_OFFSET, 0);
  EXPECT_FALSE(noc_was_stuck(&noc));
  reads(NOC_WATCHDOG_OFFSET, NOC_WATCHDOG_STUCK_MASK);
  writes(NOC_WATCHDOG_OFFSET, NOC_WATCHDOG_STUCK_MASK);
  EXPECT_TRUE(noc_was_stuck(&noc));
}

TEST_F(NocChannelHal, BuildsCommands) {
  engine_stream_t command;
  engine_build_send(&command, 3, 0x1000);
  EXPECT_EQ(command.op, ENGINE_STREAM_SEND);
  EXPECT_EQ(command.channel, 3u);
  EXPECT_EQ(command.address, 0x1000u);
  engine_build_receive(&command, 4, 0x2000);
  EXPECT_EQ(command.op, ENGINE_STREAM_RECEIVE);
  EXPECT_EQ(engine_build_repeat(&command, 0x800, 3, 50), HAL_OK);
  EXPECT_EQ(command.op, ENGINE_STREAM_REPEAT);
  EXPECT_EQ(command.entries, 3u);
  EXPECT_EQ(command.count, 50u);
  EXPECT_EQ(engine_build_repeat(&command, 0x801, 3, 50), HAL_BAD_ARG);
  EXPECT_EQ(engine_build_repeat(&command, 0x800, 0, 50), HAL_BAD_ARG);
  EXPECT_EQ(engine_build_repeat(&command, 0x800, 3, 0), HAL_BAD_ARG);
}

TEST_F(NocChannelHal, NamesEveryError) {
  for (std::uint32_t error = 0; error <= NOC_ERROR_LOST; ++error)
    EXPECT_STRNE(noc_error_text(error), "unknown error");
  EXPECT_STREQ(noc_error_text(99), "unknown error");
}

}  // namespace
}  // namespace aimc::firmware
