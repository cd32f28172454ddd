// SPDX-License-Identifier: Apache-2.0
#include "aimc/gdb/stop_points.h"

#include <gtest/gtest.h>

namespace aimc::gdb {
namespace {

using Kind = StopPoint::Kind;

TEST(StopPoints, BreakpointsAreExact) {
  StopPoints points;
  EXPECT_TRUE(points.empty());
  points.insert({Kind::software, 0x80000000});
  points.insert({Kind::software, 0x80000000});
  EXPECT_EQ(points.breakpoint(0x80000000), Kind::software);
  EXPECT_FALSE(points.breakpoint(0x80000002));
  EXPECT_FALSE(points.breakpoint(0x80002000)) << "the same slot of the filter";
  points.insert({Kind::hardware, 0x80000000});
  EXPECT_EQ(points.breakpoint(0x80000000), Kind::hardware);
  points.remove({Kind::hardware, 0x80000000});
  points.remove({Kind::software, 0x80000000});
  EXPECT_FALSE(points.breakpoint(0x80000000)) << "inserted twice is inserted once";
  EXPECT_TRUE(points.empty());
}

TEST(StopPoints, WatchpointsAreTouchedByAnyCommonByte) {
  StopPoints points;
  points.insert({Kind::write, 0x1004, 4});
  EXPECT_TRUE(points.watching());
  EXPECT_FALSE(points.watch(0x1000, 4, false, true));
  EXPECT_FALSE(points.watch(0x1008, 4, false, true));
  EXPECT_FALSE(points.watch(0x1004, 4, true, false)) << "a read";
  EXPECT_EQ(points.watch(0x1007, 1, false, true)->address, 0x1007u);
  EXPECT_EQ(points.watch(0x1002, 4, false, true)->address, 0x1004u) << "reported inside the range";
  EXPECT_TRUE(points.watch(0x1004, 4, true, true)) << "an atomic operation";
  points.clear();
  points.insert({Kind::read, 0xfffffffc, 4});
  EXPECT_EQ(points.watch(0xffffffff, 1, true, false)->kind, Kind::read);
  EXPECT_FALSE(points.watch(0xffffffff, 1, false, true));
  points.insert({Kind::access, 0x0, 1});
  EXPECT_TRUE(points.watch(0, 4, false, true));
  EXPECT_TRUE(points.watch(0, 4, true, false));
}

}  // namespace
}  // namespace aimc::gdb
