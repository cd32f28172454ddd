// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aimc/common/error.h"
#include "aimc/common/registry.h"
#include "aimc/testing/register_walk.h"
#include "aimc/uart/uart_map.h"
#include "uart_fixture.h"

namespace aimc::uart {
namespace {

TEST_F(UartTest, HasTheRegistersOfItsDescription) {
  // IIR reads the interrupt and writes the FIFO control; data and line status follow traffic; MCR
  // has five bits; MSR shows a terminal that is there.
  testing::RegisterWalk walk;
  walk.live = {"IIR", "LSR", "MSR", "MCR"};
  walk.acting = {"DATA", "IIR", "MCR", "LCR", "LSR", "MSR"};  // writes of status are ignored
  walk.run(bus, regs::kUart);
  EXPECT_EQ(get(UART_IIR_OFFSET), kNone);
  EXPECT_EQ(get(UART_LSR_OFFSET), UART_LSR_EMPTY_MASK | UART_LSR_IDLE_MASK);
  EXPECT_EQ(get(UART_MSR_OFFSET), 0xb0);
  EXPECT_EQ(get(UART_MCR_OFFSET), 0x08);
  put(UART_MCR_OFFSET, 0xff);
  EXPECT_EQ(get(UART_MCR_OFFSET), 0x1f);
}

TEST_F(UartTest, SendsCharactersToTheBackend) {
  for (const char c : std::string("hello\n")) put(UART_DATA_OFFSET, static_cast<unsigned>(c));
  EXPECT_EQ(capture->text(), "hello\n");
  EXPECT_NE(get(UART_LSR_OFFSET) & UART_LSR_EMPTY_MASK, 0u);
}

TEST_F(UartTest, KeepsTheDivisorApartFromDataAndInterruptEnable) {
  put(UART_IER_OFFSET, UART_IER_RECEIVE_MASK);
  put(UART_LCR_OFFSET, UART_LCR_DLAB_MASK | 3);
  EXPECT_EQ(get(UART_DATA_OFFSET), 12);
  EXPECT_EQ(get(UART_IER_OFFSET), 0);
  put(UART_DATA_OFFSET, 0x34);
  put(UART_IER_OFFSET, 0x12);
  EXPECT_EQ(get(UART_DATA_OFFSET), 0x34);
  EXPECT_EQ(get(UART_IER_OFFSET), 0x12);
  put(UART_LCR_OFFSET, 3);
  EXPECT_EQ(get(UART_IER_OFFSET), UART_IER_RECEIVE_MASK);
  EXPECT_EQ(capture->text(), "") << "the divisor is not sent";
}

TEST_F(UartTest, ReceivesOneCharacterWithoutFifo) {
  EXPECT_FALSE(ready());
  send("A");
  EXPECT_TRUE(ready());
  EXPECT_EQ(get(UART_DATA_OFFSET), 'A');
  EXPECT_FALSE(ready());
}

TEST_F(UartTest, OverwritesTheSingleCharacterAndReportsTheOverrun) {
  put(UART_IER_OFFSET, UART_IER_LINE_MASK);
  send("AB");
  EXPECT_TRUE(irq.read());
  EXPECT_EQ(get(UART_IIR_OFFSET), kLine);
  EXPECT_NE(get(UART_LSR_OFFSET) & UART_LSR_OVERRUN_MASK, 0u);
  EXPECT_EQ(get(UART_LSR_OFFSET) & UART_LSR_OVERRUN_MASK, 0u) << "reading clears it";
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(get(UART_DATA_OFFSET), 'B');
}

TEST_F(UartTest, HoldsSixteenCharactersInTheFifo) {
  put(UART_IIR_OFFSET, 0x01);
  EXPECT_EQ(get(UART_IIR_OFFSET), kFifo | kNone);
  send("0123456789abcdefX");
  EXPECT_NE(get(UART_LSR_OFFSET) & UART_LSR_OVERRUN_MASK, 0u);
  for (const char c : std::string("0123456789abcdef"))
    EXPECT_EQ(get(UART_DATA_OFFSET), static_cast<std::uint8_t>(c));
  EXPECT_FALSE(ready());
}

TEST_F(UartTest, RaisesTheReceiveInterruptAndDropsItWhenRead) {
  put(UART_IER_OFFSET, UART_IER_RECEIVE_MASK);
  EXPECT_FALSE(irq.read());
  send("A");
  EXPECT_TRUE(irq.read());
  EXPECT_EQ(get(UART_IIR_OFFSET), kReceive);
  get(UART_DATA_OFFSET);
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(get(UART_IIR_OFFSET), kNone);
  send("B");
  put(UART_IER_OFFSET, 0);
  EXPECT_FALSE(irq.read()) << "a disabled interrupt drops";
}

TEST_F(UartTest, InterruptsAtTheTriggerLevelOrAfterAQuietTime) {
  set_line(2, k8N1);           // 115200 baud: four characters take 347.2 us
  put(UART_IIR_OFFSET, 0x41);  // trigger at 4
  put(UART_IER_OFFSET, UART_IER_RECEIVE_MASK);
  send("abc");
  EXPECT_FALSE(irq.read());
  sc_core::sc_start(347, sc_core::SC_US);
  EXPECT_FALSE(irq.read());
  sc_core::sc_start(1, sc_core::SC_US);
  EXPECT_TRUE(irq.read());
  EXPECT_EQ(get(UART_IIR_OFFSET), kFifo | kTimeout);
  EXPECT_EQ(get(UART_DATA_OFFSET), 'a');
  EXPECT_FALSE(irq.read()) << "reading starts the quiet time anew";
  send("de");
  EXPECT_TRUE(irq.read()) << "four characters wait";
  EXPECT_EQ(get(UART_IIR_OFFSET), kFifo | kReceive);
  put(UART_IIR_OFFSET, 0x43);
  EXPECT_FALSE(ready()) << "the FIFO was cleared";
  EXPECT_FALSE(irq.read());
  sc_core::sc_start(1, sc_core::SC_MS);
  EXPECT_FALSE(irq.read());
}

TEST_F(UartTest, RaisesTheTransmitInterruptUntilItIsIdentified) {
  put(UART_IER_OFFSET, UART_IER_TRANSMIT_MASK);
  EXPECT_TRUE(irq.read()) << "the register is empty when the interrupt is switched on";
  EXPECT_EQ(get(UART_IIR_OFFSET), kTransmit);
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(get(UART_IIR_OFFSET), kNone);
  put(UART_DATA_OFFSET, 'x');
  EXPECT_TRUE(irq.read()) << "empty again";
  put(UART_IER_OFFSET, 0);
  EXPECT_FALSE(irq.read());
}

TEST_F(UartTest, RaisesTheTransmitInterruptWhenTheFifoIsCleared) {
  put(UART_IER_OFFSET, UART_IER_TRANSMIT_MASK);
  get(UART_IIR_OFFSET);
  EXPECT_FALSE(irq.read());
  put(UART_IIR_OFFSET, 0x05);
  EXPECT_TRUE(irq.read());
}

TEST_F(UartTest, ReadsAnEmptyReceiverAsZeroWithFifoAndAsTheLastCharacterWithout) {
  send("A");
  get(UART_DATA_OFFSET);
  EXPECT_EQ(get(UART_DATA_OFFSET), 'A');
  put(UART_IIR_OFFSET, 0x01);
  EXPECT_EQ(get(UART_DATA_OFFSET), 0);
}

TEST_F(UartTest, IdentifiesInterruptsByPriority) {
  put(UART_IER_OFFSET, UART_IER_LINE_MASK | UART_IER_RECEIVE_MASK | UART_IER_TRANSMIT_MASK);
  send("AB");
  EXPECT_EQ(get(UART_IIR_OFFSET), kLine);
  get(UART_LSR_OFFSET);
  EXPECT_EQ(get(UART_IIR_OFFSET), kReceive);
  get(UART_DATA_OFFSET);
  EXPECT_EQ(get(UART_IIR_OFFSET), kTransmit);
  EXPECT_EQ(get(UART_IIR_OFFSET), kNone);
}

TEST_F(UartTest, LoopsBackWithoutReachingTheBackend) {
  put(UART_MCR_OFFSET, 0x1b);  // loop, OUT2, RTS, DTR
  put(UART_DATA_OFFSET, 'L');
  EXPECT_TRUE(ready());
  EXPECT_EQ(get(UART_DATA_OFFSET), 'L');
  EXPECT_EQ(capture->text(), "");
  EXPECT_EQ(get(UART_MSR_OFFSET), 0xb0);
  put(UART_MCR_OFFSET, 0x10);
  EXPECT_EQ(get(UART_MSR_OFFSET), 0x00);
  send("x");
  EXPECT_FALSE(ready()) << "the line is cut in loopback";
}

TEST_F(UartTest, UsesTheLowByteOfWiderAccessesAndIgnoresWritesOfStatus) {
  EXPECT_EQ(bus.write(UART_SCR_OFFSET, 0x12345678), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bus.read(UART_SCR_OFFSET), 0x78u);
  EXPECT_EQ(bus.write(0, 'x'), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(capture->text(), "x");
  put(UART_LSR_OFFSET, 0);
  put(UART_MSR_OFFSET, 0);
  EXPECT_EQ(get(UART_LSR_OFFSET), UART_LSR_EMPTY_MASK | UART_LSR_IDLE_MASK);
  EXPECT_EQ(get(UART_MSR_OFFSET), 0xb0);
  std::uint8_t bytes[16] = {};
  EXPECT_EQ(bus.transfer(tlm::TLM_READ_COMMAND, 0, bytes, 16), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(bus.transfer(tlm::TLM_READ_COMMAND, 8, bytes, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(UartTest, ReportsABreakAsALineStatusInterrupt) {
  put(UART_IER_OFFSET, UART_IER_LINE_MASK);
  uart.receive_break();
  settle();
  EXPECT_TRUE(irq.read());
  EXPECT_EQ(get(UART_IIR_OFFSET), kLine);
  EXPECT_EQ(get(UART_LSR_OFFSET) & (UART_LSR_BREAK_MASK | UART_LSR_READY_MASK),
            UART_LSR_BREAK_MASK | UART_LSR_READY_MASK);
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(get(UART_DATA_OFFSET), 0);
}

TEST_F(UartTest, ForgetsABreakWithItsCharacter) {
  put(UART_IIR_OFFSET, 0x01);
  put(UART_IER_OFFSET, UART_IER_LINE_MASK);
  send("a");
  uart.receive_break();
  settle();
  EXPECT_EQ(get(UART_DATA_OFFSET), 'a');
  EXPECT_TRUE(irq.read()) << "the break's character is still there";
  EXPECT_EQ(get(UART_DATA_OFFSET), 0);
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(get(UART_LSR_OFFSET) & UART_LSR_BREAK_MASK, 0);
}

TEST_F(UartTest, ShowsTheLastCharacterOfTheSingleRegisterBehindTheFifo) {
  send("a");
  EXPECT_EQ(get(UART_DATA_OFFSET), 'a');
  EXPECT_EQ(get(UART_DATA_OFFSET), 'a');
  put(UART_IIR_OFFSET, 0x01);
  send("b");
  EXPECT_EQ(get(UART_DATA_OFFSET), 'b');
  EXPECT_EQ(get(UART_DATA_OFFSET), 0) << "an empty FIFO reads 0";
  send("c");
  put(UART_IIR_OFFSET, 0x00);
  EXPECT_EQ(get(UART_DATA_OFFSET), 'a');
  send("d");
  put(UART_IIR_OFFSET, 0x01);
  put(UART_IIR_OFFSET, 0x00);
  EXPECT_EQ(get(UART_DATA_OFFSET), 'd') << "also if nobody read it";
}

TEST_F(UartTest, DebugReadsTakeNothing) {
  send("A");
  std::uint8_t bytes[8] = {};
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(0);
  txn.set_data_ptr(bytes);
  txn.set_data_length(8);
  EXPECT_EQ(bus.out->transport_dbg(txn), 8u);
  EXPECT_EQ(bytes[UART_DATA_OFFSET], 'A');
  EXPECT_TRUE(ready());
}

TEST_F(UartTest, ReturnsToPowerOnByReset) {
  put(UART_IIR_OFFSET, 0x01);
  put(UART_IER_OFFSET, 0x0f);
  put(UART_SCR_OFFSET, 0x55);
  put(UART_MCR_OFFSET, 0x03);
  send("abc");
  uart.reset();
  settle();
  EXPECT_FALSE(irq.read());
  EXPECT_FALSE(ready());
  EXPECT_EQ(get(UART_IER_OFFSET), 0);
  EXPECT_EQ(get(UART_IIR_OFFSET), kNone);
  EXPECT_EQ(get(UART_SCR_OFFSET), 0);
  EXPECT_EQ(get(UART_MCR_OFFSET), 0x08);
  sc_core::sc_start(1, sc_core::SC_MS);
  EXPECT_FALSE(irq.read());
}

TEST_F(UartTest, CountsCharacters) {
  put(UART_DATA_OFFSET, 'x');
  send("AB");
  nlohmann::ordered_json stats;
  uart.report(stats);
  EXPECT_EQ(stats["sent"], 1);
  EXPECT_EQ(stats["received"], 2);
  EXPECT_EQ(stats["lost"], 1);
  EXPECT_EQ(stats["unsent"], 0);
}

TEST(UartConfigTest, NeedsAPathForTheFileBackend) {
  testing::TestServices services;
  EXPECT_THROW(Uart("uart", {.backend = "file"}, services.services), UserError);
}

TEST(UartKindTest, ReadsItsParametersAndRefusesBadOnes) {
  Registry registry;
  registry.add<Uart>("uart", "", {&regs::kUart});
  const IpKind& kind = registry.find("uart", {});
  EXPECT_EQ(kind.defaults().size(), kind.parameters("x", load_yaml_text("{}", "p.yaml")).size());
  EXPECT_THROW(kind.parameters("x", load_yaml_text("{backend: tty}", "p.yaml")), UserError);
}

}  // namespace
}  // namespace aimc::uart
