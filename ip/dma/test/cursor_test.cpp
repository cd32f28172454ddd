// SPDX-License-Identifier: Apache-2.0
#include "../src/cursor.h"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

namespace aimc::dma {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<std::pair<std::uint64_t, std::uint32_t>> pieces(Cursor cursor, std::uint32_t limit) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> list;
  while (!cursor.done()) {
    const Cursor::Piece piece = cursor.next(limit);
    list.emplace_back(piece.address, piece.bytes);
  }
  return list;
}

TEST(CursorTest, CutsALongRunAtTheLimit) {
  Cursor cursor;
  cursor.start(0x1001, 600, 1, 0, 1, 0);
  EXPECT_THAT(pieces(cursor, 256),
              ElementsAre(Pair(0x1001, 256), Pair(0x1101, 256), Pair(0x1201, 88)));
}

TEST(CursorTest, JoinsADenseBlockIntoOneRun) {
  Cursor cursor;
  cursor.start(0x100, 5, 4, 5, 3, 20);
  EXPECT_EQ(cursor.run(), 60u);
  EXPECT_THAT(pieces(cursor, 256), ElementsAre(Pair(0x100, 60)));
}

TEST(CursorTest, JoinsRowsWhereOnlyTheInnerLoopIsDense) {
  Cursor cursor;
  cursor.start(0, 4, 3, 4, 2, 100);
  EXPECT_EQ(cursor.run(), 12u);
  EXPECT_THAT(pieces(cursor, 256), ElementsAre(Pair(0, 12), Pair(100, 12)));
}

TEST(CursorTest, JoinsTheOuterLoopWhenTheInnerOneRunsOnce) {
  Cursor cursor;
  cursor.start(0, 8, 1, 12345, 4, 8);
  EXPECT_THAT(pieces(cursor, 256), ElementsAre(Pair(0, 32)));
}

TEST(CursorTest, JoinsRunsThatMeetAtTheEndOfARow) {
  Cursor cursor;
  cursor.start(0, 2, 2, 10, 2, 12);
  EXPECT_THAT(pieces(cursor, 256), ElementsAre(Pair(0, 2), Pair(10, 4), Pair(22, 2)));
}

TEST(CursorTest, WalksBackwardsWithNegativeStrides) {
  Cursor cursor;
  cursor.start(100, 2, 3, static_cast<std::uint32_t>(-8), 2, static_cast<std::uint32_t>(-50));
  EXPECT_THAT(pieces(cursor, 256), ElementsAre(Pair(100, 2), Pair(92, 2), Pair(84, 2), Pair(50, 2),
                                               Pair(42, 2), Pair(34, 2)));
}

TEST(CursorTest, RepeatsARunWithStrideZero) {
  Cursor cursor;
  cursor.start(8, 4, 3, 0, 1, 0);
  EXPECT_THAT(pieces(cursor, 256), ElementsAre(Pair(8, 4), Pair(8, 4), Pair(8, 4)));
}

TEST(CursorTest, NeverWalksMoreBytesThanAskedFor) {
  Cursor cursor;
  cursor.start(0, 0xffffffff, 0xffffffff, 7, 0xffffffff, 9);
  EXPECT_EQ(cursor.run(), 0xffffffffu);
  EXPECT_EQ(cursor.next(256).bytes, 256u);
  EXPECT_FALSE(cursor.done());
}

}  // namespace
}  // namespace aimc::dma
