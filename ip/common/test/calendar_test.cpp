// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/calendar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "aimc/common/energy.h"

namespace aimc {
namespace {

TEST(CalendarTest, BooksAtOnceWhenFree) {
  Calendar calendar;
  EXPECT_EQ(calendar.book(100, 50), 100u);
  EXPECT_EQ(calendar.book(150, 50), 150u);
}

TEST(CalendarTest, WaitsForTheEndOfABooking) {
  Calendar calendar;
  calendar.book(100, 50);
  EXPECT_EQ(calendar.book(120, 10), 150u);
  EXPECT_EQ(calendar.book(100, 10), 160u);
}

TEST(CalendarTest, FillsAGapBeforeALaterBooking) {
  Calendar calendar;
  calendar.book(100, 50);
  EXPECT_EQ(calendar.book(0, 100), 0u) << "fits exactly";
  Calendar other;
  other.book(100, 50);
  EXPECT_EQ(other.book(60, 41), 150u) << "one picosecond too long";
  EXPECT_EQ(other.book(60, 40), 60u);
}

TEST(CalendarTest, TakesNothingForABookingOfNoLength) {
  Calendar calendar;
  calendar.book(100, 50);
  EXPECT_EQ(calendar.book(120, 0), 120u);
  EXPECT_EQ(calendar.book(150, 10), 150u);
}

TEST(CalendarTest, ForgetsOnlyWhatIsOver) {
  Calendar calendar;
  calendar.book(0, 10);
  calendar.book(20, 10);
  calendar.forget(25);
  EXPECT_EQ(calendar.book(25, 1), 30u) << "the running booking stays";
  calendar.forget(31);
  EXPECT_EQ(calendar.book(31, 1), 31u);
  calendar.clear();
  EXPECT_EQ(calendar.book(0, 100), 0u);
}

TEST(CalendarTest, BooksAsABruteForceSearchDoes) {
  constexpr std::size_t kHorizon = 40000;
  std::mt19937 random(5);
  for (int round = 0; round < 20; ++round) {
    Calendar calendar;
    std::vector<bool> busy(kHorizon);
    std::uint64_t now = 0;
    for (int i = 0; i < 400; ++i) {
      if (i % 10 == 9) {
        now += random() % 60;
        calendar.forget(now);
      }
      const std::uint64_t earliest = now + random() % 2000;
      const std::uint64_t duration = random() % 30;
      std::uint64_t expected = earliest;
      for (std::uint64_t run = 0; run < duration;) {
        if (busy[expected + run]) {
          expected += run + 1;
          run = 0;
        } else {
          ++run;
        }
      }
      ASSERT_EQ(calendar.book(earliest, duration), expected);
      for (std::uint64_t t = expected; t < expected + duration; ++t) busy[t] = true;
    }
  }
}

TEST(EnergyLedgerTest, AddsByCause) {
  EnergyLedger ledger;
  const auto array = ledger.cause("array");
  const auto adc = ledger.cause("adc");
  EXPECT_EQ(ledger.cause("array"), array) << "a cause is added once";
  ledger.add(array, 1.5);
  ledger.add(array, 0.5);
  ledger.add(adc, 0.25);
  ledger.assign(ledger.cause("static"), 3.0);
  ledger.assign(ledger.cause("static"), 4.0);
  EXPECT_DOUBLE_EQ(ledger.total(), 6.25);
  ASSERT_EQ(ledger.entries().size(), 3u);
  EXPECT_EQ(ledger.entries()[0].cause, "array");
  EXPECT_DOUBLE_EQ(ledger.entries()[0].joules, 2.0);
  ledger.clear();
  EXPECT_DOUBLE_EQ(ledger.total(), 0.0);
  EXPECT_EQ(ledger.entries().size(), 3u);
}

}  // namespace
}  // namespace aimc
