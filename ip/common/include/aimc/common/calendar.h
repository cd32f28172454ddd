// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

namespace aimc {

/// Bookings of one shared resource (a link, a port) in time.
///
/// Temporally decoupled initiators call out of order within a quantum, so a plain "busy until"
/// would make an early request wait behind a later one. The calendar finds the first free gap
/// instead. Bookings that end before the kernel's time can never matter again and are forgotten.
/// Times in ps.
class Calendar {
 public:
  /// Books `duration` at the first free moment at or after `earliest`. @returns its start.
  std::uint64_t book(std::uint64_t earliest, std::uint64_t duration);
  /// Forgets bookings that end at or before `now`, the time no later call goes below.
  void forget(std::uint64_t now);
  void clear() { busy_.clear(); }

 private:
  struct Span {
    std::uint64_t begin;
    std::uint64_t end;
  };
  std::deque<Span> busy_;  // sorted, disjoint, touching spans merged
};

}  // namespace aimc
