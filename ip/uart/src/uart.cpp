// SPDX-License-Identifier: Apache-2.0
#include "aimc/uart/uart.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aimc/common/error.h"
#include "aimc/uart/uart_regs.h"

namespace aimc::uart {
namespace {

// Interrupt identifications, best first.
constexpr std::uint8_t kIdNone = 0x01;
constexpr std::uint8_t kIdLine = 0x06;
constexpr std::uint8_t kIdTimeout = 0x0c;
constexpr std::uint8_t kIdReceive = 0x04;
constexpr std::uint8_t kIdTransmit = 0x02;
constexpr std::uint8_t kIdModem = 0x00;
constexpr std::uint8_t kIdMask = 0x0f;
constexpr std::uint8_t kIdFifoEnabled = 0xc0;

constexpr std::uint8_t kFifoEnable = 0x01, kFifoClearReceive = 0x02, kFifoClearTransmit = 0x04,
                       kFifoKept = 0xc9;
constexpr std::uint8_t kModemDtr = 0x01, kModemRts = 0x02, kModemOut2 = 0x08, kModemLoop = 0x10,
                       kModemKept = 0x1f;
constexpr std::uint8_t kStatusCts = 0x10, kStatusDsr = 0x20, kStatusCarrier = 0x80;
constexpr std::uint16_t kResetDivisor = 12;  // as QEMU: 19200 baud of 3.6864 MHz

std::unique_ptr<CharBackend> make_backend(const char* name, const Config& config) {
  const std::string& kind = config.backend;
  if (kind == "file" && config.path.empty())
    user_error("'{}' has the backend 'file' but no 'path'", name);
  if (kind == "stdio" && !config.input.empty())
    user_error("'{}' takes its input from standard input or from the file '{}', not both", name,
               config.input);
  std::unique_ptr<CharBackend> backend = kind == "file"    ? make_file_backend(config.path)
                                         : kind == "null"  ? make_null_backend()
                                         : kind == "stdio" ? make_stdio_backend()
                                         : kind == "pty"   ? make_pty_backend(name)
                                         : kind == "tcp"   ? make_tcp_backend(name, config.port)
                                                           : make_stdout_backend();
  if (config.input.empty()) return backend;
  return make_input_file(std::move(backend), config.input);
}

}  // namespace

void describe(ParamTable& params, Config& config) {
  params.choice("backend", config.backend, {"stdout", "stdio", "file", "pty", "tcp", "null"},
                "The far end of the line on the host");
  params.text("path", config.path, "File of the backend 'file'");
  params.integer<std::uint16_t>("port", config.port, 0, 65535,
                                "Loopback port of the backend 'tcp'; 0 for any");
  params.text("input", config.input, "File whose bytes the guest receives");
  params.quantity("clock", config.clock_hz, Unit::hertz, 1e3, 1e9,
                  "Input clock: 16 times the divisor latch times the baud rate");
  params.flag("timed_transmit", config.timed_transmit,
              "Sent characters take their time on the line instead of none (as in QEMU)");
}

Uart::Uart(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : Module(name, services), regs_in("regs_in"), irq("irq"), config_(config) {
  set_backend(make_backend(this->name(), config));
  regs_in.register_b_transport(this, &Uart::b_transport);
  regs_in.register_transport_dbg(this, &Uart::transport_dbg);
  SC_HAS_PROCESS(Uart);
  SC_METHOD(drive_irq);
  sensitive << irq_changed_;
  SC_METHOD(timed_out);
  sensitive << receive_quiet_;
  dont_initialize();
  SC_METHOD(shifted);
  sensitive << shifted_;
  dont_initialize();
  SC_METHOD(listen);
  sensitive << listen_again_;
  Uart::reset();
}

CharBackend& Uart::set_backend(std::unique_ptr<CharBackend> backend) {
  backend_ = std::move(backend);
  backend_->on_receive([this](std::uint8_t byte) {
    if ((modem_control_ & kModemLoop) == 0) receive(byte);
  });
  carrier_ = backend_->carrier();
  listen_again_.notify(sc_core::SC_ZERO_TIME);
  return *backend_;
}

void Uart::connect(PortDirectory& ports) {
  ports.target("regs_in", regs_in, Link::bus, UART_SIZE);
  ports.irq_out("irq", irq);
}

void Uart::reset() {
  received_.clear();
  unsent_ += waiting();
  to_send_.clear();
  shifting_ = false;
  single_ = interrupt_enable_ = fifo_control_ = line_control_ = line_errors_ = scratch_ = 0;
  modem_deltas_ = 0;
  wants_input_ = false;
  modem_control_ = kModemOut2;
  divisor_ = kResetDivisor;
  transmit_pending_ = timeout_pending_ = false;
  receive_quiet_.cancel();
  shifted_.cancel();
  backend_->flush();
  update();
}

void Uart::report(nlohmann::ordered_json& stats) const {
  stats["sent"] = sent_;
  stats["received"] = got_;
  stats["lost"] = lost_;
  stats["unsent"] = unsent_ + waiting();
}

std::size_t Uart::trigger_level() const {
  constexpr std::size_t kLevels[] = {1, 4, 8, 14};
  return fifo_enabled() ? kLevels[fifo_control_ >> 6] : 1;
}

std::uint8_t Uart::modem_status() const {
  if ((modem_control_ & kModemLoop) == 0)
    return static_cast<std::uint8_t>((carrier_ ? kStatusCarrier | kStatusDsr | kStatusCts : 0) |
                                     modem_deltas_);
  // In loopback OUT2, OUT1, RTS and DTR come back as carrier, ring, CTS and DSR.
  return static_cast<std::uint8_t>(((modem_control_ & 0x0c) << 4) |
                                   ((modem_control_ & kModemRts) << 3) |
                                   ((modem_control_ & kModemDtr) << 5));
}

std::uint8_t Uart::line_status() const {
  const bool idle = to_send_.empty() && !shifting_;
  return static_cast<std::uint8_t>(line_errors_ | (to_send_.empty() ? UART_LSR_EMPTY_MASK : 0) |
                                   (idle ? UART_LSR_IDLE_MASK : 0) |
                                   (received_.empty() ? 0 : UART_LSR_READY_MASK));
}

std::uint8_t Uart::peek(unsigned offset) const {
  const bool divisor = (line_control_ & UART_LCR_DLAB_MASK) != 0;
  switch (offset) {
    case UART_DATA_OFFSET:
      if (divisor) return static_cast<std::uint8_t>(divisor_);
      if (received_.empty()) return fifo_enabled() ? 0 : single_;
      return received_.front();
    case UART_IER_OFFSET:
      return divisor ? static_cast<std::uint8_t>(divisor_ >> 8) : interrupt_enable_;
    case UART_IIR_OFFSET:
      return interrupt_id_;
    case UART_LCR_OFFSET:
      return line_control_;
    case UART_MCR_OFFSET:
      return modem_control_;
    case UART_LSR_OFFSET:
      return line_status();
    case UART_MSR_OFFSET:
      return modem_status();
    default:
      return scratch_;
  }
}

void Uart::after_read(unsigned offset, std::uint8_t value) {
  switch (offset) {
    case UART_DATA_OFFSET:
      if ((line_control_ & UART_LCR_DLAB_MASK) != 0) return;
      wants_input_ = true;
      timeout_pending_ = false;
      receive_quiet_.cancel();
      if (!received_.empty()) received_.pop_front();
      if (received_.empty()) line_errors_ &= static_cast<std::uint8_t>(~UART_LSR_BREAK_MASK);
      if (!received_.empty() && fifo_enabled()) restart_timeout();
      break;
    case UART_IIR_OFFSET:
      if ((value & kIdMask) == kIdTransmit) transmit_pending_ = false;
      break;
    case UART_LSR_OFFSET:
      wants_input_ = true;
      line_errors_ = 0;
      break;
    case UART_MSR_OFFSET:
      if ((modem_control_ & kModemLoop) == 0) modem_deltas_ = 0;
      break;
    default:
      return;
  }
  update();
}

void Uart::write(unsigned offset, std::uint8_t value) {
  const bool divisor = (line_control_ & UART_LCR_DLAB_MASK) != 0;
  switch (offset) {
    case UART_DATA_OFFSET:
      if (divisor) {
        divisor_ = static_cast<std::uint16_t>((divisor_ & 0xff00) | value);
      } else {
        transmit(value);
      }
      break;
    case UART_IER_OFFSET:
      if (divisor) {
        divisor_ = static_cast<std::uint16_t>((divisor_ & 0x00ff) | (value << 8));
      } else {
        // Switching the transmit interrupt on tells that the register is empty.
        if (((interrupt_enable_ ^ value) & UART_IER_TRANSMIT_MASK) != 0)
          transmit_pending_ = (value & UART_IER_TRANSMIT_MASK) != 0 && to_send_.empty();
        interrupt_enable_ = value & 0x0f;
        if ((value & UART_IER_RECEIVE_MASK) != 0) wants_input_ = true;
      }
      break;
    case UART_IIR_OFFSET:
      write_fifo_control(value);
      break;
    case UART_LCR_OFFSET:
      line_control_ = value;
      break;
    case UART_MCR_OFFSET:
      modem_control_ = value & kModemKept;
      break;
    case UART_LSR_OFFSET:  // ignored, as in QEMU
    case UART_MSR_OFFSET:
      break;
    default:
      scratch_ = value;
      break;
  }
  update();
}

void Uart::write_fifo_control(std::uint8_t value) {
  const bool switched = ((value ^ fifo_control_) & kFifoEnable) != 0;
  if (switched || (value & kFifoClearReceive) != 0) {
    received_.clear();
    timeout_pending_ = false;
    receive_quiet_.cancel();
  }
  if (switched || (value & kFifoClearTransmit) != 0) clear_transmitter();
  fifo_control_ = value & kFifoKept;
}

void Uart::update() {
  std::uint8_t id = kIdNone;
  if ((interrupt_enable_ & UART_IER_LINE_MASK) != 0 && line_errors_ != 0) {
    id = kIdLine;
  } else if ((interrupt_enable_ & UART_IER_RECEIVE_MASK) != 0 && timeout_pending_) {
    id = kIdTimeout;
  } else if ((interrupt_enable_ & UART_IER_RECEIVE_MASK) != 0 &&
             received_.size() >= trigger_level()) {
    id = kIdReceive;
  } else if ((interrupt_enable_ & UART_IER_TRANSMIT_MASK) != 0 && transmit_pending_) {
    id = kIdTransmit;
  } else if ((interrupt_enable_ & UART_IER_MODEM_MASK) != 0 && modem_deltas_ != 0) {
    id = kIdModem;
  }
  interrupt_id_ = static_cast<std::uint8_t>(id | (fifo_enabled() ? kIdFifoEnabled : 0));
  irq_changed_.notify(sc_core::SC_ZERO_TIME);
}

void Uart::drive_irq() { irq.write((interrupt_id_ & kIdMask) != kIdNone); }

/// One register for each access, at its address: wider reads are filled up with zeros, wider writes
/// use the low byte, as in QEMU.
void Uart::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time&) {
  txn.set_dmi_allowed(false);
  if (txn.get_data_length() > 8 || txn.get_data_length() == 0 ||
      txn.get_byte_enable_ptr() != nullptr) {
    txn.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (txn.get_address() > UART_SCR_OFFSET) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  const auto offset = static_cast<unsigned>(txn.get_address());
  if (txn.is_read()) {
    std::fill_n(txn.get_data_ptr(), txn.get_data_length(), std::uint8_t{0});
    *txn.get_data_ptr() = peek(offset);
    after_read(offset, *txn.get_data_ptr());
  } else if (txn.is_write()) {
    write(offset, *txn.get_data_ptr());
  }
  txn.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned Uart::transport_dbg(tlm::tlm_generic_payload& txn) {
  if (!txn.is_read()) return 0;
  unsigned done = 0;
  for (; done < txn.get_data_length() && txn.get_address() + done <= UART_SCR_OFFSET; ++done)
    txn.get_data_ptr()[done] = peek(static_cast<unsigned>(txn.get_address()) + done);
  return done;
}

}  // namespace aimc::uart
