// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/flit/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "aimc/common/error.h"

namespace aimc::noc::flit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Log : Receiver {
  void delivered(const Delivery& delivery) override { deliveries.push_back(delivery); }
  std::vector<Delivery> deliveries;
};

Config mesh(unsigned columns, unsigned rows, unsigned channels = 2, unsigned buffer = 4) {
  Config config;
  config.columns = columns;
  config.rows = rows;
  config.virtual_channels = channels;
  config.buffer_flits = buffer;
  return config;
}

struct Shape {
  bool p2;
  unsigned flits;
  unsigned buffer;
};

class ZeroLoadTest : public ::testing::TestWithParam<Shape> {};

// The closed form, exactly, from a corner to every distance of 8x8 and beyond.
TEST_P(ZeroLoadTest, LatencyIsTheClosedFormForEveryDistance) {
  const Shape shape = GetParam();
  Config config = mesh(10, 8, 2, shape.buffer);
  if (shape.p2) config.pipeline = Pipeline::p2();
  const unsigned per_router = shape.p2 ? 3 : 5;
  for (const Routing routing :
       {Routing::xy, Routing::yx, Routing::o1turn, Routing::west_first, Routing::odd_even}) {
    config.routing = routing;
    Log log;
    Network network(config, log);
    for (unsigned to = 0; to < config.endpoints(); ++to) {
      for (const unsigned from : {0u, 33u, 79u}) {
        const std::uint64_t start = network.cycle();
        network.inject({.source = from, .destination = to, .flits = shape.flits, .created = start});
        network.advance(start + 500);
        ASSERT_EQ(log.deliveries.size(), 1u);
        const Delivery& d = log.deliveries.back();
        const unsigned routers = network.geometry().hops(from, to) + 1;
        ASSERT_EQ(d.arrived - d.created, per_router * routers + 2 + shape.flits - 1)
            << from << " to " << to;
        ASSERT_EQ(d.routers, routers);
        ASSERT_EQ(d.injected, start);
        log.deliveries.clear();
      }
    }
    EXPECT_FALSE(network.busy());
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, ZeroLoadTest,
                         ::testing::Values(Shape{false, 1, 4}, Shape{false, 2, 4},
                                           Shape{false, 4, 4}, Shape{false, 16, 8},
                                           Shape{true, 1, 4}, Shape{true, 3, 4}, Shape{true, 4, 4},
                                           Shape{true, 16, 8}));

TEST(NetworkTest, StagesAreConfigurable) {
  Config config = mesh(6, 1);
  config.pipeline.routing_delay = 3;
  config.pipeline.vc_alloc_delay = 2;
  config.pipeline.sw_alloc_delay = 4;
  config.pipeline.switch_delay = 2;
  config.pipeline.link_delay = 3;
  config.pipeline.interface_delay = 2;
  config.pipeline.ejection_delay = 5;
  Log log;
  Network network(config, log);
  network.inject({.source = 0, .destination = 4, .flits = 1});
  network.advance(500);
  ASSERT_EQ(log.deliveries.size(), 1u);
  const unsigned router = 3 + 2 + 4 + 2;
  EXPECT_EQ(log.deliveries[0].arrived, 3 + 5 * router + 4 * 3 + 5);
}

TEST(NetworkTest, LateAllocatorsLoseNothingUnderContention) {
  Config config = mesh(4, 4, 2, 3);
  config.pipeline.vc_alloc_delay = 3;
  config.pipeline.sw_alloc_delay = 2;
  Log log;
  Network network(config, log);
  for (unsigned source = 0; source < 16; ++source)
    for (unsigned i = 0; i < 10; ++i)
      network.inject({.source = source, .destination = (source * 7 + i) % 16, .flits = 4});
  network.advance(20000);
  EXPECT_EQ(log.deliveries.size(), 160u);
  EXPECT_FALSE(network.busy());
}

TEST(NetworkTest, SkipsTimeInWhichNothingMoves) {
  Log log;
  Network network(mesh(64, 64), log);
  network.advance(std::uint64_t{1} << 60);
  EXPECT_EQ(network.cycle(), std::uint64_t{1} << 60);
  EXPECT_EQ(network.next_activity(), kNever);
  network.inject({.source = 0, .destination = 4095, .created = network.cycle()});
  EXPECT_EQ(network.next_activity(), network.cycle());
  network.advance(network.cycle() + 1000);
  ASSERT_EQ(log.deliveries.size(), 1u);
  EXPECT_EQ(log.deliveries[0].arrived - log.deliveries[0].created, 5u * 127 + 2);
}

TEST(NetworkTest, CountsFlitsByLinkAndChannelAndSaysWhyPacketsWait) {
  Config config = mesh(3, 1, 1, 2);
  Log log;
  Network network(config, log);
  network.stall_sink(2, 200);  // the buffers fill up to the source
  for (unsigned i = 0; i < 8; ++i) network.inject({.source = 0, .destination = 2, .flits = 4});
  network.inject({.source = 1, .destination = 2, .flits = 4});
  network.advance(1000);
  EXPECT_EQ(log.deliveries.size(), 9u);
  EXPECT_EQ(network.link_flits(0, kEast), 32u);
  EXPECT_EQ(network.link_flits(1, kEast), 36u);
  EXPECT_EQ(network.channel_flits(2, kNeighbours, 0), 36u);
  EXPECT_EQ(network.injected_flits(0), 32u);
  EXPECT_EQ(network.flit_moves(), 32u * 3 + 4 * 2);
  EXPECT_GT(network.waits(2, kNeighbours).no_credit, 100u);
  EXPECT_GT(network.waits(1, kEast).no_channel, 0u) << "one channel, two packets";
}

TEST(NetworkTest, ResetDropsEverythingAndKeepsCounters) {
  Log log;
  Network network(mesh(4, 4), log);
  for (unsigned source = 0; source < 16; ++source)
    network.inject({.source = source, .destination = 15 - source, .flits = 4});
  network.advance(20);
  const std::uint64_t moves = network.flit_moves();
  EXPECT_GT(moves, 0u);
  network.reset();
  EXPECT_FALSE(network.busy());
  EXPECT_EQ(network.flit_moves(), moves);
  network.inject({.source = 3, .destination = 4, .created = 20});
  network.advance(200);
  ASSERT_EQ(log.deliveries.size(), 1u);
  EXPECT_EQ(log.deliveries[0].arrived - log.deliveries[0].created, 5u * 5 + 2);
}

TEST(NetworkTest, RoutesAroundDeadLinksWhereTheAlgorithmCan) {
  Config config = mesh(4, 4);
  config.dead_links = {{0, kEast}};
  Log log;
  {
    Network network(config, log);
    EXPECT_FALSE(network.reachable(0, 3)) << "X first has no other way";
    EXPECT_TRUE(network.reachable(0, 12));
    EXPECT_TRUE(network.reachable(3, 0));
  }
  for (const Routing routing : {Routing::o1turn, Routing::west_first, Routing::odd_even}) {
    config.routing = routing;
    Network network(config, log);
    EXPECT_FALSE(network.reachable(0, 3)) << "shortest ways only";
    ASSERT_TRUE(network.reachable(0, 15));
    for (unsigned i = 0; i < 10; ++i) network.inject({.source = 0, .destination = 15, .flits = 3});
    network.advance(1000);
    EXPECT_EQ(log.deliveries.size(), 10u);
    EXPECT_EQ(network.link_flits(0, kEast), 0u);
    log.deliveries.clear();
  }
}

TEST(NetworkTest, NobodyReachesADeadRouter) {
  Config config = mesh(4, 4);
  config.routing = Routing::odd_even;
  config.dead_routers = {5};
  Log log;
  Network network(config, log);
  for (unsigned i = 0; i < 16; ++i) {
    EXPECT_FALSE(network.reachable(i, 5));
    EXPECT_FALSE(network.reachable(5, i));
  }
  EXPECT_TRUE(network.reachable(0, 15));
}

// Fully adaptive routing, which `check` refuses, does deadlock, and the ring is found; X-then-Y
// under the same load has none at any time.
TEST(NetworkTest, NamesThePacketsOfARingThatWaitForEachOther) {
  const auto crowd = [](Network& network) {
    for (unsigned source = 0; source < 16; ++source)
      for (unsigned i = 0; i < 8; ++i)
        network.inject({.source = source,
                        .destination = (source * 7 + i * 5 + 3) % 16,
                        .flits = 8,
                        .tag = source * 8 + i});
  };
  Log log;
  Config config = mesh(4, 4, 1, 1);
  config.injection_queue_packets = 8;
  Network sound(config, log);
  crowd(sound);
  while (sound.busy()) {
    ASSERT_THAT(sound.waiting_cycle(), IsEmpty());
    sound.step();
  }
  config.routing = Routing::minimal;
  EXPECT_THROW(Network(config, log), UserError);
  config.allow_deadlock = true;
  Network stuck(config, log);
  crowd(stuck);
  stuck.advance(20000);
  ASSERT_TRUE(stuck.busy());
  EXPECT_LT(stuck.last_move() + 1000, stuck.cycle());
  EXPECT_THAT(stuck.waiting_cycle(), HasSubstr(" waits for packet "));
  EXPECT_THAT(stuck.waiting_cycle(), HasSubstr(" waits for the first"));
}

Config with_multicast(unsigned side) {
  Config config = mesh(side, side);
  config.multicast_channels = 1;
  config.multicast_buffer_flits = 17;
  return config;
}

TEST(MulticastNetworkTest, UsesEachLinkOfTheTreeOnceAndTakesTheLatencyOfTheWay) {
  Log log;
  Network network(with_multicast(8), log);
  std::vector<unsigned> to;
  for (unsigned y = 2; y < 6; ++y)
    for (unsigned x = 2; x < 6; ++x) to.push_back(y * 8 + x);
  const unsigned tree = network.add_tree(0, to);
  network.multicast({.source = 0, .flits = 17, .tag = 5}, tree);
  EXPECT_EQ(network.in_flight(), 16u);
  network.advance(500);
  ASSERT_EQ(log.deliveries.size(), 16u);
  EXPECT_EQ(network.injected_flits(0), 17u);
  for (const Delivery& d : log.deliveries)
    EXPECT_EQ(d.arrived, 5 * d.routers + 2 + 16) << "to " << d.destination;
  unsigned links = 0;
  for (unsigned router = 0; router < 64; ++router) {
    for (unsigned port = 0; port < kNeighbours; ++port) {
      const std::uint64_t flits = network.link_flits(router, port);
      EXPECT_TRUE(flits == 0 || flits == 17) << router << " port " << port;
      links += flits != 0;
    }
  }
  EXPECT_EQ(links, 5u + 4 * 5);  // along the first row, then down four columns
  EXPECT_EQ(network.tree_links(tree), links + 16);
}

TEST(MulticastNetworkTest, CrossingTreesUnderLoadAllArrive) {
  Log log;
  Config config = with_multicast(4);
  config.ordered = true;
  Network network(config, log);
  std::vector<unsigned> all(16);
  for (unsigned i = 0; i < 16; ++i) all[i] = i;
  std::vector<unsigned> trees;
  for (unsigned source = 0; source < 16; ++source) trees.push_back(network.add_tree(source, all));
  for (unsigned i = 0; i < 12; ++i) {
    for (unsigned source = 0; source < 16; ++source) {
      network.multicast({.source = source, .flits = 1 + (i * 5 + source) % 17, .tag = i},
                        trees[source]);
      network.inject({.source = source, .destination = (source * 5 + i) % 16, .flits = 5});
    }
  }
  network.stall_sink(6, 900);
  network.advance(200000);
  EXPECT_FALSE(network.busy());
  EXPECT_EQ(log.deliveries.size(), 12u * 16 * 17);
  std::map<std::pair<unsigned, unsigned>, std::uint64_t> last;
  for (const Delivery& d : log.deliveries) {
    if (d.message_class != 1) continue;
    std::uint64_t& before = last[{d.source, d.destination}];
    EXPECT_EQ(d.tag, before) << "in the order of their sending";
    before = d.tag + 1;
  }
}

}  // namespace
}  // namespace aimc::noc::flit
