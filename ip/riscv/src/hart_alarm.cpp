// SPDX-License-Identifier: Apache-2.0
#include "aimc/riscv/hart_alarm.h"

#include <algorithm>

#include "aimc/common/module.h"

namespace aimc::riscv {

HartAlarm::HartAlarm(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_HAS_PROCESS(HartAlarm);
  SC_METHOD(ring);
  sensitive << alarm_;
  dont_initialize();
}

unsigned HartAlarm::add() {
  rests_.emplace_back();
  return static_cast<unsigned>(rests_.size() - 1);
}

void HartAlarm::set(std::uint64_t time_ps) {
  next_ = time_ps;
  alarm_.notify(sc_core::sc_time::from_value(time_ps - now_ps()));
}

void HartAlarm::rest_until(unsigned hart, std::uint64_t time_ps) {
  Rest& rest = rests_[hart];
  rest.until = time_ps;
  if (time_ps < next_) set(time_ps);
  sc_core::wait(rest.over);
}

void HartAlarm::end_rest(unsigned hart) {
  Rest& rest = rests_[hart];
  if (rest.until == kNever) return;
  rest.until = kNever;
  rest.over.notify(sc_core::SC_ZERO_TIME);
}

void HartAlarm::ring() {
  if (simcontext()->pending_activity_at_current_time()) {
    next_trigger(sc_core::SC_ZERO_TIME);
    return;
  }
  const std::uint64_t now = now_ps();
  std::uint64_t next = kNever;
  next_ = kNever;
  for (Rest& rest : rests_) {
    if (rest.until > now) {
      next = std::min(next, rest.until);
      continue;
    }
    rest.until = kNever;
    rest.over.notify();
  }
  if (next != kNever) set(next);
}

}  // namespace aimc::riscv
