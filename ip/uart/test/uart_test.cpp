// SPDX-License-Identifier: Apache-2.0
#include "aimc/uart/uart.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"
#include "aimc/common/registry.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/register_walk.h"
#include "aimc/testing/services.h"
#include "aimc/uart/uart_map.h"
#include "aimc/uart/uart_regs.h"

namespace aimc::uart {
namespace {

constexpr std::uint8_t kNone = 0x01, kLine = 0x06, kReceive = 0x04, kTimeout = 0x0c,
                       kTransmit = 0x02, kModem = 0x00, kFifo = 0xc0;

class UartTest : public ::testing::Test {
 protected:
  UartTest()
      : uart("uart", {.backend = "null", .receive_timeout_s = 100e-6}, services.services),
        bus("bus"),
        irq("irq_line") {
    bus.out.bind(uart.regs_in);
    uart.irq.bind(irq);
    capture = static_cast<CaptureBackend*>(&uart.set_backend(std::make_unique<CaptureBackend>()));
    settle();
  }
  void settle() {
    for (int i = 0; i < 4; ++i) sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  void put(std::uint64_t offset, unsigned value) {
    auto byte = static_cast<std::uint8_t>(value);
    EXPECT_EQ(bus.transfer(tlm::TLM_WRITE_COMMAND, offset, &byte, 1), tlm::TLM_OK_RESPONSE);
    settle();
  }
  std::uint8_t get(std::uint64_t offset) {
    std::uint8_t byte = 0;
    EXPECT_EQ(bus.transfer(tlm::TLM_READ_COMMAND, offset, &byte, 1), tlm::TLM_OK_RESPONSE);
    settle();
    return byte;
  }
  void send(std::string_view text) {
    capture->send(text);
    settle();
  }
  bool ready() { return (get(UART_LSR_OFFSET) & UART_LSR_READY_MASK) != 0; }

  testing::TestServices services;
  Uart uart;
  testing::BusMaster bus;
  sc_core::sc_signal<bool> irq;
  CaptureBackend* capture = nullptr;
};

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
  put(UART_IIR_OFFSET, 0x41);  // trigger at 4
  put(UART_IER_OFFSET, UART_IER_RECEIVE_MASK);
  send("abc");
  EXPECT_FALSE(irq.read());
  sc_core::sc_start(99, sc_core::SC_US);
  EXPECT_FALSE(irq.read());
  sc_core::sc_start(2, sc_core::SC_US);
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

/// A host whose characters and presence the test decides.
class ScriptedBackend : public CharBackend {
 public:
  void write(std::uint8_t) override {}
  bool listening() const override { return true; }
  bool read(std::uint8_t* byte) override {
    if (input.empty()) return false;
    *byte = static_cast<std::uint8_t>(input.front());
    input.erase(0, 1);
    return true;
  }
  bool carrier() override { return present; }
  void wait(int) override { ++waits; }

