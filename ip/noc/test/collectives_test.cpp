// SPDX-License-Identifier: Apache-2.0
// Multicasts, reductions, faults and routes of the fast level, without SystemC.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "aimc/common/error.h"
#include "aimc/noc/fast_fabric.h"
#include "aimc/noc/routes.h"

namespace aimc::noc {
namespace {

constexpr std::uint64_t kPeriod = 2500;

struct Log : Receiver {
  struct Arrival {
    std::uint64_t cycle;
    bool delivered;
  };
  void arrived(std::uint64_t tag, std::uint32_t endpoint, std::uint64_t arrival_ps,
               bool delivered) override {
    EXPECT_TRUE(
        arrivals.emplace(std::pair(tag, endpoint), Arrival{arrival_ps / kPeriod, delivered}).second)
        << "twice";
  }
  std::uint64_t at(std::uint32_t endpoint, std::uint64_t tag = 1) const {
    return arrivals.at({tag, endpoint}).cycle;
  }
  std::map<std::pair<std::uint64_t, std::uint32_t>, Arrival> arrivals;
};

struct Network {
  explicit Network(const FabricConfig& config = {}, unsigned side = 8)
      : fabric(Topology(side, side, 1), config, [this] { return now; }) {}
  static Packet stream(std::uint32_t source, std::uint32_t destination, unsigned flits,
                       std::uint64_t cycle = 0) {
    return {source, destination, MessageClass::stream, 16 * (flits - 1), flits, cycle * kPeriod, 0};
  }
  std::uint64_t now = 0;
  FastFabric fabric;
  Log log;
};

std::vector<std::uint32_t> sixteen() {
  std::vector<std::uint32_t> endpoints;
  for (std::uint32_t y = 2; y < 6; ++y)
    for (std::uint32_t x = 3; x < 7; ++x) endpoints.push_back(y * 8 + x);
  return endpoints;
}

TEST(MulticastTest, UsesEachLinkOfTheTreeOnceAndArrivesAtTheLatencyOfTheWay) {
  Network net;
  const auto sinks = sixteen();
  net.fabric.post_multicast(Network::stream(0, 0, 17), sinks, 1, net.log);
  const Topology& mesh = net.fabric.topology();
  std::set<unsigned> tree;
  for (const std::uint32_t sink : sinks) {
    mesh.walk(0, sink, [&](unsigned link, Topology::LinkKind) { tree.insert(link); });
    EXPECT_EQ(net.log.at(sink), net.fabric.zero_load_cycles(mesh.hops(0, sink), 17)) << sink;
  }
  for (unsigned link = 0; link < mesh.links(); ++link)
    EXPECT_EQ(net.fabric.statistics().links[link].flits, tree.contains(link) ? 17u : 0u)
        << mesh.link_name(link);
  EXPECT_EQ(net.fabric.statistics().multicasts, 1u);
  EXPECT_EQ(net.fabric.statistics().classes[2].flit_hops, 17 * (tree.size() - 1));
}

TEST(MulticastTest, IsFasterThanOnePacketAfterTheOther) {
  Network tree;
  Network single;
  const auto sinks = sixteen();
  tree.fabric.post_multicast(Network::stream(0, 0, 17), sinks, 1, tree.log);
  for (const std::uint32_t sink : sinks)
    single.fabric.post(Network::stream(0, sink, 17), 1, single.log);
  std::uint64_t last_of_tree = 0;
  std::uint64_t last_single = 0;
  for (const std::uint32_t sink : sinks) {
    last_of_tree = std::max(last_of_tree, tree.log.at(sink));
    last_single = std::max(last_single, single.log.at(sink));
  }
  EXPECT_EQ(last_of_tree, 5u * 12 + 2 + 16);
  EXPECT_GE(last_single, last_of_tree + 15 * 17);
}

TEST(MulticastTest, DelaysABranchThatMeetsTrafficAndNotTheOthers) {
  Network net;
  net.fabric.post(Network::stream(1, 3, 32), 9, net.log);
  const std::vector<std::uint32_t> sinks{3, 8};
  net.fabric.post_multicast(Network::stream(0, 0, 4), sinks, 1, net.log);
  EXPECT_EQ(net.log.at(8), net.fabric.zero_load_cycles(1, 4));
  EXPECT_GT(net.log.at(3), net.fabric.zero_load_cycles(3, 4) + 16);
}

TEST(ReductionTest, UsesEachLinkOnceAndEndsOneLatencyAfterTheLastContribution) {
  Network net;
  const std::vector<std::uint32_t> sources{1, 2, 3, 8, 16, 24, 27, 63};
  const std::uint64_t number =
      net.fabric.open_reduction(Network::stream(0, 0, 17), sources, 1, net.log);
  for (const std::uint32_t source : sources)
    if (source != 63) net.fabric.contribute(number, source, 0);
  EXPECT_TRUE(net.log.arrivals.empty());
  net.now = 1000 * kPeriod;
  net.fabric.contribute(number, 63, net.now);
  // 14 hops, and one cycle in each adder on the way: 24,3 of row 7? The way runs 63 -> 56 -> 0.
  const std::uint64_t way = net.fabric.zero_load_cycles(14, 17);
  EXPECT_GE(net.log.at(0), 1000 + way + 1);
  EXPECT_LE(net.log.at(0), 1000 + way + 4);
  const Topology& mesh = net.fabric.topology();
  std::set<unsigned> tree;
  for (const std::uint32_t source : sources)
    mesh.walk(source, 0, [&](unsigned link, Topology::LinkKind) { tree.insert(link); });
  for (unsigned link = 0; link < mesh.links(); ++link)
    EXPECT_EQ(net.fabric.statistics().links[link].flits, tree.contains(link) ? 17u : 0u)
        << mesh.link_name(link);
  EXPECT_EQ(net.fabric.statistics().additions, 7u * 17);
}

TEST(ReductionTest, AcceptsContributionsInAnyOrderAndSeveralAtOnce) {
  std::mt19937 draw(7);
  std::vector<std::uint32_t> sources{5, 9, 14, 20, 33, 47, 60, 61};
  for (int round = 0; round < 200; ++round) {
    Network net;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> calls;
    for (std::uint64_t tag = 1; tag <= 3; ++tag) {
      const std::uint64_t number =
          net.fabric.open_reduction(Network::stream(0, 18, 17), sources, tag, net.log);
      for (const std::uint32_t source : sources) calls.emplace_back(number, source);
    }
    std::shuffle(calls.begin(), calls.end(), draw);
    for (const auto& [number, source] : calls) {
      net.now += draw() % 20 * kPeriod;
      net.fabric.contribute(number, source, net.now);
    }
    EXPECT_EQ(net.log.arrivals.size(), 3u);
    for (std::uint64_t tag = 1; tag <= 3; ++tag) EXPECT_GT(net.log.at(18, tag), 0u);
  }
}

TEST(ReductionTest, BeatsGatheringAtOneEndpoint) {
  std::vector<std::uint32_t> sources{1, 2, 3, 8, 9, 10, 11, 16};
  Network added;
  const std::uint64_t number =
      added.fabric.open_reduction(Network::stream(0, 0, 17), sources, 1, added.log);
  for (const std::uint32_t source : sources) added.fabric.contribute(number, source, 0);
  Network gathered;
  std::uint64_t last = 0;
  for (const std::uint32_t source : sources)
    gathered.fabric.post(Network::stream(source, 0, 17), source, gathered.log);
  for (const std::uint32_t source : sources) last = std::max(last, gathered.log.at(0, source));
  EXPECT_LT(added.log.at(0) * 2, last);
}

class RoutesTest : public ::testing::TestWithParam<Routing> {};

/// All waits of all ways: a link waits for the next one. True if they form no circle.
bool acyclic(const Routes& routes, const Topology& mesh) {
  std::map<std::uint32_t, std::set<std::uint32_t>> waits;
  std::map<std::uint32_t, unsigned> waited_for;
  for (unsigned a = 0; a < mesh.endpoints(); ++a)
    for (unsigned b = 0; b < mesh.endpoints(); ++b)
      if (const Routes::Way* const way = routes.way(a, b))
        for (std::size_t i = 1; i < way->size(); ++i)
          if (waits[(*way)[i - 1]].insert((*way)[i]).second) ++waited_for[(*way)[i]];
  std::vector<std::uint32_t> free;
  for (const auto& [link, next] : waits)
    if (waited_for[link] == 0) free.push_back(link);
  while (!free.empty()) {
    const std::uint32_t link = free.back();
    free.pop_back();
    for (const std::uint32_t next : waits[link])
      if (--waited_for[next] == 0) free.push_back(next);
  }
  return std::all_of(waited_for.begin(), waited_for.end(),
                     [](const auto& entry) { return entry.second == 0; });
}

TEST_P(RoutesTest, AreMinimalAndWithoutCirclesOnAWholeMesh) {
  const Topology mesh(5, 4, 1);
  const MeshRoutes routes(mesh, GetParam(), {});
  for (unsigned a = 0; a < 20; ++a) {
    for (unsigned b = 0; b < 20; ++b) {
      const Routes::Way* const way = routes.way(a, b);
      ASSERT_NE(way, nullptr);
      EXPECT_EQ(way->front(), mesh.injection(a));
      EXPECT_EQ(way->back(), mesh.ejection(b));
      EXPECT_EQ(way->size(), mesh.hops(a, b) + 2u) << a << " " << b;
    }
  }
  // o1turn mixes both orders and needs channels of its own for each; one graph would have circles.
  if (GetParam() != Routing::o1turn) {
    EXPECT_TRUE(acyclic(routes, mesh));
  }
}

TEST_P(RoutesTest, AvoidDeadLinksWhereTheAlgorithmCan) {
  const Topology mesh(6, 6, 1);
  std::mt19937 draw(3);
  unsigned lost = 0;
  for (int round = 0; round < 20; ++round) {
    Faults faults;
    for (int i = 0; i < 3; ++i) {
      const auto from = static_cast<unsigned>(draw() % 36);
      const unsigned to = mesh.neighbour(from, static_cast<unsigned>(draw() % 4));
      if (to != Topology::kNone) faults.links.insert(faults.links.end(), {{from, to}, {to, from}});
    }
    const MeshRoutes routes(mesh, GetParam(), faults);
    for (unsigned a = 0; a < 36; ++a) {
      for (unsigned b = 0; b < 36; ++b) {
        const Routes::Way* const way = routes.way(a, b);
        if (way == nullptr) {
          ++lost;
          continue;
        }
        for (const std::uint32_t link : *way)
          for (const auto& [from, to] : faults.links)
            EXPECT_FALSE(mesh.kind(link) == Topology::LinkKind::mesh && mesh.router(link) == from &&
                         mesh.neighbour(from, mesh.slot(link)) == to);
      }
    }
    if (GetParam() != Routing::o1turn) {
      EXPECT_TRUE(acyclic(routes, mesh));
    }
  }
  // Three dead links never part this mesh, and tables reach whatever is joined.
  if (GetParam() == Routing::up_down) {
    EXPECT_EQ(lost, 0u);
  }
  if (GetParam() == Routing::xy) {
    EXPECT_GT(lost, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(All, RoutesTest,
                         ::testing::Values(Routing::xy, Routing::yx, Routing::o1turn,
                                           Routing::west_first, Routing::odd_even,
                                           Routing::up_down),
                         [](const auto& one) {
                           return routing_words()[static_cast<unsigned>(one.param)];
                         });

TEST(FaultsTest, AreReadAndComplainedAbout) {
  const Topology mesh(4, 4, 1);
  const Faults faults = parse_faults(mesh, "1,0-2,0 3,3>3,2", "0,1");
  EXPECT_EQ(faults.links, (std::vector<std::pair<unsigned, unsigned>>{{1, 2}, {2, 1}, {15, 11}}));
  EXPECT_EQ(faults.routers, (std::vector<unsigned>{4}));
  for (const char* const bad : {"1,0", "1,0-3,0", "4,0-3,0", "a,b-1,0", "1,0-", "1-2", "1,0-2,0x"})
    EXPECT_THROW(parse_faults(mesh, bad, ""), UserError) << bad;
  EXPECT_THROW(parse_faults(mesh, "", "9,9"), UserError);
  EXPECT_THROW(routing_of("zigzag"), UserError);
}

TEST(FaultsTest, LosePacketsInBoundedTime) {
  FabricConfig config;
  config.faults = parse_faults(Topology(8, 8, 1), "1,0>2,0", "");
  Network net(config);
  EXPECT_FALSE(net.fabric.reachable(0, 3));
  EXPECT_TRUE(net.fabric.reachable(0, 1));
  Packet packet{0, 3, MessageClass::request, 0, 1, 0, 0};
  net.fabric.carry({&packet, 1});
  EXPECT_TRUE(packet.lost);
  EXPECT_EQ(packet.arrival_ps, kPeriod);
  net.fabric.post(Network::stream(0, 3, 4), 1, net.log);
  EXPECT_FALSE(net.log.arrivals.at({1, 3}).delivered);
  const std::vector<std::uint32_t> sinks{1, 3};
  net.fabric.post_multicast(Network::stream(0, 0, 4), sinks, 2, net.log);
  EXPECT_TRUE(net.log.arrivals.at({2, 1}).delivered);
  EXPECT_FALSE(net.log.arrivals.at({2, 3}).delivered);
  EXPECT_EQ(net.fabric.statistics().lost(), 3u);
}

TEST(FaultsTest, NeverReachADeadRouter) {
  FabricConfig config;
  config.faults.routers = {9};
  config.routing = Routing::west_first;
  Network net(config);
  EXPECT_FALSE(net.fabric.reachable(0, 9));
  EXPECT_FALSE(net.fabric.reachable(9, 0));
  EXPECT_TRUE(net.fabric.reachable(1, 17)) << "around it";
}

}  // namespace
}  // namespace aimc::noc
