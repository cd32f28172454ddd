// SPDX-License-Identifier: Apache-2.0
// The rate of the line: what divisor latch, line control and clock make of receive timeout and
// pace.
#include <gtest/gtest.h>

#include <cmath>

#include "aimc/uart/line_format.h"
#include "scripted_backend.h"
#include "uart_fixture.h"

namespace aimc::uart {
namespace {

using sc_core::sc_start;
using sc_core::sc_time;
using sc_core::sc_time_stamp;

/// Halves of a bit of each frame, by LCR bits 3:0 (parity, stop, word), written out by hand.
constexpr unsigned kHalfBits[16] = {
    14, 16, 18, 20,  // no parity, one stop bit: start + 5..8 + stop
    15, 18, 20, 22,  // no parity, one and a half stop bits with five data bits, else two
    16, 18, 20, 22,  // parity, one stop bit
    17, 20, 22, 24,  // parity, one and a half or two
};
constexpr double kClock = 3686400;

/// The formula, in integers as far as they go: half bits * 8 * divisor / clock, in ps.
std::int64_t character_ps(unsigned lcr, unsigned divisor, double clock = kClock) {
  const double ticks = divisor == 0 ? kHalfBits[lcr & 15] / 2.0 * clock / 3500.0
                                    : 8.0 * kHalfBits[lcr & 15] * divisor;
  return std::llround(ticks / clock * 1e12);
}
sc_time ps(std::int64_t count) { return {static_cast<double>(count), sc_core::SC_PS}; }

TEST(LineFormatTest, CountsTheBitsOfEveryFormat) {
  for (unsigned lcr = 0; lcr < 256; ++lcr)
    EXPECT_EQ(frame_bits(static_cast<std::uint8_t>(lcr)), kHalfBits[lcr & 15] / 2.0) << lcr;
}

TEST(LineFormatTest, DividesTheClockBySixteenAndTheDivisor) {
  EXPECT_EQ(baud(3686400, 2), 115200);
  EXPECT_EQ(baud(3686400, 24), 9600);
  EXPECT_EQ(baud(1843200, 1), 115200);
  EXPECT_EQ(baud(1843200, 0xffff), 1843200.0 / 16 / 65535);
  EXPECT_EQ(baud(3686400, 0), 3500);
  EXPECT_EQ(baud(1e9, 0), 3500) << "whatever the clock";
}

class UartRateTest : public UartTest {
 protected:
  explicit UartRateTest(const Config& config = {.backend = "null"}) : UartTest(config) {
    put(UART_IIR_OFFSET, 0xc1);  // FIFO, trigger at 14
    put(UART_IER_OFFSET, UART_IER_RECEIVE_MASK);
  }
  /// The receive timeout comes in four characters of this length from now: no earlier and no later
  /// than rounding.
  void expect_timeout(std::int64_t character) {
    sc_start(ps(4 * character - 4));
    settle();
    EXPECT_FALSE(irq.read()) << character << " ps";
    sc_start(ps(8));
    settle();
    EXPECT_TRUE(irq.read()) << character << " ps";
    EXPECT_EQ(get(UART_IIR_OFFSET), kFifo | kTimeout);
  }
  void empty() {
    while (ready()) get(UART_DATA_OFFSET);
    EXPECT_FALSE(irq.read());
  }
};

TEST_F(UartRateTest, TimesOutAfterFourCharactersOfEachFormatAndDivisor) {
  for (const unsigned divisor : {1u, 2u, 3u, 12u, 96u, 256u, 0x1234u, 0xffffu, 0u}) {
    for (unsigned lcr = 0; lcr < 128; lcr += 5) {  // every format, and bits that must not count
      SCOPED_TRACE(::testing::Message() << "divisor " << divisor << ", LCR " << lcr);
      set_line(divisor, lcr);
      send("a");
      expect_timeout(character_ps(lcr, divisor));
      empty();
    }
  }
}

TEST_F(UartRateTest, Has19200BaudAndSevenBitsAfterReset) {
  set_line(1, k8N1);
  uart.reset();
  settle();
  put(UART_IIR_OFFSET, 0xc1);
  put(UART_IER_OFFSET, UART_IER_RECEIVE_MASK);
  send("a");
  expect_timeout(364583333);
}

TEST_F(UartRateTest, KeepsAQuietTimeThatHasBegunWhenTheRateChanges) {
  set_line(24, k8N1);  // 9600 baud
  send("a");
  const sc_time begin = sc_time_stamp();
  sc_start(1, sc_core::SC_MS);
  set_line(2, k8N1);
  sc_start(begin + ps(4 * character_ps(k8N1, 24) - 2) - sc_time_stamp());
  settle();
  EXPECT_FALSE(irq.read()) << "not the four characters of 115200 baud";
  sc_start(ps(4));
  settle();
  EXPECT_TRUE(irq.read());
  empty();
  send("b");
  expect_timeout(character_ps(k8N1, 2));
}

TEST_F(UartRateTest, TakesANewRateWithTheNextCharacterAndWithTheNextRead) {
  set_line(96, k8N1);
  send("ab");
  sc_start(10, sc_core::SC_MS);
  set_line(2, 0x1f);  // 12 bits
  send("c");
  expect_timeout(character_ps(0x1f, 2));
  set_line(24, k8N1);
  EXPECT_EQ(get(UART_DATA_OFFSET), 'a');
  EXPECT_FALSE(irq.read());
  expect_timeout(character_ps(k8N1, 24));
}

TEST_F(UartRateTest, CountsFromTheLastCharacterOrRead) {
  set_line(2, k8N1);
  const std::int64_t character = character_ps(k8N1, 2);
  send("a");
  sc_start(ps(3 * character));
  send("b");
  expect_timeout(character);
  EXPECT_EQ(get(UART_DATA_OFFSET), 'a');
  sc_start(ps(3 * character));
  send("cd");
  EXPECT_EQ(get(UART_DATA_OFFSET), 'b');
  sc_start(ps(3 * character));
  EXPECT_EQ(get(UART_DATA_OFFSET), 'c');
  expect_timeout(character);
}

TEST_F(UartRateTest, TakesEitherHalfOfTheLatchAtOnce) {
  put(UART_LCR_OFFSET, UART_LCR_DLAB_MASK | k8N1);
  put(UART_IER_OFFSET, 0x01);
  send("a");
  expect_timeout(character_ps(k8N1, 0x10c));
  put(UART_DATA_OFFSET, 0x80);
  put(UART_LCR_OFFSET, k8N1);
  empty();
  send("a");
  expect_timeout(character_ps(k8N1, 0x180));
}

TEST_F(UartRateTest, LeavesCharactersAndTimeoutAloneBehindTheLatch) {
  set_line(2, k8N1);
  send("ab");
  const std::int64_t half = 2 * character_ps(k8N1, 2);
  sc_start(ps(half));
  put(UART_LCR_OFFSET, UART_LCR_DLAB_MASK | k8N1);
  EXPECT_EQ(get(UART_DATA_OFFSET), 2) << "the latch";
  EXPECT_EQ(get(UART_IER_OFFSET), 0);
  sc_start(ps(half - 2));
  settle();
  EXPECT_FALSE(irq.read());
  sc_start(ps(4));
  settle();
  EXPECT_TRUE(irq.read()) << "reading the latch is not reading a character";
  send("c");
  put(UART_LCR_OFFSET, k8N1);
  for (const char c : std::string("abc")) EXPECT_EQ(get(UART_DATA_OFFSET), c);
  EXPECT_FALSE(ready());
}

class UartClockTest : public UartRateTest {
 protected:
  UartClockTest() : UartRateTest({.backend = "null", .clock_hz = 24e6}) {}
};

TEST_F(UartClockTest, IsAParameter) {
  for (const unsigned divisor : {1u, 13u, 156u, 0u}) {
    set_line(divisor, k8N1);
    send("a");
    expect_timeout(character_ps(k8N1, divisor, 24e6));
    empty();
  }
}

/// Characters of the host.
class UartPaceTest : public UartRateTest {
 protected:
  UartPaceTest()
      : host(static_cast<ScriptedBackend&>(uart.set_backend(std::make_unique<ScriptedBackend>()))) {
    ready();  // the guest looks
  }
  /// Runs until the guest has read `count` more characters.
  void take(std::size_t count) {
    for (const std::size_t end = got.size() + count; got.size() < end;) {
      sc_start(sc_time(5, sc_core::SC_US));
      if (ready()) got += static_cast<char>(get(UART_DATA_OFFSET));
    }
  }
  void expect_gap(std::size_t i, std::int64_t character) {
    ASSERT_LT(i, host.taken.size());
    const auto gap = static_cast<std::int64_t>((host.taken[i] - host.taken[i - 1]).value());
    EXPECT_LE(std::abs(gap - character), 1) << "between " << i - 1 << " and " << i;
  }
  ScriptedBackend& host;
  std::string got;
};

TEST_F(UartPaceTest, GivesEachFormatAndDivisorItsTime) {
  for (const unsigned divisor : {1u, 2u, 9u}) {
    for (unsigned lcr = 0; lcr < 16; ++lcr) {
      SCOPED_TRACE(::testing::Message() << "divisor " << divisor << ", LCR " << lcr);
      set_line(divisor, lcr);
      host.taken.clear();
      host.input = "abcd";
      take(4);
      for (std::size_t i = 1; i < 4; ++i) expect_gap(i, character_ps(lcr, divisor));
    }
  }
}

TEST_F(UartPaceTest, ChangesWithTheRateFromTheNextCharacterOn) {
  set_line(24, k8N1);
  host.input = "abcdefgh";
  take(3);
  set_line(2, k8N1);  // "d" is on the line
  take(3);
  set_line(12, 0x1f);
  take(2);
  for (std::size_t i = 1; i < 4; ++i) expect_gap(i, character_ps(k8N1, 24));
  for (std::size_t i = 4; i < 7; ++i) expect_gap(i, character_ps(k8N1, 2));
  expect_gap(7, character_ps(0x1f, 12));
  EXPECT_EQ(got, "abcdefgh");
}

TEST_F(UartPaceTest, StopsAtAFullFifoAndLosesNothing) {
  set_line(2, k8N1);
  host.input = "0123456789abcdefXYZ";
  sc_start(10, sc_core::SC_MS);
  EXPECT_EQ(host.input, "XYZ") << "a full FIFO stops the host";
  take(1);
  sc_start(ps(character_ps(k8N1, 2) + 1));
  EXPECT_EQ(host.input, "YZ") << "the next comes within a character";
  take(18);
  EXPECT_EQ(got, "0123456789abcdefXYZ");
  EXPECT_EQ(get(UART_LSR_OFFSET) & UART_LSR_OVERRUN_MASK, 0);
  // It waits when two looks follow each other quickly on the host, which a busy host may delay.
  for (int i = 0; i < 1000 && host.waits == 0; ++i) sc_start(1, sc_core::SC_MS);
  EXPECT_GT(host.waits, 0) << "an idle simulation waits for its user";
}

TEST_F(UartPaceTest, BeginsWhenTheGuestLooks) {
  uart.reset();
  host.input = "abc";
  sc_start(5, sc_core::SC_MS);
  EXPECT_EQ(host.input, "abc");
  put(UART_IER_OFFSET, UART_IER_RECEIVE_MASK);
  take(3);
  EXPECT_EQ(got, "abc");
}

TEST_F(UartPaceTest, RaisesTheModemInterruptWhenTheFarEndComesOrGoes) {
  put(UART_IIR_OFFSET, 0);
  put(UART_IER_OFFSET, UART_IER_MODEM_MASK);
  sc_start(3, sc_core::SC_MS);
  EXPECT_FALSE(irq.read());
  host.present = false;
  sc_start(3, sc_core::SC_MS);
  EXPECT_TRUE(irq.read());
  EXPECT_EQ(get(UART_IIR_OFFSET), kModem);
  EXPECT_EQ(get(UART_MSR_OFFSET), 0x0b) << "carrier, DSR and CTS changed and are low";
  EXPECT_FALSE(irq.read()) << "reading MSR drops it";
  EXPECT_EQ(get(UART_MSR_OFFSET), 0x00);
  host.present = true;
  sc_start(3, sc_core::SC_MS);
  EXPECT_TRUE(irq.read());
  put(UART_IER_OFFSET, 0);
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(get(UART_MSR_OFFSET), 0xbb);
}

}  // namespace
}  // namespace aimc::uart
