// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstring>

#include "aimc/noc/noc.h"
#include "aimc/noc/noc_regs.h"
#include "bench.h"

namespace aimc::noc::testing {

using Result = StreamPort::Result;

using Bytes = std::vector<std::uint8_t>;

/// The 32-bit words of a list as bytes.
inline Bytes words(const std::vector<std::int32_t>& values) {
  Bytes bytes(values.size() * 4);
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// Sets a channel up as firmware does.
struct ChannelSetup {
  std::uint32_t kind = NOC_KIND_STREAM;
  std::uint32_t bytes = 64;
  std::uint32_t slots = 2;
  std::uint32_t address = 0x1000;
  std::vector<std::uint32_t> sources{};
  std::vector<std::uint32_t> sinks{};
};

class ChannelsTest : public ::testing::Test {
 protected:
  explicit ChannelsTest(const NocConfig& config = mesh(4, 4)) : bench(config) {}
  void start() {
    for (unsigned endpoint = 0; endpoint < 16; ++endpoint) bench.target(endpoint);
    bench.start();
  }
  tlm::tlm_response_status set(std::uint32_t offset, std::uint32_t value) {
    return bench.bus.write(offset, value);
  }
  std::uint32_t get(std::uint32_t offset) { return bench.bus.read(offset); }
  /// @returns CH_ERROR.
  std::uint32_t open(unsigned channel, const ChannelSetup& setup) {
    set(NOC_CH_CTRL_OFFSET(channel), NOC_CH_CTRL_CLEAR_MASK);
    EXPECT_EQ(set(NOC_CH_KIND_OFFSET(channel), setup.kind), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(set(NOC_CH_BYTES_OFFSET(channel), setup.bytes), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(set(NOC_CH_SLOTS_OFFSET(channel), setup.slots), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(set(NOC_CH_ADDRESS_OFFSET(channel), setup.address), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(set(NOC_CH_PITCH_OFFSET(channel), setup.bytes), tlm::TLM_OK_RESPONSE);
    for (const std::uint32_t source : setup.sources)
      EXPECT_EQ(set(NOC_CH_ADD_SOURCE_OFFSET(channel), source), tlm::TLM_OK_RESPONSE);
    for (const std::uint32_t sink : setup.sinks)
      EXPECT_EQ(set(NOC_CH_ADD_SINK_OFFSET(channel), sink), tlm::TLM_OK_RESPONSE);
    set(NOC_CH_CTRL_OFFSET(channel), NOC_CH_CTRL_OPEN_MASK);
    const std::uint32_t error = get(NOC_CH_ERROR_OFFSET(channel));
    EXPECT_EQ(get(NOC_CH_CTRL_OFFSET(channel)), error == NOC_ERROR_NONE ? 1u : 0u);
    return error;
  }
  StreamPort& port(unsigned endpoint) {
    const Node node = bench.noc.fabric().topology().node(endpoint);
    return bench.noc.stream_port({0, 0, node.x, node.y, node.port});
  }
  void run(std::uint64_t cycles) {
    sc_core::sc_start(sc_core::sc_time::from_value(cycles * kPeriod));
  }
  Bytes at(unsigned endpoint, std::uint32_t address, std::size_t count) {
    const auto& bytes = bench.targets[endpoint]->bytes;
    return {bytes.begin() + address, bytes.begin() + address + static_cast<long>(count)};
  }

  Bench bench;
};

}  // namespace aimc::noc::testing
