// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/fast_fabric.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "aimc/common/error.h"

namespace aimc::noc {
namespace {

constexpr std::uint64_t kPeriod = 2500;  // 400 MHz

struct Network {
  explicit Network(unsigned columns = 8, unsigned rows = 8, unsigned ports = 1,
                   const FabricConfig& config = {})
      : fabric(Topology(columns, rows, ports), config, [this] { return now; }) {}
  /// Sends one packet. @returns its latency in cycles.
  std::uint64_t send(unsigned source, unsigned destination, unsigned flits,
                     std::uint64_t ready_cycle = 0,
                     MessageClass message_class = MessageClass::request) {
    Packet packet{source, destination, message_class, 0, flits, ready_cycle * kPeriod, 0};
    fabric.carry({&packet, 1});
    EXPECT_EQ(packet.arrival_ps % kPeriod, 0u);
    return packet.arrival_ps / kPeriod - ready_cycle;
  }
  std::uint64_t now = 0;
  FastFabric fabric;
};

// BookSim2, pipeline "p4": 5 (h + 1) + 2 + (L - 1), see README.md.
TEST(FastFabricTest, EqualsTheReferenceAtZeroLoadForEveryDistanceAndLength) {
  Network net(8, 8);
  for (unsigned destination = 0; destination < 64; ++destination) {
    for (unsigned flits = 1; flits <= 17; ++flits) {
      net.fabric.reset();
      const unsigned hops = destination % 8 + destination / 8;
      EXPECT_EQ(net.send(0, destination, flits), 5 * (hops + 1) + 2 + (flits - 1));
      EXPECT_EQ(net.fabric.zero_load_cycles(hops, flits), 5 * (hops + 1) + 2 + (flits - 1));
    }
  }
}

TEST(FastFabricTest, ReproducesTheShortPipelineWithItsParameters) {
  FabricConfig p2;
  p2.router_cycles = 2;
  Network net(8, 8, 1, p2);
  for (unsigned hops = 0; hops < 8; ++hops) {
    net.fabric.reset();
    EXPECT_EQ(net.send(0, hops, 4), 3 * (hops + 1) + 2 + 3);
  }
}

TEST(FastFabricTest, StartsOnTheNextClockEdge) {
  Network net;
  Packet packet{0, 1, MessageClass::request, 0, 1, 1, 0};
  net.fabric.carry({&packet, 1});
  EXPECT_EQ(packet.arrival_ps, (1 + 12) * kPeriod);
}

TEST(FastFabricTest, DelaysTheSecondOfTwoFlowsThatShareALink) {
  Network net;
  // 0 -> 2 and 1 -> 2 share the link 1,0->2,0; the second packet reaches it 5 cycles earlier.
  EXPECT_EQ(net.send(0, 2, 8), 15u + 2 + 7);
  EXPECT_EQ(net.send(1, 2, 8, 5), 10u + 2 + 7 + 8);
  EXPECT_EQ(net.send(9, 10, 8, 5), 10u + 2 + 7);  // a link of its own
}

TEST(FastFabricTest, CountsTheWaitOnTheSharedLink) {
  Network net;
  net.send(0, 2, 8);
  net.send(1, 2, 8, 5);
  const Topology& mesh = net.fabric.topology();
  for (unsigned link = 0; link < mesh.links(); ++link) {
    const FabricStatistics::Link& counters = net.fabric.statistics().links[link];
    const bool shared = mesh.link_name(link) == "1,0->2,0";
    EXPECT_EQ(counters.blocked_ps, shared ? 8 * kPeriod : 0u) << mesh.link_name(link);
    if (shared || mesh.link_name(link) == "2,0->ni2") {
      EXPECT_EQ(counters.flits, 16u);
    }
  }
}

TEST(FastFabricTest, LetsAnEarlierPacketThatIsAnnouncedLaterGoFirst) {
  Network net;
  EXPECT_EQ(net.send(0, 1, 4, 1000), net.fabric.zero_load_cycles(1, 4));
  EXPECT_EQ(net.send(0, 1, 4, 10), net.fabric.zero_load_cycles(1, 4));
}

TEST(FastFabricTest, LimitsTheRateOfOneVirtualChannelPerClassToOnePacketInLPlusTwoCycles) {
  for (const unsigned flits : {1u, 4u, 16u}) {
    FabricConfig config;
    config.virtual_channels = 2;
    config.vc_buffer_flits = 1000;
    Network net(4, 4, 1, config);
    std::uint64_t last = 0;
    for (unsigned i = 0; i < 100; ++i) last = net.send(0, 1, flits);
    EXPECT_EQ(last, net.fabric.zero_load_cycles(1, flits) + 99 * (flits + 2));
  }
}

// Rates of the credit-loop table, one class with one channel; loop of 8 cycles.
TEST(FastFabricTest, LimitsTheRateOfShallowBuffersByTheCreditLoop) {
  struct Case {
    unsigned buffer, flits;
    std::uint64_t cycles_per_packet;
  };
  for (const Case& one : {Case{1, 1, 8}, {2, 1, 4}, {4, 1, 3}, {2, 4, 16}, {4, 4, 8}, {8, 4, 6}}) {
    FabricConfig config;
    config.virtual_channels = 2;
    config.vc_buffer_flits = one.buffer;
    Network net(4, 4, 1, config);
    net.send(0, 1, one.flits);
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    for (unsigned i = 0; i < 100; ++i) {
      last = net.send(0, 1, one.flits);
      if (i == 0) first = last;
    }
    EXPECT_EQ(last - first, 99 * one.cycles_per_packet) << one.buffer << " " << one.flits;
  }
}

TEST(FastFabricTest, FillsTheLinkWithTwoVirtualChannelsPerClassAndFourFlits) {
  Network net(4, 4);
  std::uint64_t last = 0;
  for (unsigned i = 0; i < 100; ++i) last = net.send(0, 1, 4);
  EXPECT_EQ(last, net.fabric.zero_load_cycles(1, 4) + 99 * 4);
}

TEST(FastFabricTest, KeepsChannelsUpstreamTakenWhenTheBuffersAreFull) {
  FabricConfig config;
  config.virtual_channels = 2;
  config.vc_buffer_flits = 4;
  const auto crossing = [](const FabricConfig& c) {
    Network net(4, 1, 1, c);
    for (unsigned i = 0; i < 20; ++i) net.send(2, 3, 16);  // jams 2,0->3,0
    net.send(0, 3, 16);                                    // waits behind the jam, holds 1,0->2,0
    // Wants 1,0->2,0 only. The second packet of the same sort would be free without back-pressure.
    return net.send(1, 2, 16, 100);
  };
  FabricConfig deep = config;
  deep.vc_buffer_flits = 1024;
  EXPECT_EQ(crossing(deep), 10u + 2 + 15);
  EXPECT_GT(crossing(config), 200u);
}

TEST(FastFabricTest, KeepsResponsesMovingPastJammedRequests) {
  FabricConfig config;
  config.virtual_channels = 2;
  config.vc_buffer_flits = 4;
  Network net(4, 1, 1, config);
  for (unsigned i = 0; i < 20; ++i) net.send(2, 3, 16);
  net.send(0, 3, 16);
  // Four flits in each credit loop of eight cycles: the last of 16 is 27 cycles behind the first.
  EXPECT_EQ(net.send(1, 2, 16, 100, MessageClass::response), 10u + 2 + 27);
}

TEST(FastFabricTest, KeepsPacketsOfOneFlowInOrderAcrossCalls) {
  Network net;
  net.send(1, 2, 8, 6);  // leaves a gap on 1,0->2,0 that a short packet would fit, a long one not
  net.send(1, 2, 8, 17);
  const std::uint64_t first = net.send(0, 2, 8, 2) + 2;
  const std::uint64_t second = net.send(0, 2, 1, 3) + 3;
  EXPECT_GT(second, first);
}

TEST(FastFabricTest, KeepsPacketsOfOneFlowInOrder) {
  Network net;
  net.send(1, 2, 8, 6);  // leaves a gap that a short packet of a later part would fit
  std::vector<Packet> burst;
  for (const unsigned flits : {16u, 1u, 16u, 1u})
    burst.push_back({0, 2, MessageClass::request, 0, flits, 0, 0});
  net.fabric.carry(burst);
  for (std::size_t i = 1; i < burst.size(); ++i)
    EXPECT_GE(burst[i].arrival_ps, burst[i - 1].arrival_ps + burst[i].flits * kPeriod);
}

TEST(FastFabricTest, SharesTheEjectionOfOnePortButNotOfTwo) {
  Network net(2, 1, 2);
  // Both go from router 0 to router 1 on different ports in and out; they share the mesh link.
  EXPECT_EQ(net.send(0, 1, 4), 10u + 2 + 3);
  EXPECT_EQ(net.send(2, 3, 4), 10u + 2 + 3 + 4);
  // Within a router nothing is shared.
  EXPECT_EQ(net.send(0, 2, 4, 100), 5u + 2 + 3);
  EXPECT_EQ(net.send(2, 0, 4, 100), 5u + 2 + 3);
}

struct Echo : Service {
  explicit Echo(unsigned flits) : response_flits(flits) {}
  void serve(Exchange& exchange, std::size_t index) override {
    EXPECT_EQ(index, next++);
    exchange.response.payload_bytes = 16 * (response_flits - 1);
    exchange.response.flits = response_flits;
    exchange.response.ready_ps = exchange.request.arrival_ps;
  }
  unsigned response_flits;
  std::size_t next = 0;
};

TEST(FastFabricTest, PipelinesThePartsOfABurst) {
  Network net;
  std::vector<Exchange> parts(4);
  for (Exchange& part : parts) part.request = {0, 3, MessageClass::request, 0, 1, 0, 0};
  Echo echo(17);
  net.fabric.exchange(parts, echo);
  const std::uint64_t one_way = net.fabric.zero_load_cycles(3, 1);
  for (unsigned i = 0; i < 4; ++i) {
    EXPECT_EQ(parts[i].response.source, 3u);
    EXPECT_EQ(parts[i].response.message_class, MessageClass::response);
    // The way there, the way back, and 17 flits for each response in front.
    EXPECT_EQ(parts[i].response.arrival_ps, (2 * one_way + 16 + 17 * i) * kPeriod);
  }
}

// Both ends read from each other as fast as the links carry data; neither stops the other.
TEST(FastFabricTest, CompletesMutualReadsAtFullRate) {
  FabricConfig config;
  config.virtual_channels = 2;
  config.vc_buffer_flits = 1;
  Network net(8, 1, 1, config);
  constexpr unsigned kReads = 1000;
  std::uint64_t end[2] = {};
  for (unsigned i = 0; i < kReads; ++i) {
    for (unsigned side = 0; side < 2; ++side) {
      Exchange read;
      read.request = {side * 7, 7 - side * 7, MessageClass::request, 0, 1, 0, 0};
      Echo echo(17);
      net.fabric.exchange({&read, 1}, echo);
      end[side] = std::max(end[side], read.response.arrival_ps / kPeriod);
    }
  }
  const FabricStatistics& counters = net.fabric.statistics();
  EXPECT_EQ(counters.classes[0].packets, 2 * kReads);
  EXPECT_EQ(counters.classes[1].packets, 2 * kReads);
  for (const std::uint64_t cycles : end) {
    EXPECT_GE(cycles, kReads * 18u);   // one request and one response flit train per read
    EXPECT_LE(cycles, kReads * 137u);  // a buffer of one flit takes one in eight cycles
  }
}

TEST(FastFabricTest, CountsTrafficByClass) {
  Network net;
  net.send(0, 3, 4);
  net.send(3, 0, 2, 0, MessageClass::response);
  const FabricStatistics& counters = net.fabric.statistics();
  EXPECT_EQ(counters.classes[0].packets, 1u);
  EXPECT_EQ(counters.classes[0].flits, 4u);
  EXPECT_EQ(counters.classes[0].flit_hops, 16u);
  EXPECT_EQ(counters.classes[0].latency_max_ps, 25 * kPeriod);
  EXPECT_EQ(counters.classes[1].latency_sum_ps, 23 * kPeriod);
  EXPECT_EQ(counters.flit_hops(), 24u);
}

// Random bursts between random endpoints, called out of time order within a quantum.
TEST(FastFabricTest, NeverBeatsTheIdleNetworkAndKeepsEveryFlitAndEveryOrder) {
  FabricConfig config;
  config.virtual_channels = 2;
  config.vc_buffer_flits = 2;
  Network net(5, 3, 2, config);
  const Topology& mesh = net.fabric.topology();
  std::mt19937 random(1);
  const auto draw = [&](std::uint32_t below) {
    return static_cast<std::uint32_t>(random() % below);
  };
  std::uint64_t link_flits = 0;
  for (unsigned call = 0; call < 20000; ++call) {
    net.now = call / 100 * 400 * kPeriod;
    std::vector<Packet> burst(1 + draw(4));
    const std::uint32_t source = draw(mesh.endpoints());
    const std::uint32_t destination = draw(mesh.endpoints());
    const auto message_class = static_cast<MessageClass>(draw(2));
    const std::uint64_t ready = net.now + draw(400) * kPeriod;
    for (Packet& packet : burst)
      packet = {source, destination, message_class, 0, 1 + draw(17), ready, 0};
    net.fabric.carry(burst);
    const unsigned hops = mesh.hops(source, destination);
    for (std::size_t i = 0; i < burst.size(); ++i) {
      ASSERT_GE(burst[i].arrival_ps,
                ready + net.fabric.zero_load_cycles(hops, burst[i].flits) * kPeriod);
      if (i > 0) {
        ASSERT_GE(burst[i].arrival_ps, burst[i - 1].arrival_ps + burst[i].flits * kPeriod);
      }
      link_flits += burst[i].flits * (hops + 2);
    }
  }
  std::uint64_t counted = 0;
  for (const FabricStatistics::Link& link : net.fabric.statistics().links) counted += link.flits;
  EXPECT_EQ(counted, link_flits);
}

TEST(FastFabricTest, ForgetsBookingsOnReset) {
  Network net;
  for (unsigned i = 0; i < 50; ++i) net.send(0, 1, 16);
  EXPECT_GT(net.send(0, 1, 16), 100u);
  net.fabric.reset();
  EXPECT_EQ(net.send(0, 1, 16), 10u + 2 + 15);
}

TEST(FastFabricTest, RefusesChannelsThatTheClassesCannotShare) {
  FabricConfig config;
  for (const unsigned channels : {0u, 1u, 3u}) {
    config.virtual_channels = channels;
    EXPECT_THROW(Network(2, 2, 1, config), UserError) << channels;
  }
  config.virtual_channels = 2;
  config.vc_buffer_flits = 0;
  EXPECT_THROW(Network(2, 2, 1, config), UserError);
}

}  // namespace
}  // namespace aimc::noc
