// SPDX-License-Identifier: Apache-2.0
/// Physical memory protection: the registers and the question whether an access may happen.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "aimc/riscv/bus.h"
#include "aimc/riscv/observer.h"

namespace aimc::riscv {

/// pmpcfg and pmpaddr of one hart, granularity 4 bytes (NA4 exists).
///
/// The core never asks about single accesses on its fast path: it asks for the range around an
/// address in which the answer is the same and cuts its host-pointer windows to it.
class Pmp {
 public:
  static constexpr unsigned kMaxRegions = 16;

  /// @param regions  Entries that exist; the rest reads 0. 0: no PMP, everybody may do everything.
  explicit Pmp(unsigned regions) : regions_(regions) {}
  void reset();

  bool present() const { return regions_ > 0; }
  std::uint32_t config(unsigned word) const;  ///< pmpcfg0 .. pmpcfg3
  std::uint32_t address(unsigned entry) const { return address_[entry]; }
  /// Writes keep their hands off locked entries. @return true if something has changed.
  bool set_config(unsigned word, std::uint32_t value);
  bool set_address(unsigned entry, std::uint32_t value);

  /// The answer for the byte at an address, and the range [first, last] that it holds for.
  struct Answer {
    bool allowed;
    std::uint32_t first, last;
  };
  /// An access must lie inside the answer's range as a whole: one that only a part of an entry
  /// matches fails, whatever the entry allows.
  Answer ask(std::uint32_t address, AccessKind kind, Privilege privilege) const;

  /// Ranges that may be executed, as boundaries: where code may run changes at each of them.
  std::vector<std::uint32_t> executable(Privilege privilege) const;

 private:
  enum Mode : std::uint8_t { kOff = 0, kTor = 1, kNa4 = 2, kNapot = 3 };
  struct Range {
    std::uint64_t first = 1, last = 0;  ///< Empty when first > last.
  };
  static Mode mode(std::uint8_t config) { return static_cast<Mode>(config >> 3 & 3u); }
  void update();

  unsigned regions_;
  unsigned active_ = 0;  ///< Entries up to the last one that matches something.
  std::array<std::uint8_t, kMaxRegions> config_{};
  std::array<std::uint32_t, kMaxRegions> address_{};
  std::array<Range, kMaxRegions> ranges_{};
};

}  // namespace aimc::riscv
