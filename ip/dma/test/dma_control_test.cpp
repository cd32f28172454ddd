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

TEST(DmaControlTest, KeepsTheLineLowWithoutEnableAndRaisesItWhenEnabledLater) {
  Bench bench;
  bench.store(kRam, linear(kTileA, kTileB, 16));
  bench.start(2, kRam, 0);
  bench.run();
  EXPECT_EQ(bench.status(2), kDone);
  EXPECT_FALSE(bench.line.read());
  bench.host.write(DMA_CH_CTRL_OFFSET(2), DMA_CH_CTRL_IRQ_ERROR_MASK);
  bench.run();
  EXPECT_FALSE(bench.line.read());
  bench.host.write(DMA_CH_CTRL_OFFSET(2), DMA_CH_CTRL_IRQ_DONE_MASK);
  bench.run();
  EXPECT_TRUE(bench.line.read());
  EXPECT_EQ(bench.host.read(DMA_IRQ_PENDING_OFFSET), 4u);
  bench.host.write(DMA_CH_CTRL_OFFSET(2), 0);
  bench.run();
  EXPECT_FALSE(bench.line.read());
}

TEST(DmaControlTest, FollowsAChainAndInterruptsInItsMiddle) {
  Bench bench({}, 0.0);
  bench.memories.read_ps = bench.memories.write_ps = 100000;
  bench.store(kRam, linear(kTileA, kTileB, 256, kRam + 0x100, true));
  bench.store(kRam + 0x100, linear(kTileA + 256, kTileB + 256, 4096, kRam + 0x40));
  bench.store(kRam + 0x40, linear(kTileB, kTileB + 0x8000, 64));
  bench.start(0, kRam);
  // Descriptor, setup, one burst each way.
  bench.run(330e-9);
  EXPECT_EQ(bench.status(), kDone | kBusy);
  EXPECT_TRUE(bench.line.read());
  EXPECT_EQ(bench.host.read(DMA_CH_DESCRIPTORS_OFFSET(0)), 1u);
  EXPECT_EQ(bench.host.read(DMA_CH_CURRENT_OFFSET(0)), kRam + 0x100);
  bench.host.write(DMA_CH_STATUS_OFFSET(0), kDone);
  bench.run(100e-9);
  EXPECT_FALSE(bench.line.read());
  EXPECT_EQ(bench.status(), kBusy);
  bench.run();
  EXPECT_EQ(bench.status(), kDone);
  EXPECT_TRUE(bench.line.read());
  EXPECT_EQ(bench.host.read(DMA_CH_DESCRIPTORS_OFFSET(0)), 3u);
  EXPECT_EQ(bench.bytes(kTileB, 4352), bench.bytes(kTileA, 4352));
  EXPECT_EQ(bench.bytes(kTileB + 0x8000, 64), bench.bytes(kTileA, 64));
}

TEST(DmaControlTest, IgnoresStartWhileBusy) {
  Bench bench({}, 0.0);
  bench.memories.read_ps = bench.memories.write_ps = 100000;
  bench.store(kRam, linear(kTileA, kTileB, 512));
  bench.store(kRam + 0x100, linear(kTileA, kTileB + 0x8000, 512));
  bench.start(0, kRam);
  bench.run(150e-9);
  bench.start(0, kRam + 0x100);
  bench.run();
  EXPECT_EQ(bench.status(), kDone);
  EXPECT_EQ(bench.host.read(DMA_CH_DESCRIPTORS_OFFSET(0)), 1u);
  EXPECT_EQ(*bench.memories.at(kTileB + 0x8000), 0);
}

TEST(DmaControlTest, StopsOnAbortAndRunsAgain) {
  Bench bench({}, 0.0);
  bench.memories.read_ps = bench.memories.write_ps = 100000;
  bench.store(kRam, linear(kTileA, kTileB, 0x8000));
  bench.start(0, kRam);
  bench.run(2e-6);
  bench.host.write(DMA_CH_CTRL_OFFSET(0), DMA_CH_CTRL_IRQ_DONE_MASK | DMA_CH_CTRL_ABORT_MASK);
  bench.run(1e-6);
  EXPECT_EQ(bench.status(), DMA_CH_STATUS_ABORTED_MASK);
  EXPECT_FALSE(bench.line.read());
  const std::uint32_t copied = bench.host.read(DMA_CH_BYTES_OFFSET(0));
  EXPECT_GT(copied, 0u);
  EXPECT_LT(copied, 0x8000u);
  EXPECT_EQ(bench.bytes(kTileB, copied), bench.bytes(kTileA, copied));
  EXPECT_EQ(*bench.memories.at(kTileB + copied), 0);
  EXPECT_EQ(bench.host.read(DMA_CH_DESCRIPTORS_OFFSET(0)), 0u);
  bench.host.write(DMA_CH_STATUS_OFFSET(0), DMA_CH_STATUS_ABORTED_MASK);
  bench.store(kRam, linear(kTileA, kTileB, 64));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.status(), kDone);
}

