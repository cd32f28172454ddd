// SPDX-License-Identifier: Apache-2.0
#include "aimc/activation/pooling.h"

#include <gmock/gmock.h>

#include <vector>

namespace aimc::activation {
namespace {

using ::testing::ElementsAre;
using Map = std::vector<std::int8_t>;

constexpr Bounds kInt8{-128, 127};

/// 3x3 map, one channel, 2x2 windows one pixel apart, one pixel of padding all around.
Pool padded() {
  Pool pool;
  pool.in_height = pool.in_width = 3;
  pool.kernel_height = pool.kernel_width = 2;
  pool.pad_top = pool.pad_left = 1;
  pool.out_height = pool.out_width = 4;
  return pool;
}
const Map kMap{-1, -2, -3, -4, -5, -6, -7, -8, -9};

TEST(Pooling, PaddingNeverWinsAMaximum) {
  Map out(16);
  max_pool(padded(), kMap, out);
  EXPECT_THAT(out, ElementsAre(-1, -1, -2, -3,  //
                               -1, -1, -2, -3,  //
                               -4, -4, -5, -6,  //
                               -7, -7, -8, -9));
}

TEST(Pooling, AverageLeavesPaddingOutOrCountsIt) {
  Map out(16);
  average_pool(padded(), false, {4, 0}, kInt8, kMap, out);
  EXPECT_THAT(out, ElementsAre(-4, -6, -10, -12,    //
                               -10, -12, -16, -18,  //
                               -22, -24, -28, -30,  //
                               -28, -30, -34, -36));
  average_pool(padded(), true, {4, 0}, kInt8, kMap, out);
  EXPECT_THAT(out, ElementsAre(-1, -3, -5, -3,      //
                               -5, -12, -16, -9,    //
                               -11, -24, -28, -15,  //
                               -7, -15, -17, -9));
}

TEST(Pooling, AverageRoundsHalvesUpOnceAfterScaling) {
  Pool pool;
  pool.in_width = pool.kernel_width = 2;
  Map out(1);
  average_pool(pool, false, {1, 0}, kInt8, Map{1, 2}, out);
  EXPECT_EQ(out[0], 2) << "1.5";
  average_pool(pool, false, {1, 0}, kInt8, Map{-1, -2}, out);
  EXPECT_EQ(out[0], -1) << "-1.5";
  average_pool(pool, false, {1, 1}, kInt8, Map{0, 1}, out);
  EXPECT_EQ(out[0], 0) << "0.25; rounding the mean first would give 1/2 and then 1";
  average_pool(pool, false, {1000, 0}, {-5, 5}, Map{-1, -1}, out);
  EXPECT_EQ(out[0], -5);
}

TEST(Pooling, ChannelsDoNotMix) {
  Pool pool;
  pool.in_height = 1;
  pool.in_width = pool.kernel_width = 3;
  pool.channels = 2;
  Map out(2);
  const Map in{1, -100, 5, -90, 3, -110};
  max_pool(pool, in, out);
  EXPECT_THAT(out, ElementsAre(5, -90));
  average_pool(pool, false, {1, 0}, kInt8, in, out);
  EXPECT_THAT(out, ElementsAre(3, -100));
}

TEST(Pooling, GlobalAverageOfTheLargestWindowIsExact) {
  Pool pool;
  pool.in_height = pool.kernel_height = 255;
  pool.in_width = pool.kernel_width = 257;  // 65535 pixels
  const Map in(65535, -128);
  Map out(1);
  average_pool(pool, false, {1, 0}, kInt8, in, out);
  EXPECT_EQ(out[0], -128);
  average_pool(pool, true, {0x7fffffff, 31}, kInt8, in, out);
  EXPECT_EQ(out[0], -128) << "-127.99999994";
}

TEST(Pooling, WindowsThatMissTheMapAreFound) {
  Pool pool = padded();
  EXPECT_TRUE(windows_touch_map(pool));
  pool.out_height = 5;
  EXPECT_FALSE(windows_touch_map(pool)) << "rows 3 and 4 of 3";
  pool = padded();
  pool.pad_left = 2;
  EXPECT_FALSE(windows_touch_map(pool)) << "columns -2 and -1";
  pool = padded();
  pool.stride_x = 4;
  EXPECT_FALSE(windows_touch_map(pool));
  pool.out_width = 1;
  EXPECT_TRUE(windows_touch_map(pool));
}

}  // namespace
}  // namespace aimc::activation
