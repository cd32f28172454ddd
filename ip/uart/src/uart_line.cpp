// SPDX-License-Identifier: Apache-2.0
// The line: what it takes characters to leave, and to come from the host when there is room.
#include <chrono>

#include "aimc/uart/line_format.h"
#include "aimc/uart/uart.h"
#include "aimc/uart/uart_regs.h"

namespace aimc::uart {
namespace {

/// Simulated time between two looks at a host that has said nothing.
constexpr double kLookInterval = 1e-3;
constexpr unsigned kTimeoutCharacters = 4;
constexpr std::uint8_t kModemLoop = 0x10;
constexpr std::uint8_t kDeltaCts = 0x01, kDeltaDsr = 0x02, kDeltaCarrier = 0x08;

std::int64_t host_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

sc_core::sc_time Uart::character_time() const {
  return to_time(frame_bits(line_control_) / baud(config_.clock_hz, divisor_));
}

/// The quiet time begins, at the rate of now: a later change of the rate finds it under way.
void Uart::restart_timeout() {
  receive_quiet_.cancel();
  receive_quiet_.notify(kTimeoutCharacters * character_time());
}

void Uart::timed_out() {
  timeout_pending_ = !received_.empty();
  update();
}

void Uart::transmit(std::uint8_t byte) {
  transmit_pending_ = false;
  if (to_send_.size() >= depth()) {  // the new one drives out the oldest, as in QEMU
    to_send_.pop_front();
    ++unsent_;
  }
  to_send_.push_back(byte);
  fill_shift_register();
}

void Uart::fill_shift_register() {
  while (!shifting_ && !to_send_.empty()) {
    shift_register_ = to_send_.front();
    to_send_.pop_front();
    if (to_send_.empty()) transmit_pending_ = true;
    shifting_ = config_.timed_transmit;
    if (shifting_) {
      shifted_.notify(character_time());
    } else {
      put_on_line(shift_register_);
    }
  }
}

void Uart::shifted() {
  shifting_ = false;
  put_on_line(shift_register_);
  fill_shift_register();
  update();
}

void Uart::put_on_line(std::uint8_t byte) {
  if ((modem_control_ & kModemLoop) != 0) {
    receive(byte);
    return;
  }
  ++sent_;
  backend_->write(byte);
}

void Uart::clear_transmitter() {
  unsent_ += to_send_.size();
  to_send_.clear();
  transmit_pending_ = true;
}

void Uart::receive(std::uint8_t byte) {
  ++got_;
  if (received_.size() >= depth()) {
    ++lost_;
    line_errors_ |= UART_LSR_OVERRUN_MASK;
    // The FIFO keeps what it has; the single register takes the new character.
    if (!fifo_enabled()) received_.front() = byte;
  } else {
    received_.push_back(byte);
  }
  if (fifo_enabled()) {
    restart_timeout();
  } else {
    single_ = byte;
  }
  update();
}

void Uart::receive_break() {
  receive(0);
  line_errors_ |= UART_LSR_BREAK_MASK;
  update();
}

/// Characters of the host wait there until the guest has room, so none is lost; nor are those that
/// wait when the guest sets up the port.
bool Uart::can_receive() const {
  if (!wants_input_ || (modem_control_ & kModemLoop) != 0) return false;
  return received_.size() < depth();
}

void Uart::follow_carrier() {
  const bool carrier = backend_->carrier();
  if (carrier == carrier_) return;
  carrier_ = carrier;
  modem_deltas_ |= kDeltaCarrier | kDeltaDsr | kDeltaCts;
  update();
}

void Uart::listen() {
  follow_carrier();
  if (!backend_->listening()) return;
  std::uint8_t byte = 0;
  if (!can_receive()) {
    listen_again_.notify(wants_input_ ? character_time() : to_time(kLookInterval));
  } else if (backend_->read(&byte)) {
    receive(byte);
    listen_again_.notify(character_time());
  } else {
    backend_->flush();  // a prompt has no newline
    // An idle guest lets simulated time run away; then the host waits for its user instead.
    const std::int64_t interval_ns = host_ns() - looked_ns_;
    if (interval_ns < 200000) backend_->wait(1);
    looked_ns_ = host_ns();
    listen_again_.notify(to_time(kLookInterval));
  }
  follow_carrier();
}

}  // namespace aimc::uart
