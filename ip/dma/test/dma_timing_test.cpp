// SPDX-License-Identifier: Apache-2.0
#include "aimc/dma/dma.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "aimc/common/error.h"
#include "aimc/common/registry.h"
#include "aimc/dma/dma_map.h"
#include "bench.h"

namespace aimc::dma {
namespace {

using namespace aimc::dma::testing;
using Access = Memories::Access;

constexpr std::uint32_t kDone = DMA_CH_STATUS_DONE_MASK;
constexpr std::uint32_t kBusy = DMA_CH_STATUS_BUSY_MASK;

TEST(DmaTimingTest, StartsReadsAheadOfWrites) {
  DmaConfig config;
  config.outstanding = 1;
  Bench bench(config);
  bench.memories.read_ps = 100 * kPeriod;
  bench.memories.write_ps = 60 * kPeriod;
  bench.store(kRam, linear(kTileA, kTileB, 1024));
  bench.start(0, kRam);
  bench.run();
  const std::uint64_t first = (100 + 8) * kPeriod;  // descriptor and setup
  const auto reads = bench.memories.data_accesses(false);
  const auto writes = bench.memories.data_accesses(true);
  ASSERT_EQ(reads.size(), 4u);
  ASSERT_EQ(writes.size(), 4u);
  for (unsigned i = 0; i < 4; ++i) {
    // The slower side sets the pace; the write of a burst begins when its read has ended.
    EXPECT_EQ(reads[i].time_ps, first + i * 100 * kPeriod);
    EXPECT_EQ(writes[i].time_ps, first + (i + 1) * 100 * kPeriod);
  }
}

TEST(DmaTimingTest, IsHeldBackBySlowWritesThroughItsTwoBuffers) {
  DmaConfig config;
  config.outstanding = 1;
  Bench bench(config);
  bench.memories.read_ps = 20 * kPeriod;
  bench.memories.write_ps = 100 * kPeriod;
  bench.store(kRam, linear(kTileA, kTileB, 1280));
  bench.start(0, kRam);
  bench.run();
  const std::uint64_t first = (20 + 8) * kPeriod;
  const auto reads = bench.memories.data_accesses(false);
  const auto writes = bench.memories.data_accesses(true);
  for (unsigned i = 0; i < 5; ++i)
    EXPECT_EQ(writes[i].time_ps, first + (20 + i * 100) * kPeriod) << i;
  EXPECT_EQ(reads[1].time_ps, first + 20 * kPeriod);
  // The third burst needs the first one's buffer.
  EXPECT_EQ(reads[2].time_ps, writes[1].time_ps);
  EXPECT_EQ(reads[4].time_ps, writes[3].time_ps);
}

TEST(DmaTimingTest, OverlapsAsManyTransactionsAsItMayHaveUnderWay) {
  DmaConfig config;
  config.outstanding = 4;
  Bench bench(config);
  bench.memories.read_ps = 100 * kPeriod;
  dma_descriptor_t gather = linear(kTileA, kTileB, 16);
  gather.count1 = 8;
  gather.source_stride1 = 64;
  gather.destination_stride1 = 16;
  bench.store(kRam, gather);
  bench.start(0, kRam);
  bench.run();
  const auto reads = bench.memories.data_accesses(false);
  ASSERT_EQ(reads.size(), 8u);
  // One word of the data path each cycle until four are under way. The descriptor fetch of 44
  // bytes has used one slot, long free again.
  for (unsigned i = 0; i < 8; ++i)
    EXPECT_EQ(reads[i].time_ps, (108 + i % 4 + i / 4 * 100) * kPeriod) << i;
}

TEST(DmaTimingTest, TellsTheTimeOfTheEndExactly) {
  Bench bench;
  bench.memories.read_ps = bench.memories.write_ps = 100 * kPeriod;
  bench.store(kRam, linear(kTileA, kTileB, 256));
  bench.start(0, kRam);
  const std::uint64_t end = (100 + 8 + 100 + 100) * kPeriod;
  sc_core::sc_start(sc_core::sc_time::from_value(end));  // up to, not including
  EXPECT_EQ(bench.status(), kBusy);
  sc_core::sc_start(sc_core::sc_time::from_value(1));
  EXPECT_EQ(bench.status(), kDone);
}

TEST(DmaTimingTest, KeepsItsTimesWhenTheInterconnectWaits) {
  Bench bench;
  bench.memories.waits = true;
  bench.memories.read_ps = bench.memories.write_ps = 100 * kPeriod;
  bench.store(kRam, linear(kTileA, kTileB, 1024));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.status(), kDone);
  EXPECT_EQ(bench.bytes(kTileB, 1024), bench.bytes(kTileA, 1024));
}

TEST(DmaTimingTest, StaysWithinTheQuantumOfKernelTime) {
  Bench bench({}, 1e-6);
  bench.memories.read_ps = bench.memories.write_ps = 100000;
  bench.store(kRam, linear(kTileA, kTileB, 0x8000));
  bench.start(0, kRam);
  bench.run(5e-6);
  // The last block may reach beyond by its own read and write.
  EXPECT_LE(bench.memories.log.back().time_ps, 6000000u + 2 * 100000u + 16 * kPeriod);
  EXPECT_GE(bench.memories.log.back().time_ps, 5000000u);
  EXPECT_EQ(bench.status(), kBusy);
}

TEST(DmaTimingTest, RunsChannelsSideBySide) {
  Bench bench({}, 0.0);
  bench.memories.read_ps = bench.memories.write_ps = 100 * kPeriod;
  for (unsigned channel = 0; channel < 8; ++channel) {
    bench.store(kRam + channel * 64,
                linear(kTileA + channel * 0x800, kTileB + channel * 0x800, 0x400 + channel * 64));
    bench.start(channel, kRam + channel * 64);
  }
  // As long as the longest of them alone, not as long as all together.
  bench.run(1e-12 * static_cast<double>((100 + 8 + 7 * 150 + 300) * kPeriod));
  for (unsigned channel = 0; channel < 8; ++channel) {
    EXPECT_EQ(bench.status(channel), kDone) << channel;
    EXPECT_EQ(bench.bytes(kTileB + channel * 0x800, 0x400 + channel * 64),
              bench.bytes(kTileA + channel * 0x800, 0x400 + channel * 64));
  }
  EXPECT_EQ(bench.host.read(DMA_IRQ_PENDING_OFFSET), 0xffu);
  bool mixed = false;
  for (std::size_t i = 1; i < bench.memories.log.size(); ++i)
    mixed = mixed || bench.memories.log[i].address < bench.memories.log[i - 1].address;
  EXPECT_TRUE(mixed);
  for (unsigned channel = 0; channel < 8; ++channel) {
    EXPECT_TRUE(bench.line.read());
    bench.host.write(DMA_CH_STATUS_OFFSET(channel), kDone);
    bench.run(1e-9);
  }
  EXPECT_FALSE(bench.line.read());
}

TEST(DmaTimingTest, ReportsStatisticsAndEnergyPerChannel) {
  Bench bench;
  bench.memories.read_ps = bench.memories.write_ps = 100 * kPeriod;
  bench.store(kRam, linear(kTileA, kTileB, 256));
  bench.start(1, kRam);
  bench.run();
  nlohmann::ordered_json stats;
  bench.dma.report(stats);
  const auto& channel = stats["channels"][1];
  EXPECT_EQ(channel["bytes"], 256);
  EXPECT_EQ(channel["descriptors"], 1);
  EXPECT_EQ(channel["transactions"], 3);
  EXPECT_DOUBLE_EQ(channel["busy_s"], 308 * 2.5e-9);
  EXPECT_EQ(channel["errors"], 0);
  EXPECT_EQ(stats["channels"][0]["bytes"], 0);
  EXPECT_DOUBLE_EQ(bench.dma.energy().total(), 256e-12);
  EXPECT_EQ(bench.dma.energy().entries()[0].cause, "transfer");
}

struct Recorder : trace::Sink {
  explicit Recorder(std::vector<std::string>& text) : lines(text) {}
  void open(const trace::Names& all) override { names = &all; }
  void consume(const trace::Event* events, std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      lines.push_back(fmt::format("{} {} {:#x} {}", names->tracks[events[i].track].path,
                                  events[i].kind == trace::Kind::begin ? "begin" : "end",
                                  events[i].value, events[i].time_ps / kPeriod));
  }
  bool close() override { return true; }
  const trace::Names* names = nullptr;
  std::vector<std::string>& lines;
};

TEST(DmaTimingTest, DrawsASliceForEachDescriptor) {
  Bench bench;
  std::vector<std::string> lines;
  bench.services.hub.add_sink(std::make_unique<Recorder>(lines));
  bench.services.hub.select({});
  bench.memories.read_ps = bench.memories.write_ps = 100 * kPeriod;
  bench.store(kRam, linear(kTileA, kTileB, 256, kRam + 0x40));
  bench.store(kRam + 0x40, linear(kTileA, 0x1000, 256));
  bench.start(3, kRam);
  bench.run();
  bench.services.hub.close();
  // The second one: descriptor, setup, read, refused burst, refused beat.
  EXPECT_THAT(lines, ::testing::ElementsAre("dma.ch3 begin 0x80000000 0", "dma.ch3 end 0x0 308",
                                            "dma.ch3 begin 0x80000040 308", "dma.ch3 end 0x0 716"));
}

}  // namespace
}  // namespace aimc::dma
