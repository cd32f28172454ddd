// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/quantity.h"

#include <gmock/gmock.h>

#include <cmath>

#include "aimc/common/error.h"

namespace aimc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string message(const std::string& text, Unit unit) {
  try {
    parse_quantity(text, unit);
  } catch (const UserError& error) {
    return error.what();
  }
  ADD_FAILURE() << "'" << text << "' was accepted";
  return "";
}

TEST(QuantityTest, ReadsNumbersWithPrefixesExactly) {
  EXPECT_EQ(parse_quantity("133 ns", Unit::second), 133e-9);
  EXPECT_DOUBLE_EQ(parse_quantity("0.205pJ", Unit::joule), 0.205e-12);
  EXPECT_EQ(parse_quantity("400 MHz", Unit::hertz), 400e6);
  EXPECT_EQ(parse_quantity("1.5 GHz", Unit::hertz), 1.5e9);
  EXPECT_EQ(parse_quantity("45 mW", Unit::watt), 45e-3);
  EXPECT_EQ(parse_quantity("20.7 uS", Unit::siemens), 20.7e-6);
  EXPECT_EQ(parse_quantity("20.7 µS", Unit::siemens), 20.7e-6);
  EXPECT_EQ(parse_quantity("-0.2 V", Unit::volt), -0.2);
  EXPECT_EQ(parse_quantity("1e-7 s", Unit::second), 1e-7);
  EXPECT_EQ(parse_quantity("3 fJ", Unit::joule), 3e-15);
  EXPECT_EQ(parse_quantity("2 aJ", Unit::joule), 2e-18);
  EXPECT_EQ(parse_quantity("0.25", Unit::none), 0.25);
}

TEST(QuantityTest, SquaresThePrefixOfAnArea) {
  EXPECT_EQ(parse_quantity("635000 um2", Unit::square_metre), 635000e-12);
  EXPECT_EQ(parse_quantity("1 mm2", Unit::square_metre), 1e-6);
}

TEST(QuantityTest, ReadsBinaryMultiplesOfBytes) {
  EXPECT_EQ(parse_quantity("256 KiB", Unit::byte), 262144.0);
  EXPECT_EQ(parse_quantity("3 GiB", Unit::byte), 3.0 * 1073741824.0);
  EXPECT_EQ(parse_quantity("17", Unit::byte), 17.0);
  EXPECT_EQ(parse_quantity("17 B", Unit::byte), 17.0);
}

TEST(QuantityTest, ReadsLongTimes) {
  EXPECT_EQ(parse_quantity("2 min", Unit::second), 120.0);
  EXPECT_EQ(parse_quantity("1 h", Unit::second), 3600.0);
  EXPECT_EQ(parse_quantity("1 d", Unit::second), 86400.0);
  EXPECT_EQ(parse_quantity("1 y", Unit::second), 31557600.0);
}

TEST(QuantityTest, AcceptsABareZeroAndNoOtherBareNumber) {
  EXPECT_EQ(parse_quantity("0", Unit::second), 0.0);
  EXPECT_EQ(message("133", Unit::second), "'133' is not a quantity in s; write it like '133 ns'");
}

TEST(QuantityTest, RefusesWhatIsNoQuantityOfItsUnit) {
  for (const char* const text :
       {"", "ns", "5 Hz", "5 xs", "5 s s", "1.2.3 s", "nan s", "inf s", "0x10 s", "5 kis", "5 MS"})
    EXPECT_THAT(message(text, Unit::second), AllOf(HasSubstr(text), HasSubstr("133 ns"))) << text;
  EXPECT_THAT(message("5 s", Unit::none), HasSubstr("not a number"));
  EXPECT_THAT(message("5 KB", Unit::byte), HasSubstr("256 KiB"));
  EXPECT_THAT(message("5 mHz2", Unit::hertz), HasSubstr("Hz"));
}

TEST(QuantityTest, WritesTheShortestGoodPrefix) {
  EXPECT_EQ(format_quantity(1.33e-7, Unit::second), "133 ns");
  EXPECT_EQ(format_quantity(1e-9, Unit::second), "1 ns");
  EXPECT_EQ(format_quantity(0.0, Unit::joule), "0 J");
  EXPECT_EQ(format_quantity(-2.5e-3, Unit::volt), "-2.5 mV");
  EXPECT_EQ(format_quantity(4e8, Unit::hertz), "400 MHz");
  EXPECT_EQ(format_quantity(262144, Unit::byte), "256 KiB");
  EXPECT_EQ(format_quantity(1000, Unit::byte), "1000 B");
  EXPECT_EQ(format_quantity(6.35e-7, Unit::square_metre), "635000 um2");
  EXPECT_EQ(format_quantity(6387088, Unit::hertz), "6.387088 MHz");
  EXPECT_EQ(format_quantity(1e-12 * 12345678, Unit::second), "12.345678 us");
  EXPECT_EQ(format_quantity(0.1, Unit::none), "0.1");
}

TEST(QuantityTest, ReadsBackWhatItWrites) {
  const Unit units[] = {Unit::second,  Unit::hertz,  Unit::joule, Unit::watt,
                        Unit::siemens, Unit::ampere, Unit::volt};
  for (const Unit unit : units)
    for (int exponent = -18; exponent <= 15; ++exponent)
      for (const double mantissa : {1.0, 1.5, 2.25, 9.99999, 6.387088, 1.23456789012}) {
        const double value = mantissa * std::pow(10.0, exponent);
        const std::string text = format_quantity(value, unit);
        EXPECT_NEAR(parse_quantity(text, unit), value, 1e-15 * value) << text;
        EXPECT_LE(text.size(), 20u) << text;
      }
  for (const double bytes : {0.0, 1.0, 1023.0, 1024.0, 1536.0, 1048576.0, 5e9})
    EXPECT_EQ(parse_quantity(format_quantity(bytes, Unit::byte), Unit::byte), bytes);
}

}  // namespace
}  // namespace aimc
