// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "bench.h"

namespace aimc::dma {
namespace {

using namespace aimc::dma::testing;

constexpr std::uint32_t kError = DMA_CH_STATUS_ERROR_MASK;

TEST(DmaFaultTest, ReportsADescriptorThatCannotBeRead) {
  Bench bench;
  bench.start(0, 0x1000);
  bench.run();
  EXPECT_EQ(bench.status(), kError);
  EXPECT_EQ(bench.fault_code(), DMA_ERROR_DESCRIPTOR_READ);
  EXPECT_EQ(bench.fault_address(), 0x1000u);
  EXPECT_TRUE(bench.line.read());
  bench.host.write(DMA_CH_STATUS_OFFSET(0), kError);
  bench.run();
  EXPECT_FALSE(bench.line.read());
}

TEST(DmaFaultTest, RaisesTheLineForErrorsOnlyIfEnabled) {
  Bench bench;
  bench.start(0, 0x1000, DMA_CH_CTRL_IRQ_DONE_MASK);
  bench.run();
  EXPECT_EQ(bench.status(), kError);
  EXPECT_FALSE(bench.line.read());
}

TEST(DmaFaultTest, RefusesAMisalignedDescriptorWithoutReadingIt) {
  Bench bench;
  bench.store(kRam, linear(kTileA, kTileB, 16, kRam + 0x102));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.status(), kError);
  EXPECT_EQ(bench.fault_code(), DMA_ERROR_DESCRIPTOR_BAD);
  EXPECT_EQ(bench.fault_address(), kRam + 0x102);
  EXPECT_EQ(bench.host.read(DMA_CH_DESCRIPTORS_OFFSET(0)), 1u);
  EXPECT_EQ(bench.bytes(kTileB, 16), bench.bytes(kTileA, 16));
}

TEST(DmaFaultTest, RefusesSizesOfZero) {
  Bench bench;
  for (unsigned which = 0; which < 3; ++which) {
    dma_descriptor_t descriptor = linear(kTileA, kTileB, which == 0 ? 0 : 4);
    if (which == 1) descriptor.count1 = 0;
    if (which == 2) descriptor.count2 = 0;
    bench.store(kRam + 0x40, descriptor);
    bench.start(0, kRam + 0x40);
    bench.run();
    EXPECT_EQ(bench.status(), kError) << which;
    EXPECT_EQ(bench.fault_code(), DMA_ERROR_DESCRIPTOR_BAD);
    EXPECT_EQ(bench.fault_address(), kRam + 0x40);
    bench.host.write(DMA_CH_STATUS_OFFSET(0), kError);
  }
  EXPECT_EQ(*bench.memories.at(kTileB), 0);
}

TEST(DmaFaultTest, ReportsTheExactSourceAddressAndCopiesWhatCameBefore) {
  Bench bench;
  // The source ends within the third burst.
  const std::uint32_t source = kTileA + kRegionBytes - 600;
  bench.store(kRam, linear(source, kTileB + 1, 1000));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.status(), kError);
  EXPECT_EQ(bench.fault_code(), DMA_ERROR_READ);
  EXPECT_EQ(bench.fault_address(), kTileA + kRegionBytes);
  EXPECT_EQ(bench.host.read(DMA_CH_BYTES_OFFSET(0)), 600u);
  EXPECT_EQ(bench.bytes(kTileB + 1, 600), bench.bytes(source, 600));
  EXPECT_EQ(*bench.memories.at(kTileB + 601), 0);
  EXPECT_EQ(bench.host.read(DMA_CH_DESCRIPTORS_OFFSET(0)), 0u);
}

TEST(DmaFaultTest, ReportsTheExactDestinationAddress) {
  Bench bench;
  const std::uint32_t destination = kTileB + kRegionBytes - 333;  // misaligned
  bench.store(kRam, linear(kTileA, destination, 1000));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.fault_code(), DMA_ERROR_WRITE);
  EXPECT_EQ(bench.fault_address(), kTileB + kRegionBytes);
  EXPECT_EQ(bench.host.read(DMA_CH_BYTES_OFFSET(0)), 333u);
  EXPECT_EQ(bench.bytes(destination, 333), bench.bytes(kTileA, 333));
}

TEST(DmaFaultTest, ReportsTheFailingRunOfAGather) {
  Bench bench;
  dma_descriptor_t gather = linear(kTileA, kTileB, 6);
  gather.count1 = 50;
  gather.source_stride1 = 16;
  gather.destination_stride1 = 6;
  bench.store(kRam, gather);
  bench.memories.refuse_at = kTileA + 16 * 20;
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.fault_code(), DMA_ERROR_READ);
  EXPECT_EQ(bench.fault_address(), kTileA + 16 * 20);
  EXPECT_EQ(bench.host.read(DMA_CH_BYTES_OFFSET(0)), 120u);
  for (unsigned i = 0; i < 20; ++i)
    EXPECT_EQ(bench.bytes(kTileB + 6 * i, 6), bench.bytes(kTileA + 16 * i, 6));
}

TEST(DmaFaultTest, StopsInDescriptorTwoOfThree) {
  Bench bench;
  bench.store(kRam, linear(kTileA, kTileB, 64, kRam + 0x40));
  bench.store(kRam + 0x40, linear(kTileA, 0x20000000, 64, kRam + 0x80));
  bench.store(kRam + 0x80, linear(kTileA, kTileB + 0x100, 64));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.status(), kError);
  EXPECT_EQ(bench.fault_code(), DMA_ERROR_WRITE);
  EXPECT_EQ(bench.fault_address(), 0x20000000u);
  EXPECT_EQ(bench.host.read(DMA_CH_CURRENT_OFFSET(0)), kRam + 0x40);
  EXPECT_EQ(bench.host.read(DMA_CH_DESCRIPTORS_OFFSET(0)), 1u);
  EXPECT_EQ(bench.host.read(DMA_CH_BYTES_OFFSET(0)), 64u);
  EXPECT_EQ(*bench.memories.at(kTileB + 0x100), 0);
}

TEST(DmaFaultTest, DoesNotRunOverTheEndOfTheAddressSpace) {
  Bench bench;
  bench.store(kRam, linear(0xfffffff0, kTileB, 64));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.fault_code(), DMA_ERROR_READ);
  EXPECT_EQ(bench.fault_address(), 0xfffffff0u);
}

TEST(DmaFaultTest, LeavesOtherChannelsRunning) {
  Bench bench({}, 0.0);
  bench.memories.read_ps = bench.memories.write_ps = 100000;
  bench.store(kRam, linear(0x1000, kTileB, 64));
  bench.store(kRam + 0x40, linear(kTileA, kTileB, 2048));
  bench.start(0, kRam);
  bench.start(1, kRam + 0x40);
  bench.run();
  EXPECT_EQ(bench.status(0), kError);
  EXPECT_EQ(bench.status(1), DMA_CH_STATUS_DONE_MASK);
  EXPECT_EQ(bench.bytes(kTileB, 2048), bench.bytes(kTileA, 2048));
}

TEST(DmaFaultTest, StartForgetsTheLastFault) {
  Bench bench;
  bench.start(0, 0x1000);
  bench.run();
  bench.host.write(DMA_CH_STATUS_OFFSET(0), kError);
  bench.store(kRam, linear(kTileA, kTileB, 64));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.status(), DMA_CH_STATUS_DONE_MASK);
  EXPECT_EQ(bench.fault_code(), DMA_ERROR_NONE);
  EXPECT_EQ(bench.fault_address(), 0u);
}

}  // namespace
}  // namespace aimc::dma