TEST(DmaControlTest, IgnoresAbortWhenIdle) {
  Bench bench;
  bench.host.write(DMA_CH_CTRL_OFFSET(0), DMA_CH_CTRL_ABORT_MASK);
  bench.store(kRam, linear(kTileA, kTileB, 64));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.status(), kDone);
}

TEST(DmaControlTest, ResetInMidWorkReturnsEverythingAndAllowsANewStart) {
  Bench bench({}, 0.0);
  bench.memories.read_ps = bench.memories.write_ps = 100000;
  bench.store(kRam, linear(kTileA, kTileB, 0x8000));
  bench.start(0, kRam);
  bench.start(7, kRam);
  bench.run(1e-6);
  bench.dma.reset();
  EXPECT_EQ(bench.status(0), 0u);
  for (const std::uint32_t offset :
       {DMA_CH_CTRL_OFFSET(0), DMA_CH_DESCRIPTOR_OFFSET(0), DMA_CH_CURRENT_OFFSET(0),
        DMA_CH_BYTES_OFFSET(0), DMA_CH_DESCRIPTORS_OFFSET(0), DMA_CH_STATUS_OFFSET(7)})
    EXPECT_EQ(bench.host.read(offset), 0u) << offset;
  const std::size_t before = bench.memories.log.size();
  bench.run(10e-6);
  EXPECT_EQ(bench.memories.log.size(), before);
  EXPECT_FALSE(bench.line.read());
  bench.store(kRam, linear(kTileA + 1, kTileB, 100));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.status(0), kDone);
  EXPECT_EQ(bench.bytes(kTileB, 100), bench.bytes(kTileA + 1, 100));
  EXPECT_EQ(bench.host.read(DMA_CH_BYTES_OFFSET(0)), 100u);
}

TEST(DmaControlTest, ResetAndStartWhileTheInterconnectWaits) {
  Bench bench({}, 0.0);
  bench.memories.waits = true;
  bench.memories.read_ps = bench.memories.write_ps = 100000;
  bench.store(kRam, linear(kTileA, kTileB, 0x8000));
  bench.start(0, kRam);
  bench.run(150e-9);
  bench.dma.reset();
  bench.store(kRam, linear(kTileA, kTileB + 0x8000, 64));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.status(0), kDone);
  EXPECT_EQ(bench.host.read(DMA_CH_DESCRIPTORS_OFFSET(0)), 1u);
  EXPECT_EQ(bench.bytes(kTileB + 0x8000, 64), bench.bytes(kTileA, 64));
  EXPECT_EQ(*bench.memories.at(kTileB), 0);
}

TEST(DmaControlTest, AnswersForItsOwnChannelsOnly) {
  DmaConfig config;
  config.channels = 3;
  Bench bench(config);
  EXPECT_EQ(bench.host.read(DMA_CHANNELS_OFFSET), 3u);
  EXPECT_EQ(bench.host.write(DMA_CH_DESCRIPTOR_OFFSET(2), 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.host.write(DMA_CH_CTRL_OFFSET(3), DMA_CH_CTRL_START_MASK),
            tlm::TLM_ADDRESS_ERROR_RESPONSE);
  bench.host.read(DMA_CH_STATUS_OFFSET(15));
  EXPECT_EQ(bench.host.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  bench.host.read(0x10);
  EXPECT_EQ(bench.host.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.host.write(DMA_CHANNELS_OFFSET, 1), tlm::TLM_COMMAND_ERROR_RESPONSE);
}

TEST(DmaControlTest, IsMadeFromAPlatformFile) {
  Registry registry;
  registry.add<Dma>("dma", "copy engine", {&regs::kDma});
  const IpKind& kind = registry.find("dma", {});
  EXPECT_EQ(kind.parameters("dma0", load_yaml_text("{channels: 16}", "test"))[0].value, "16");
  EXPECT_THROW(kind.parameters("dma0", load_yaml_text("{channels: 17}", "test")), UserError);
  EXPECT_THROW(kind.parameters("dma0", load_yaml_text("{channels: 0}", "test")), UserError);
}

}  // namespace
}  // namespace aimc::dma
