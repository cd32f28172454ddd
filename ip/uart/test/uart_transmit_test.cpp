// SPDX-License-Identifier: Apache-2.0
// Sent characters that take their time: holding register or FIFO, shift register, line.
#include <gtest/gtest.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

#include "scripted_backend.h"
#include "uart_fixture.h"

namespace aimc::uart {
namespace {

using sc_core::sc_start;
using sc_core::sc_time;

constexpr unsigned kIdle = UART_LSR_EMPTY_MASK | UART_LSR_IDLE_MASK;

class UartTransmitTest : public UartTest {
 protected:
  UartTransmitTest()
      : UartTest({.backend = "null", .clock_hz = 16e6, .timed_transmit = true}),
        host(static_cast<ScriptedBackend&>(uart.set_backend(std::make_unique<ScriptedBackend>()))) {
    set_line(1, k8N1);  // 1 Mbaud: a character each 10 us
  }
  void type(std::string_view text) {
    for (const char c : text) put(UART_DATA_OFFSET, static_cast<unsigned char>(c));
  }
  unsigned status() { return get(UART_LSR_OFFSET) & kIdle; }
  void run_us(double us) {
    sc_start(sc_time(us, sc_core::SC_US));
    settle();
  }
  std::uint64_t unsent() {
    nlohmann::ordered_json stats;
    uart.report(stats);
    return stats["unsent"];
  }
  ScriptedBackend& host;
};

TEST_F(UartTransmitTest, TakesACharacterTimeAndEmptiesTheHoldingRegisterFirst) {
  EXPECT_EQ(status(), kIdle);
  type("a");
  EXPECT_EQ(status(), UART_LSR_EMPTY_MASK) << "it is in the shift register";
  run_us(9.9);
  EXPECT_EQ(host.output, "");
  EXPECT_EQ(status(), UART_LSR_EMPTY_MASK);
  run_us(0.2);
  EXPECT_EQ(host.output, "a");
  EXPECT_EQ(status(), kIdle);
}

TEST_F(UartTransmitTest, HoldsASecondCharacterUntilTheFirstHasLeft) {
  type("ab");
  EXPECT_EQ(status(), 0u);
  run_us(9.9);
  EXPECT_EQ(status(), 0u);
  run_us(0.2);
  EXPECT_EQ(status(), UART_LSR_EMPTY_MASK);
  run_us(10);
  EXPECT_EQ(status(), kIdle);
  EXPECT_EQ(host.output, "ab");
  EXPECT_EQ(host.written[1] - host.written[0], sc_time(10, sc_core::SC_US));
}

TEST_F(UartTransmitTest, SendsSixteenOfTheFifoOneBehindTheOther) {
  put(UART_IIR_OFFSET, 0x01);
  type("0123456789abcdefg");  // one is under way at once
  EXPECT_EQ(unsent(), 17u);
  run_us(159.9);
  EXPECT_EQ(status(), 0u);
  run_us(0.2);
  EXPECT_EQ(status(), UART_LSR_EMPTY_MASK) << "the last one is in the shift register";
  run_us(10);
  EXPECT_EQ(status(), kIdle);
  EXPECT_EQ(host.output, "0123456789abcdefg");
  for (std::size_t i = 1; i < 17; ++i)
    EXPECT_EQ(host.written[i] - host.written[i - 1], sc_time(10, sc_core::SC_US));
  EXPECT_EQ(unsent(), 0u);
}

TEST_F(UartTransmitTest, LosesTheOldestOfAFullTransmitter) {
  type("abc");
  run_us(40);
  EXPECT_EQ(host.output, "ac");
  EXPECT_EQ(unsent(), 1u);
  put(UART_IIR_OFFSET, 0x01);
  type("<0123456789abcdefXY");
  run_us(200);
  EXPECT_EQ(host.output, "ac<23456789abcdefXY");
  EXPECT_EQ(unsent(), 3u);
}

TEST_F(UartTransmitTest, InterruptsWhenTheHoldingRegisterGetsEmpty) {
  put(UART_IER_OFFSET, UART_IER_TRANSMIT_MASK);
  EXPECT_EQ(get(UART_IIR_OFFSET), kTransmit);
  EXPECT_FALSE(irq.read());
  type("a");
  EXPECT_TRUE(irq.read()) << "the shift register took it at once";
  type("b");
  EXPECT_FALSE(irq.read()) << "a character in the holding register";
  EXPECT_EQ(get(UART_IIR_OFFSET), kNone);
  run_us(10.1);
  EXPECT_TRUE(irq.read());
  EXPECT_EQ(get(UART_IIR_OFFSET), kTransmit);
  EXPECT_FALSE(irq.read());
  run_us(20);
  EXPECT_FALSE(irq.read()) << "an empty shift register interrupts nobody";
}

TEST_F(UartTransmitTest, DoesNotTellOfAFullRegisterWhenTheInterruptIsEnabled) {
  type("ab");
  put(UART_IER_OFFSET, UART_IER_TRANSMIT_MASK);
  EXPECT_FALSE(irq.read());
  run_us(10.1);
  EXPECT_TRUE(irq.read());
}

TEST_F(UartTransmitTest, SendsAFifoByInterrupts) {
  put(UART_IIR_OFFSET, 0x01);
  std::string left = "forty characters, as drivers send them...";
  const std::string text = left;
  put(UART_IER_OFFSET, UART_IER_TRANSMIT_MASK);
  int interrupts = 0;
  while (!left.empty()) {
    if (irq.read() && get(UART_IIR_OFFSET) == (kFifo | kTransmit)) {
      ++interrupts;
      type(left.substr(0, 16));
      left.erase(0, 16);
    }
    run_us(1);
  }
  run_us(200);
  EXPECT_EQ(host.output, text);
  EXPECT_EQ(interrupts, 3);
}

TEST_F(UartTransmitTest, ClearsTheFifoButNotTheShiftRegister) {
  put(UART_IIR_OFFSET, 0x01);
  type("abcd");
  put(UART_IIR_OFFSET, 0x05);
  EXPECT_EQ(status(), UART_LSR_EMPTY_MASK);
  run_us(50);
  EXPECT_EQ(host.output, "a");
  EXPECT_EQ(unsent(), 3u);
}

TEST_F(UartTransmitTest, KeepsTheTimeOfTheCharacterUnderWayWhenTheRateChanges) {
  type("ab");
  run_us(5);
  set_line(2, 0x1f);  // 12 bits at 500 kbaud
  run_us(60);
  ASSERT_EQ(host.written.size(), 2u);
  EXPECT_EQ(host.written[1] - host.written[0], sc_time(24, sc_core::SC_US));
}

TEST_F(UartTransmitTest, LoopsBackAfterTheCharacterTime) {
  put(UART_MCR_OFFSET, 0x18);
  type("L");
  EXPECT_FALSE(ready());
  run_us(9.9);
  EXPECT_FALSE(ready());
  run_us(0.2);
  EXPECT_EQ(get(UART_DATA_OFFSET), 'L');
  EXPECT_EQ(host.output, "");
}

TEST_F(UartTransmitTest, ForgetsEverythingAtAReset) {
  put(UART_IIR_OFFSET, 0x01);
  type("abc");
  run_us(5);
  uart.reset();
  settle();
  EXPECT_EQ(status(), kIdle);
  EXPECT_EQ(unsent(), 3u);
  run_us(1000);
  EXPECT_EQ(host.output, "");
  set_line(1, k8N1);
  type("d");
  run_us(10.1);
  EXPECT_EQ(host.output, "d");
}

TEST_F(UartTransmitTest, AccountsForEveryCharacterUnderRandomAccesses) {
  std::minstd_rand draw(7);
  std::uint64_t written = 0;
  const std::uint64_t registers[] = {UART_DATA_OFFSET, UART_DATA_OFFSET, UART_DATA_OFFSET,
                                     UART_DATA_OFFSET, UART_IER_OFFSET,  UART_IIR_OFFSET,
                                     UART_LCR_OFFSET,  UART_MCR_OFFSET};
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t offset = registers[draw() % std::size(registers)];
    const bool latch = (get(UART_LCR_OFFSET) & UART_LCR_DLAB_MASK) != 0;
    if (draw() % 3 == 0) {
      get(offset);
    } else {
      put(offset, latch && offset == UART_IER_OFFSET ? 0 : draw() & 0xff);
      written += !latch && offset == UART_DATA_OFFSET ? 1 : 0;
    }
    if (draw() % 8 == 0) run_us(static_cast<double>(draw() % 500));
    if (i % 5000 == 4999) uart.reset();
    settle();

    nlohmann::ordered_json stats;
    uart.report(stats);
    // No character comes from the host, so those received are those that came back.
    const std::uint64_t accounted = stats["sent"].get<std::uint64_t>() +
                                    stats["received"].get<std::uint64_t>() +
                                    stats["unsent"].get<std::uint64_t>();
    ASSERT_EQ(accounted, written) << "step " << i;
    ASSERT_EQ(host.output.size(), stats["sent"].get<std::uint64_t>());
    ASSERT_LE(uart.waiting(), 17u);
    ASSERT_EQ(status() == kIdle, uart.waiting() == 0);
    const bool raised = irq.read();  // before the read of IIR, which may drop it
    ASSERT_EQ(raised, (get(UART_IIR_OFFSET) & kNone) == 0);
  }
  EXPECT_GT(host.output.size(), 100u);
}

TEST_F(UartTest, SendsWithoutTimeByDefault) {
  const auto begin = sc_core::sc_time_stamp();
  put(UART_IIR_OFFSET, 0x01);
  set_line(0xffff, 0x1f);
  for (unsigned i = 0; i < 100; ++i) {
    put(UART_DATA_OFFSET, 'a' + i % 26);
    EXPECT_EQ(get(UART_LSR_OFFSET) & kIdle, kIdle);
  }
  EXPECT_EQ(capture->text().size(), 100u);
  EXPECT_EQ(sc_core::sc_time_stamp(), begin);
}

}  // namespace
}  // namespace aimc::uart
