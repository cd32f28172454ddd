// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "aimc/common/module.h"
#include "aimc/common/params.h"
#include "aimc/uart/char_backend.h"

namespace aimc::uart {

struct Config {
  std::string backend = "stdout";  ///< stdout | stdio | file | pty | tcp | null.
  std::string path{};              ///< Of the file of the backend "file".
  std::uint16_t port = 0;          ///< Of the backend "tcp", on the loopback interface; 0: any.
  std::string input{};             ///< File whose bytes are received; empty for none.
  double clock_hz = 3686400;       ///< Divided by 16 and the divisor latch it is the baud rate.
  bool timed_transmit = false;     ///< Sent characters take their time on the line; or none.
};

void describe(ParamTable& params, Config& config);

/// Serial port, NS16550A as QEMU's virt machine has it: byte registers, FIFOs of 16 bytes.
class Uart : public Module {
 public:
  using Config = uart::Config;

  tlm_utils::simple_target_socket<Uart> regs_in;
  sc_core::sc_out<bool> irq;

  /// @throws UserError if the backend cannot be had or its path is missing.
  Uart(const sc_core::sc_module_name& name, const Config& config, Services& services);

  /// Replaces the backend, e.g. by a `CaptureBackend` in tests. @returns it.
  CharBackend& set_backend(std::unique_ptr<CharBackend> backend);
  CharBackend& backend() { return *backend_; }
  /// The far end holds the line low for longer than a character.
  void receive_break();
  /// Characters that the guest has written and that have not left yet.
  std::size_t waiting() const { return to_send_.size() + (shifting_ ? 1 : 0); }

  void connect(PortDirectory& ports) override;
  void reset() override;
  void report(nlohmann::ordered_json& stats) const override;

 private:
  static constexpr std::size_t kFifoBytes = 16;

  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  std::uint8_t peek(unsigned offset) const;
  /// What a read changes, after `peek` has given its value.
  void after_read(unsigned offset, std::uint8_t value);
  void write(unsigned offset, std::uint8_t value);
  void transmit(std::uint8_t byte);
  void fill_shift_register();
  void shifted();
  void put_on_line(std::uint8_t byte);
  void clear_transmitter();
  void receive(std::uint8_t byte);
  void write_fifo_control(std::uint8_t value);
  sc_core::sc_time character_time() const;
  void restart_timeout();
  void timed_out();
  void listen();
  bool can_receive() const;
  void follow_carrier();
  void update();
  void drive_irq();
  bool fifo_enabled() const { return (fifo_control_ & 1) != 0; }
  std::size_t depth() const { return fifo_enabled() ? kFifoBytes : 1; }
  std::size_t trigger_level() const;
  std::uint8_t line_status() const;
  std::uint8_t modem_status() const;

  Config config_;
  std::unique_ptr<CharBackend> backend_;
  std::deque<std::uint8_t> received_;
  std::deque<std::uint8_t> to_send_;
  std::uint8_t shift_register_ = 0;
  bool shifting_ = false;    // the shift register's character is on the line
  std::uint8_t single_ = 0;  // last character that came in without FIFO
  std::uint8_t interrupt_enable_ = 0;
  std::uint8_t interrupt_id_ = 0;
  std::uint8_t fifo_control_ = 0;
  std::uint8_t line_control_ = 0;
  std::uint8_t modem_control_ = 0;
  std::uint8_t line_errors_ = 0;
  std::uint8_t modem_deltas_ = 0;
  std::uint8_t scratch_ = 0;
  std::uint16_t divisor_ = 0;
  bool carrier_ = true;
  bool wants_input_ = false;       // the guest has looked for characters
  bool transmit_pending_ = false;  // the "holding register empty" interrupt
  bool timeout_pending_ = false;
  sc_core::sc_event irq_changed_;
  sc_core::sc_event receive_quiet_;
  sc_core::sc_event shifted_;
  sc_core::sc_event listen_again_;
  std::int64_t looked_ns_ = 0;  // host time of the last look at the backend
  std::uint64_t sent_ = 0;
  std::uint64_t got_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t unsent_ = 0;
};

}  // namespace aimc::uart
