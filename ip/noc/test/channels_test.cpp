// SPDX-License-Identifier: Apache-2.0
// Channels at work: streams, multicasts, reductions, windows.
#include <gmock/gmock.h>

#include <random>

#include "aimc/noc/noc_map.h"
#include "aimc/testing/register_walk.h"
#include "channels_fixture.h"

namespace aimc::noc {
namespace {

using namespace aimc::noc::testing;

TEST_F(ChannelsTest, HaveTheRegistersOfTheirDescription) {
  start();
  aimc::testing::RegisterWalk walk;
  walk.live = {"GEOMETRY", "ENDPOINTS", "FLIT_BYTES", "CHANNELS", "PRESENT"};
  walk.acting = {"CH_CTRL",    "CH_KIND",  "CH_BYTES",      "CH_SLOTS",
                 "CH_ADDRESS", "CH_PITCH", "CH_ADD_SOURCE", "CH_ADD_SINK"};
  walk.elements = 16;
  walk.run(bench.bus, regs::kNoc);
}

TEST_F(ChannelsTest, AStreamWritesVectorsIntoTheSinksSlotsAtTheirArrival) {
  start();
  ASSERT_EQ(open(3, {.sources = {0}, .sinks = {5}}), NOC_ERROR_NONE);
  const Bytes first(64, 1);
  const Bytes second(64, 2);
  EXPECT_EQ(port(0).vector_bytes(3), 64u);
  EXPECT_EQ(port(0).send(3, first), Result::done);
  EXPECT_EQ(port(0).send(3, second), Result::done);
  std::uint64_t offset = 0;
  run(one_way(2, 5) / kPeriod - 1);
  EXPECT_EQ(port(5).receive(3, &offset), Result::blocked) << "two hops, header and 4 flits";
  run(2);
  ASSERT_EQ(port(5).receive(3, &offset), Result::done);
  EXPECT_EQ(offset, 0x1000u);
  EXPECT_EQ(at(5, 0x1000, 64), first);
  run(10);
  EXPECT_EQ(at(5, 0x1040, 64), second);
  EXPECT_EQ(get(NOC_CH_SENT_OFFSET(3)), 2u);
  EXPECT_EQ(get(NOC_CH_DELIVERED_OFFSET(3)), 2u);
  EXPECT_EQ(bench.report()["channels"]["3"]["vectors"], 2);
}

TEST_F(ChannelsTest, AStreamStopsWithoutCreditsAndGoesOnWhenASlotIsGivenBack) {
  start();
  ASSERT_EQ(open(0, {.sources = {0}, .sinks = {15}}), NOC_ERROR_NONE);
  Bytes vector(64);
  for (std::uint8_t n = 0; n < 2; ++n) {
    vector[0] = n;
    EXPECT_EQ(port(0).send(0, vector), Result::done);
  }
  vector[0] = 2;
  EXPECT_EQ(port(0).send(0, vector), Result::blocked);
  EXPECT_EQ(get(NOC_CH_CREDITS_OFFSET(0)), 0u);
  run(200);
  EXPECT_EQ(port(0).send(0, vector), Result::blocked) << "arrival alone is no credit";
  std::uint64_t offset = 0;
  EXPECT_EQ(port(15).receive(0, &offset), Result::done);
  EXPECT_EQ(port(15).release(0), Result::done);
  EXPECT_EQ(port(0).send(0, vector), Result::blocked) << "the credit is on its way";
  run(one_way(6, 1) / kPeriod + 1);
  EXPECT_EQ(get(NOC_CH_CREDITS_OFFSET(0)), 1u);
  EXPECT_EQ(port(0).send(0, vector), Result::done);
  EXPECT_EQ(port(15).receive(0, &offset), Result::done);
  EXPECT_EQ(offset, 0x1040u) << "the second slot; the third vector wraps into the first";
  run(200);
  EXPECT_EQ(at(15, 0x1000, 1), Bytes{2});
  EXPECT_EQ(at(15, 0x1040, 1), Bytes{1});
}

TEST_F(ChannelsTest, CarriesLongVectorsInOrderUnderRandomTiming) {
  start();
  ASSERT_EQ(open(0, {.bytes = 1000, .slots = 3, .sources = {1}, .sinks = {14}}), NOC_ERROR_NONE);
  std::mt19937 draw(11);
  std::uint8_t sent = 0;
  std::uint8_t received = 0;
  std::uint64_t offset = 0;
  for (int step = 0; step < 2000 && received < 100; ++step) {
    if (sent < 100 && draw() % 2 == 0 && port(1).send(0, Bytes(1000, sent)) == Result::done) ++sent;
    if (draw() % 3 == 0 && port(14).receive(0, &offset) == Result::done) {
      EXPECT_EQ(at(14, static_cast<std::uint32_t>(offset), 1000), Bytes(1000, received));
      EXPECT_EQ(port(14).release(0), Result::done);
      ++received;
    }
    run(draw() % 60);
  }
  EXPECT_EQ(received, 100);
}

TEST_F(ChannelsTest, AMulticastReachesSixteenSinksOverEachLinkOnce) {
  start();
  ChannelSetup setup{.kind = NOC_KIND_MULTICAST, .bytes = 256, .slots = 1, .sources = {0}};
  for (std::uint32_t sink = 0; sink < 16; ++sink) setup.sinks.push_back(sink);
  ASSERT_EQ(open(0, setup), NOC_ERROR_NONE);
  EXPECT_EQ(port(0).send(0, Bytes(256, 7)), Result::done);
  run(100);
  for (unsigned sink = 0; sink < 16; ++sink) EXPECT_EQ(at(sink, 0x1000, 256), Bytes(256, 7));
  const auto stats = bench.report();
  EXPECT_EQ(stats["links"].size(), 1u + 15 + 16) << "injection, tree of 16 routers, 16 ejections";
  for (const auto& [name, link] : stats["links"].items()) EXPECT_EQ(link["flits"], 17) << name;
  // The credit is back when every sink has given its slot back.
  for (unsigned sink = 0; sink < 16; ++sink) {
    EXPECT_EQ(port(0).send(0, Bytes(256, 8)), Result::blocked);
    std::uint64_t offset = 0;
    EXPECT_EQ(port(sink).receive(0, &offset), Result::done);
    EXPECT_EQ(port(sink).release(0), Result::done);
    run(100);
  }
  EXPECT_EQ(port(0).send(0, Bytes(256, 8)), Result::done);
}

TEST_F(ChannelsTest, AReductionEqualsTheIntegerSumUnderRandomTiming) {
  start();
  constexpr unsigned kLanes = 224;
  ASSERT_EQ(open(2, {.kind = NOC_KIND_REDUCE,
                     .bytes = kLanes * 4,
                     .slots = 2,
                     .sources = {1, 2, 3, 5, 6, 9, 12, 15},
                     .sinks = {0}}),
            NOC_ERROR_NONE);
  const std::vector<unsigned> sources{1, 2, 3, 5, 6, 9, 12, 15};
  std::mt19937 draw(5);
  std::vector<std::vector<std::int32_t>> sums(40, std::vector<std::int32_t>(kLanes));
  std::vector<unsigned> sent(sources.size());
  std::size_t received = 0;
  for (int step = 0; step < 4000 && received < sums.size(); ++step) {
    const std::size_t s = draw() % sources.size();
    if (sent[s] < sums.size()) {
      std::vector<std::int32_t> lanes(kLanes);
      for (auto& lane : lanes) lane = static_cast<std::int32_t>(draw()) / 8;
      if (port(sources[s]).send(2, words(lanes)) == Result::done) {
        for (unsigned i = 0; i < kLanes; ++i) sums[sent[s]][i] += lanes[i];
        ++sent[s];
      }
    }
    std::uint64_t offset = 0;
    if (draw() % 4 == 0 && port(0).receive(2, &offset) == Result::done) {
      EXPECT_EQ(at(0, static_cast<std::uint32_t>(offset), kLanes * 4), words(sums[received]));
      EXPECT_EQ(port(0).release(2), Result::done);
      ++received;
    }
    run(draw() % 40);
  }
  EXPECT_EQ(received, sums.size());
  EXPECT_EQ(get(NOC_CH_OVERFLOWS_OFFSET(2)), 0u);
  EXPECT_EQ(bench.report()["reductions"], 40 * 4) << "four packets a vector";
}

TEST_F(ChannelsTest, AReductionWrapsAndCountsLanesThatOverflow) {
  start();
  ASSERT_EQ(
      open(0,
           {.kind = NOC_KIND_REDUCE, .bytes = 12, .slots = 1, .sources = {1, 2, 3}, .sinks = {0}}),
      NOC_ERROR_NONE);
  port(1).send(0, words({0x7fffffff, 5, 0x7fffffff}));
  port(2).send(0, words({1, -6, 2}));
  port(3).send(0, words({0, 1, -3}));
  run(100);
  EXPECT_EQ(at(0, 0x1000, 12), words({INT32_MIN, 0, 0x7ffffffe}));
  EXPECT_EQ(get(NOC_CH_OVERFLOWS_OFFSET(0)), 1u)
      << "a sum that passes the limit on its way is fine";
}

TEST_F(ChannelsTest, AWindowCarriesABusWriteToAllSinksAndMergesTheAnswers) {
  start();
  ASSERT_EQ(open(1, {.kind = NOC_KIND_WINDOW, .sinks = {3, 12, 15}}), NOC_ERROR_NONE);
  const std::uint64_t base = window(16 + 1);
  Bytes data(600);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(bench.host.write_bytes(base + 0x200, data), tlm::TLM_OK_RESPONSE);
  for (const unsigned sink : {3u, 12u, 15u}) EXPECT_EQ(at(sink, 0x200, 600), data);
  // Packets of 17, 17 and 7 flits follow each other on the one channel of the class with its
  // turn-around of 2; the answers of 15 and 12, then that of 3, meet on their way back.
  EXPECT_EQ(to_ps(bench.host.delay),
            one_way(6, 7) + 2 * (17 + 2) * kPeriod + one_way(6, 1) + 2 * kPeriod);
  bench.host.read(base);
  EXPECT_EQ(bench.host.status, tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_EQ(bench.host.write_bytes(base + kWindow - 300, data), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  bench.targets[12]->fail_at = 0x300;
  EXPECT_EQ(bench.host.write_bytes(base + 0x200, data), tlm::TLM_GENERIC_ERROR_RESPONSE);
  set(NOC_CH_CTRL_OFFSET(1), 0);
  EXPECT_EQ(bench.host.write_bytes(base, data), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

}  // namespace
}  // namespace aimc::noc
