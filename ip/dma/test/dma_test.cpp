// SPDX-License-Identifier: Apache-2.0
#include "aimc/dma/dma.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

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

TEST(DmaTest, CopiesBytesAndRaisesIrqUntilDoneIsCleared) {
  Bench bench;
  bench.store(kRam, linear(kTileA + 3, kRam + 0x1001, 1000));
  bench.start(0, kRam);
  EXPECT_EQ(bench.status(), kBusy);
  EXPECT_FALSE(bench.line.read());
  bench.run();
  EXPECT_EQ(bench.bytes(kRam + 0x1001, 1000), bench.bytes(kTileA + 3, 1000));
  EXPECT_EQ(*bench.memories.at(kRam + 0x1000), 0);
  EXPECT_EQ(*bench.memories.at(kRam + 0x1001 + 1000), 0);
  EXPECT_EQ(bench.status(), kDone);
  EXPECT_TRUE(bench.line.read());
  EXPECT_EQ(bench.host.read(DMA_IRQ_PENDING_OFFSET), 1u);
  EXPECT_EQ(bench.host.read(DMA_CH_BYTES_OFFSET(0)), 1000u);
  EXPECT_EQ(bench.host.read(DMA_CH_DESCRIPTORS_OFFSET(0)), 1u);
  EXPECT_EQ(bench.host.read(DMA_CH_CURRENT_OFFSET(0)), kRam);
  bench.host.write(DMA_CH_STATUS_OFFSET(0), kDone);
  bench.run();
  EXPECT_FALSE(bench.line.read());
  EXPECT_EQ(bench.status(), 0u);
}

TEST(DmaTest, CopiesEveryAlignmentOfSourceAndDestination) {
  Bench bench;
  for (std::uint32_t source = 0; source < 5; ++source) {
    for (std::uint32_t destination = 0; destination < 5; ++destination) {
      for (const std::uint32_t bytes : {1u, 2u, 3u, 7u, 255u, 256u, 257u}) {
        std::memset(bench.memories.at(kTileB, 512), 0, 512);
        bench.store(kRam, linear(kTileA + source, kTileB + 4 + destination, bytes));
        bench.start(0, kRam);
        bench.run(1e-5);
        ASSERT_EQ(bench.bytes(kTileB + 4 + destination, bytes),
                  bench.bytes(kTileA + source, bytes));
        ASSERT_EQ(*bench.memories.at(kTileB + 3 + destination), 0);
        ASSERT_EQ(*bench.memories.at(kTileB + 4 + destination + bytes), 0);
        bench.host.write(DMA_CH_STATUS_OFFSET(0), kDone);
      }
    }
  }
}

TEST(DmaTest, CopiesFromTileToTileWithoutTouchingRam) {
  Bench bench;
  bench.store(kRam, linear(kTileA + 0x100, kTileB + 0x200, 4096));
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.bytes(kTileB + 0x200, 4096), bench.bytes(kTileA + 0x100, 4096));
  EXPECT_FALSE(bench.memories.touched(kRam));
}

// A 3x3 window of a 24x24x2 feature map: 3 rows of 6 bytes. The source side needs one transaction
// for each row; the dense side one in all.
TEST(DmaTest, GathersAConvolutionWindow) {
  Bench bench;
  dma_descriptor_t window = linear(kTileA + (5 * 24 + 7) * 2, kTileB, 6);
  window.count1 = 3;
  window.source_stride1 = 24 * 2;
  window.destination_stride1 = 6;
  bench.store(kRam, window);
  bench.start(0, kRam);
  bench.run();
  for (unsigned row = 0; row < 3; ++row)
    EXPECT_EQ(bench.bytes(kTileB + row * 6, 6), bench.bytes(kTileA + ((5 + row) * 24 + 7) * 2, 6));
  EXPECT_EQ(bench.memories.data_accesses(false).size(), 3u);
  EXPECT_EQ(bench.memories.data_accesses(true).size(), 1u);
}

TEST(DmaTest, TakesOneShortTransactionPerRunOnTheStridedSideOnly) {
  Bench bench;
  dma_descriptor_t gather = linear(kTileA, kTileB, 6);
  gather.count1 = 24;
  gather.count2 = 24;
  gather.source_stride1 = 16;
  gather.source_stride2 = 24 * 16 + 8;
  gather.destination_stride1 = 6;
  gather.destination_stride2 = 24 * 6;
  bench.store(kRam, gather);
  bench.start(0, kRam);
  bench.run();
  const auto reads = bench.memories.data_accesses(false);
  EXPECT_EQ(reads.size(), 576u);
  for (const Access& access : reads) EXPECT_EQ(access.length, 6u);
  // 42 runs fill a burst of 252 bytes.
  EXPECT_EQ(bench.memories.data_accesses(true).size(), 14u);
  for (unsigned i = 0; i < 576; ++i)
    ASSERT_EQ(bench.bytes(kTileB + i * 6, 6),
              bench.bytes(kTileA + i % 24 * 16 + i / 24 * (24 * 16 + 8), 6));
}

