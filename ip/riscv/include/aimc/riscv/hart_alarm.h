// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <systemc>

namespace aimc::riscv {

/// Wakes several harts that rest until a moment, when all else that happens at that moment is over.
///
/// A hart that rests has nothing to say to the kernel, but the end of its rest is an event there.
/// The alarm is one event for all of them, so that a hart can tell it from events that it must not
/// miss.
class HartAlarm : public sc_core::sc_module {
 public:
  explicit HartAlarm(const sc_core::sc_module_name& name);

  /// @returns the number of one more hart.
  unsigned add();
  /// Suspends the calling process, which is that hart, until a later time.
  void rest_until(unsigned hart, std::uint64_t time_ps);
  /// The hart, if it rests, goes on now.
  void end_rest(unsigned hart);
  /// Is that the next moment at which a hart goes on?
  bool rings_at(std::uint64_t time_ps) const { return time_ps == next_; }

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  void ring();
  void set(std::uint64_t time_ps);

  struct Rest {
    std::uint64_t until = kNever;
    sc_core::sc_event over;
  };
  std::deque<Rest> rests_;
  std::uint64_t next_ = kNever;
  sc_core::sc_event alarm_;
};

}  // namespace aimc::riscv