  std::string input;
  bool present = true;
  int waits = 0;
};

TEST_F(UartTest, TakesCharactersOfTheHostAtLineRateAndOnlyWhenThereIsRoom) {
  put(UART_IIR_OFFSET, 0x01);
  auto& host = static_cast<ScriptedBackend&>(uart.set_backend(std::make_unique<ScriptedBackend>()));
  host.input = "0123456789abcdefXYZ";
  sc_core::sc_start(5, sc_core::SC_MS);
  EXPECT_EQ(host.input.size(), 19u) << "nothing is taken before the guest looks for characters";
  put(UART_IER_OFFSET, UART_IER_RECEIVE_MASK);
  while (host.input.size() == 19u) sc_core::sc_start(25, sc_core::SC_US);
  sc_core::sc_start(10 * 25, sc_core::SC_US);  // a character each 25 us
  EXPECT_GE(host.input.size(), 7u);
  EXPECT_LE(host.input.size(), 10u);
  sc_core::sc_start(2, sc_core::SC_MS);
  EXPECT_EQ(host.input, "XYZ") << "a full FIFO stops the host";
  std::string got;
  for (int i = 0; i < 40; ++i) {
    if (ready()) got += static_cast<char>(get(UART_DATA_OFFSET));
    sc_core::sc_start(50, sc_core::SC_US);
  }
  EXPECT_EQ(got, "0123456789abcdefXYZ");
  EXPECT_EQ(get(UART_LSR_OFFSET) & UART_LSR_OVERRUN_MASK, 0);
  // It waits when two looks follow each other quickly on the host, which a busy host may delay.
  for (int i = 0; i < 1000 && host.waits == 0; ++i) sc_core::sc_start(1, sc_core::SC_MS);
  EXPECT_GT(host.waits, 0) << "an idle simulation waits for its user";
}

TEST_F(UartTest, RaisesTheModemInterruptWhenTheFarEndComesOrGoes) {
  auto& host = static_cast<ScriptedBackend&>(uart.set_backend(std::make_unique<ScriptedBackend>()));
  put(UART_IER_OFFSET, UART_IER_MODEM_MASK);
  sc_core::sc_start(3, sc_core::SC_MS);
  EXPECT_FALSE(irq.read());
  host.present = false;
  sc_core::sc_start(3, sc_core::SC_MS);
  EXPECT_TRUE(irq.read());
  EXPECT_EQ(get(UART_IIR_OFFSET), kModem);
  EXPECT_EQ(get(UART_MSR_OFFSET), 0x0b) << "carrier, DSR and CTS changed and are low";
  EXPECT_FALSE(irq.read()) << "reading MSR drops it";
  EXPECT_EQ(get(UART_MSR_OFFSET), 0x00);
  host.present = true;
  sc_core::sc_start(3, sc_core::SC_MS);
  EXPECT_TRUE(irq.read());
  put(UART_IER_OFFSET, 0);
  EXPECT_FALSE(irq.read());
  EXPECT_EQ(get(UART_MSR_OFFSET), 0xbb);
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
}

TEST(CharBackendTest, WritesToAFileAndFlushesAtANewline) {
  const std::string path = ::testing::TempDir() + "/aimc_uart_backend.txt";
  const auto backend = make_file_backend(path);
  for (const char c : std::string("line\nrest")) backend->write(static_cast<std::uint8_t>(c));
  EXPECT_EQ(read_file(path, "output"), "line\n");
  backend->flush();
  EXPECT_EQ(read_file(path, "output"), "line\nrest");
  std::filesystem::remove(path);
  EXPECT_THROW(make_file_backend("/nowhere/at/all"), UserError);
}

TEST(CharBackendTest, ReplacesAFileOnlyWhenTheRunWrites) {
  const std::string path = ::testing::TempDir() + "/aimc_uart_kept.txt";
  write_file(path, "old");
  make_file_backend(path)->flush();
  EXPECT_EQ(read_file(path, "output"), "old") << "the run did not begin";
  EXPECT_TRUE(make_file_backend(path)->complete());
  EXPECT_EQ(read_file(path, "output"), "") << "a run that printed nothing";
  std::filesystem::remove(path);
  make_file_backend(path)->flush();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(CharBackendTest, TellsThatAFileIsFull) {
  const auto backend = make_file_backend("/dev/full");
  backend->write('x');
  EXPECT_FALSE(backend->complete());
  const auto wrapped = make_input_file(make_file_backend("/dev/full"), "/dev/null");
  wrapped->write('x');
  EXPECT_FALSE(wrapped->complete());
}

TEST(CharBackendTest, PrintsOnStandardOutput) {
  ::testing::internal::CaptureStdout();
  const auto backend = make_stdout_backend();
  for (const char c : std::string("hi\n")) backend->write(static_cast<std::uint8_t>(c));
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "hi\n");
}

TEST(CharBackendTest, ReplaysAFileAsInput) {
  const std::string path = ::testing::TempDir() + "/aimc_uart_input.txt";
  write_file(path, "ab");
  const auto backend = make_input_file(make_null_backend(), path);
  std::uint8_t byte = 0;
  EXPECT_TRUE(backend->listening());
  EXPECT_TRUE(backend->read(&byte));
  EXPECT_EQ(byte, 'a');
  EXPECT_TRUE(backend->read(&byte));
  EXPECT_EQ(byte, 'b');
  EXPECT_FALSE(backend->read(&byte));
  EXPECT_FALSE(backend->listening()) << "nothing more can come";
  std::filesystem::remove(path);
  EXPECT_THROW(make_input_file(make_null_backend(), path), UserError);
}

TEST(UartConfigTest, NeedsAPathForTheFileBackend) {
  testing::TestServices services;
  EXPECT_THROW(Uart("uart", {.backend = "file", .receive_timeout_s = 0}, services.services),
               UserError);
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