TEST(DmaTest, ScattersDenseDataWithOneTransactionPerRun) {
  Bench bench;
  dma_descriptor_t descriptor = linear(kTileA, kTileB, 6);
  descriptor.count1 = 100;
  descriptor.source_stride1 = 6;
  descriptor.destination_stride1 = 32;
  bench.store(kRam, descriptor);
  bench.start(0, kRam);
  bench.run();
  EXPECT_EQ(bench.memories.data_accesses(false).size(), 3u);
  EXPECT_EQ(bench.memories.data_accesses(true).size(), 100u);
  for (unsigned i = 0; i < 100; ++i)
    ASSERT_EQ(bench.bytes(kTileB + i * 32, 6), bench.bytes(kTileA + i * 6, 6));
}

TEST(DmaTest, FlipsAnImageWithNegativeStrides) {
  Bench bench;
  dma_descriptor_t flip = linear(kTileA + 7 * 40 + 36, kTileB, 4);  // last pixel of the last row
  flip.count1 = 10;
  flip.count2 = 8;
  flip.source_stride1 = static_cast<std::uint32_t>(-4);
  flip.source_stride2 = static_cast<std::uint32_t>(-40);
  flip.destination_stride1 = 4;
  flip.destination_stride2 = 40;
  bench.store(kRam, flip);
  bench.start(0, kRam);
  bench.run();
  for (unsigned i = 0; i < 80; ++i)
    ASSERT_EQ(bench.bytes(kTileB + i * 4, 4), bench.bytes(kTileA + (79 - i) * 4, 4)) << i;
}

TEST(DmaTest, TransposesBetweenTwoStridedSides) {
  Bench bench;
  dma_descriptor_t transpose = linear(kTileA, kTileB, 2);
  transpose.count1 = 9;
  transpose.count2 = 5;
  transpose.source_stride1 = 10;  // 9 rows of 5 elements
  transpose.source_stride2 = 2;
  transpose.destination_stride1 = 2;
  transpose.destination_stride2 = 18;
  bench.store(kRam, transpose);
  bench.start(0, kRam);
  bench.run();
  for (unsigned row = 0; row < 9; ++row)
    for (unsigned column = 0; column < 5; ++column)
      ASSERT_EQ(bench.bytes(kTileB + (column * 9 + row) * 2, 2),
                bench.bytes(kTileA + (row * 5 + column) * 2, 2));
}

TEST(DmaTest, FillsMemoryWithStrideZero) {
  Bench bench;
  dma_descriptor_t fill = linear(kTileA + 5, kTileB, 4);
  fill.count1 = 100;
  fill.destination_stride1 = 4;
  bench.store(kRam, fill);
  bench.start(0, kRam);
  bench.run();
  for (unsigned i = 0; i < 100; ++i)
    ASSERT_EQ(bench.bytes(kTileB + 4 * i, 4), bench.bytes(kTileA + 5, 4));
}

// Random shapes against the definition in the register description, byte by byte.
TEST(DmaTest, EqualsTheDefinitionForRandomShapes) {
  DmaConfig config;
  config.burst_bytes = 64;
  Bench bench(config);
  std::mt19937 random(1);
  const auto draw = [&](std::uint32_t below) {
    return static_cast<std::uint32_t>(random() % below);
  };
  const auto stride = [&](std::uint32_t dense) {
    return draw(3) == 0 ? dense : draw(401) - 200;  // also negative and overlapping
  };
  for (unsigned round = 0; round < 500; ++round) {
    dma_descriptor_t d = linear(kTileA + 0x8000, kTileB + 0x8000, 1 + draw(100));
    d.source += draw(8);
    d.destination += draw(8);
    d.count1 = 1 + draw(9);
    d.count2 = 1 + draw(9);
    d.source_stride1 = stride(d.bytes);
    d.source_stride2 = stride(d.bytes * d.count1);
    d.destination_stride1 = stride(d.bytes);
    d.destination_stride2 = stride(d.bytes * d.count1);
    std::memset(bench.memories.at(kTileB, kRegionBytes), 0, kRegionBytes);
    std::vector<std::uint8_t> expected(kRegionBytes);
    for (std::uint32_t i2 = 0; i2 < d.count2; ++i2)
      for (std::uint32_t i1 = 0; i1 < d.count1; ++i1)
        for (std::uint32_t i = 0; i < d.bytes; ++i)
          expected[d.destination + i1 * d.destination_stride1 + i2 * d.destination_stride2 + i -
                   kTileB] =
              *bench.memories.at(d.source + i1 * d.source_stride1 + i2 * d.source_stride2 + i);
    bench.store(kRam, d);
    bench.start(0, kRam);
    bench.run();
    ASSERT_EQ(bench.status(), kDone);
    ASSERT_EQ(bench.bytes(kTileB, kRegionBytes), expected) << "round " << round;
    bench.host.write(DMA_CH_STATUS_OFFSET(0), kDone);
  }
}

}  // namespace
}  // namespace aimc::dma
