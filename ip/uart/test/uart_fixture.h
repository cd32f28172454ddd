// SPDX-License-Identifier: Apache-2.0
// A serial port with a bus master and a far end that the tests of the port share.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "aimc/testing/bus_master.h"
#include "aimc/testing/services.h"
#include "aimc/uart/uart.h"
#include "aimc/uart/uart_regs.h"

namespace aimc::uart {

// Interrupt identifications.
inline constexpr std::uint8_t kNone = 0x01, kLine = 0x06, kReceive = 0x04, kTimeout = 0x0c,
                              kTransmit = 0x02, kModem = 0x00, kFifo = 0xc0;
inline constexpr std::uint8_t k8N1 = 0x03;  // of the line control

class UartTest : public ::testing::Test {
 protected:
  explicit UartTest(const Config& config = {.backend = "null"})
      : uart("uart", config, services.services), bus("bus"), irq("irq_line") {
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
  /// As a driver does it: the latch behind DLAB, then the format.
  void set_line(unsigned divisor, unsigned line_control) {
    put(UART_LCR_OFFSET, line_control | UART_LCR_DLAB_MASK);
    put(UART_DATA_OFFSET, divisor & 0xff);
    put(UART_IER_OFFSET, divisor >> 8);
    put(UART_LCR_OFFSET, line_control);
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

}  // namespace aimc::uart
