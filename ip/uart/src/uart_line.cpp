// SPDX-License-Identifier: Apache-2.0
// The line from the host: one character in the time that 115200 baud give it, when there is room.
#include <algorithm>
#include <chrono>

#include "aimc/uart/uart.h"
#include "aimc/uart/uart_regs.h"

namespace aimc::uart {
namespace {

/// Simulated time between two looks at a host that has said nothing.
constexpr double kLookInterval = 1e-3;
constexpr std::uint8_t kModemLoop = 0x10;
constexpr std::uint8_t kDeltaCts = 0x01, kDeltaDsr = 0x02, kDeltaCarrier = 0x08;

std::int64_t host_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

/// Characters of the host wait there until the guest has room, so none is lost; nor are those that
/// wait when the guest sets up the port.
bool Uart::can_receive() const {
  if (!wants_input_ || (modem_control_ & kModemLoop) != 0) return false;
  return received_.size() < (fifo_enabled() ? kFifoBytes : 1);
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
  const sc_core::sc_time character =
      std::max(receive_timeout_ / 4, sc_core::sc_time(1, sc_core::SC_US));
  std::uint8_t byte = 0;
  if (!can_receive()) {
    listen_again_.notify(wants_input_ ? character : to_time(kLookInterval));
  } else if (backend_->read(&byte)) {
    receive(byte);
    listen_again_.notify(character);
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

void Uart::receive_break() {
  receive(0);
  line_errors_ |= UART_LSR_BREAK_MASK;
  update();
}

}  // namespace aimc::uart
