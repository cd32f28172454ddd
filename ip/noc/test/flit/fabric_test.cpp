// SPDX-License-Identifier: Apache-2.0
// The flit level behind `Fabric`, with a clock of its own instead of a kernel.
#include "aimc/noc/flit_fabric.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "aimc/common/error.h"

namespace aimc::noc {
namespace {

constexpr std::uint64_t kPeriod = 2500;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

// Nobody else is there: the driver may run ahead as far as it likes, in steps of `pace`.
struct Host : FlitHost {
  std::uint64_t quiet_ps() const override { return *pace; }
  void drive_after(std::uint64_t delay_ps) override { *due = std::min(*due, *now + delay_ps); }
  void suspend(const void*) override { FAIL() << "nobody waits here"; }
  void resume(const void*) override {}
  std::uint64_t* now = nullptr;
  std::uint64_t* due = nullptr;
  std::uint64_t* pace = nullptr;
};

struct Log : Receiver {
  void arrived(std::uint64_t tag, std::uint32_t endpoint, std::uint64_t arrival_ps,
               bool delivered) override {
    EXPECT_EQ(arrival_ps % kPeriod, 0u);
    EXPECT_TRUE(!delivered || arrival_ps == *now) << "told when it happens";
    order.push_back(tag);
    if (delivered) at[{tag, endpoint}] = arrival_ps / kPeriod;
    if (!delivered) lost.insert(endpoint);
  }
  const std::uint64_t* now = nullptr;
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint64_t> at;
  std::vector<std::uint64_t> order;
  std::set<std::uint32_t> lost;
};

struct Bench {
  explicit Bench(const FabricConfig& config = {}, unsigned side = 8, std::uint64_t step = kNever)
      : pace(step),
        fabric(
            Topology(side, side, 1), config, [this] { return now; }, host()) {
    log.now = &now;
  }
  std::unique_ptr<FlitHost> host() {
    auto result = std::make_unique<Host>();
    result->now = &now;
    result->due = &due;
    result->pace = &pace;
    return result;
  }
  void run() {
    while (due != kNever) {
      now = std::max(now, due);
      due = kNever;
      fabric.drive();
    }
  }
  static Packet packet(std::uint32_t source, std::uint32_t destination, unsigned flits,
                       std::uint64_t cycle = 0, MessageClass kind = MessageClass::request) {
    return {source, destination, kind, 16 * (flits - 1), flits, cycle * kPeriod, 0};
  }
  std::uint64_t now = 0;
  std::uint64_t due = kNever;
  std::uint64_t pace;
  FlitFabric fabric;
  Log log;
};

class PaceTest : public ::testing::TestWithParam<std::uint64_t> {};

// Whether the driver runs far ahead or cycle by cycle makes no difference.
TEST_P(PaceTest, PostedPacketsTakeTheClosedFormFromTheirReadyTime) {
  Bench bench({}, 8, GetParam());
  bench.fabric.post(Bench::packet(0, 63, 5, 10), 1, bench.log);
  bench.fabric.post(Bench::packet(7, 7, 1, 400, MessageClass::response), 2, bench.log);
  bench.fabric.post(Bench::packet(9, 12, 17, 3, MessageClass::stream), 3, bench.log);
  bench.run();
  EXPECT_EQ((bench.log.at[{1, 63}]), 10 + bench.fabric.zero_load_cycles(14, 5));
  EXPECT_EQ((bench.log.at[{2, 7}]), 400 + bench.fabric.zero_load_cycles(0, 1));
  EXPECT_EQ((bench.log.at[{3, 12}]), 3 + bench.fabric.zero_load_cycles(3, 17));
  EXPECT_EQ(bench.fabric.statistics().packets(), 3u);
  EXPECT_EQ(bench.fabric.statistics().flit_hops(), 5u * 15 + 1 + 17 * 4);
}
INSTANTIATE_TEST_SUITE_P(Paces, PaceTest, ::testing::Values(kNever, kPeriod, 1, 7 * kPeriod));

TEST(FlitFabricTest, ShortRoutersTakeTheirClosedFormToo) {
  for (const unsigned cycles : {2u, 3u, 4u, 6u}) {
    FabricConfig config;
    config.router_cycles = cycles;
    Bench bench(config);
    bench.fabric.post(Bench::packet(0, 21, 4), 1, bench.log);
    bench.fabric.post(Bench::packet(60, 39, 4, 0, MessageClass::stream), 2, bench.log);
    bench.run();
    EXPECT_EQ((bench.log.at[{1, 21}]), bench.fabric.zero_load_cycles(7, 4)) << cycles;
    EXPECT_EQ((bench.log.at[{2, 39}]), bench.fabric.zero_load_cycles(6, 4)) << cycles;
  }
}

TEST(FlitFabricTest, KeepsTheOrderOfEachFlowAndQueuesBeyondTheInterface) {
  Bench bench;
  for (std::uint64_t tag = 0; tag < 200; ++tag)
    bench.fabric.post(Bench::packet(3, 60, 1 + static_cast<unsigned>(tag * 7 % 5)), tag, bench.log);
  for (std::uint64_t tag = 1000; tag < 1200; ++tag)
    bench.fabric.post(Bench::packet(4, 60, 3), tag, bench.log);
  bench.run();
  ASSERT_EQ(bench.log.order.size(), 400u);
  std::uint64_t first = 0;
  std::uint64_t second = 1000;
  for (const std::uint64_t tag : bench.log.order) EXPECT_EQ(tag, tag < 1000 ? first++ : second++);
}

TEST(FlitFabricTest, CountsWhatEachLinkCarriesAndWhyItWasWaitedFor) {
  Bench bench;
  for (std::uint64_t tag = 0; tag < 20; ++tag) {
    bench.fabric.post(Bench::packet(0, 2, 9), tag, bench.log);
    bench.fabric.post(Bench::packet(1, 2, 9), 100 + tag, bench.log);
  }
  bench.run();
  bench.fabric.refresh_statistics();
  const FabricStatistics& statistics = bench.fabric.statistics();
  const auto& link = statistics.links[bench.fabric.topology().output(1, Topology::kEast)];
  EXPECT_EQ(link.flits, 40u * 9);
  std::uint64_t sum = 0;
  for (const std::uint64_t flits : link.vc_flits) sum += flits;
  EXPECT_EQ(sum, link.flits);
  EXPECT_GT(link.blocked_switch_ps + link.blocked_channel_ps + link.blocked_credit_ps, 0u);
}

TEST(FlitFabricTest, AMulticastUsesEachLinkOfItsTreeOnce) {
  Bench bench;
  std::vector<std::uint32_t> sinks;
  for (std::uint32_t y = 2; y < 6; ++y)
    for (std::uint32_t x = 3; x < 7; ++x) sinks.push_back(y * 8 + x);
  bench.fabric.post_multicast(Bench::packet(0, 0, 17, 0, MessageClass::stream), sinks, 1,
                              bench.log);
  bench.run();
  ASSERT_EQ(bench.log.at.size(), 16u);
  for (const std::uint32_t sink : sinks)
    EXPECT_EQ((bench.log.at[{1, sink}]),
              bench.fabric.zero_load_cycles(bench.fabric.topology().hops(0, sink), 17));
  for (const FabricStatistics::Link& link : bench.fabric.statistics().links)
    EXPECT_TRUE(link.flits == 0 || link.flits == 17);
  EXPECT_EQ(bench.fabric.statistics().multicasts, 1u);
}

TEST(FlitFabricTest, AReductionUsesEachLinkBetweenRoutersOnceAndBeatsGathering) {
  const std::vector<std::uint32_t> sources{8, 1, 2, 3, 4, 5, 6, 7};
  Bench reduce;
  const std::uint64_t number = reduce.fabric.open_reduction(
      Bench::packet(0, 0, 17, 0, MessageClass::stream), sources, 9, reduce.log);
  for (const std::uint32_t source : sources)
    reduce.fabric.contribute(number, source, source % 3 * kPeriod);
  reduce.run();
  ASSERT_EQ(reduce.log.at.size(), 1u);
  EXPECT_EQ(reduce.fabric.statistics().reductions, 1u);
  EXPECT_EQ(reduce.fabric.statistics().additions, 7u * 17);
  for (unsigned router = 0; router < 64; ++router)
    for (unsigned d = 0; d < Topology::kNeighbours; ++d)
      EXPECT_LE(reduce.fabric.network().link_flits(router, d), 17u);
  Bench gather;  // four vectors each, where the sink's link is what limits
  Bench many;
  for (std::uint64_t i = 0; i < 4; ++i) {
    const std::uint64_t open = many.fabric.open_reduction(
        Bench::packet(0, 0, 17, 0, MessageClass::stream), sources, i, many.log);
    for (const std::uint32_t source : sources) {
      many.fabric.contribute(open, source, 0);
      gather.fabric.post(Bench::packet(source, 0, 17, 0, MessageClass::stream), source * 10 + i,
                         gather.log);
    }
  }
  many.run();
  gather.run();
  EXPECT_LT(many.now, gather.now);
}

TEST(FlitFabricTest, WhatCannotArriveIsLostAtOnce) {
  FabricConfig config;
  config.faults.links = {{0, 1}};
  Bench bench(config, 4);
  EXPECT_FALSE(bench.fabric.reachable(0, 3));
  EXPECT_FALSE(bench.fabric.reachable(1, 0) && bench.fabric.reachable(0, 1));
  bench.fabric.post(Bench::packet(0, 3, 2), 1, bench.log);
  const std::vector<std::uint32_t> sinks{2, 4, 8};
  bench.fabric.post_multicast(Bench::packet(0, 0, 2, 0, MessageClass::stream), sinks, 2, bench.log);
  bench.run();
  EXPECT_THAT(bench.log.lost, ::testing::ElementsAre(2, 3));
  EXPECT_EQ(bench.log.at.size(), 2u);
  EXPECT_EQ(bench.fabric.statistics().lost(), 2u);
}

TEST(FlitFabricTest, ResetForgetsPacketsAndTheirReceivers) {
  Bench bench;
  bench.fabric.post(Bench::packet(0, 63, 9), 1, bench.log);
  bench.due = kNever;
  bench.pace = 20 * kPeriod;
  bench.fabric.drive();
  bench.fabric.reset();
  bench.run();
  EXPECT_TRUE(bench.log.order.empty());
  bench.fabric.post(Bench::packet(0, 1, 1, 1000), 2, bench.log);
  bench.run();
  EXPECT_EQ((bench.log.at[{2, 1}]), 1000 + bench.fabric.zero_load_cycles(1, 1));
}

// Links so slow that nothing moves for longer than the watchdog allows.
TEST(FlitFabricTest, TheWatchdogReportsAndDropsWhatStandsStill) {
  FabricConfig config;
  config.link_cycles = 60;
  config.watchdog_cycles = 20;
  Bench bench(config);
  std::vector<std::string> alarms;
  bench.fabric.set_alarm([&](const std::string& message) { alarms.push_back(message); });
  bench.fabric.post(Bench::packet(0, 3, 2), 1, bench.log);
  bench.run();
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_THAT(alarms[0], ::testing::HasSubstr("stand still"));
  EXPECT_THAT(bench.log.lost, ::testing::ElementsAre(3));
  EXPECT_EQ(bench.fabric.statistics().lost(), 1u);
  bench.fabric.post(Bench::packet(9, 9, 2, 1000), 2, bench.log);
  bench.run();
  EXPECT_EQ(alarms.size(), 2u);
  EXPECT_EQ(bench.log.order.size(), 2u) << "nothing hangs";
}

TEST(FlitFabricTest, RefusesWhatThisLevelCannotBe) {
  const auto message = [](void (*change)(FabricConfig&)) -> std::string {
    FabricConfig config;
    change(config);
    try {
      Bench bench(config);
    } catch (const UserError& error) {
      return error.what();
    }
    return "accepted";
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(message([](FabricConfig& c) { c.routing = Routing::up_down; }), HasSubstr("up_down"));
  EXPECT_THAT(message([](FabricConfig& c) { c.router_cycles = 1; }), HasSubstr("at least 2"));
  EXPECT_THAT(message([](FabricConfig& c) {
                c.routing = Routing::o1turn;
                c.virtual_channels = 2;
              }),
              HasSubstr("could deadlock"));
}

}  // namespace
}  // namespace aimc::noc
