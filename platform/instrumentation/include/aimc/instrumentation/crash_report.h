// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aimc/instrumentation/guest_memory.h"
#include "aimc/instrumentation/symbol_table.h"
#include "aimc/riscv/core.h"

namespace aimc::instrumentation {

/// Keeps the state of a hart at the exception that its trap handler has not returned from.
///
/// Costs nothing but on traps; interrupts and calls of the environment are let through.
class CrashRecorder : public riscv::TrapObserver {
 public:
  explicit CrashRecorder(riscv::Core& core);
  ~CrashRecorder() override;
  CrashRecorder(const CrashRecorder&) = delete;
  CrashRecorder& operator=(const CrashRecorder&) = delete;

  void on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t mtval) override;
  void on_mret(std::uint32_t target) override;

  /// Is the hart in the handler of an exception?
  bool in_exception() const { return open_; }
  /// What happened, code around it, registers, control registers and callers, as text.
  std::string report(const std::string& hart, const SymbolTable& symbols,
                     GuestMemory& memory) const;

 private:
  /// A trap whose handler has not returned yet.
  struct Trap {
    std::uint32_t cause, pc;
  };
  static constexpr std::size_t kTraps = 8;

  riscv::Core& core_;
  std::array<Trap, kTraps> traps_{};  ///< The last ones; number n is in place n % kTraps.
  std::uint32_t depth_ = 0;           ///< How many there are, and were before those.
  bool open_ = false;
  std::uint32_t cause_ = 0, pc_ = 0, tval_ = 0;
  std::uint32_t depth_at_crash_ = 0;
  std::uint64_t instructions_ = 0, nested_ = 0;
  std::array<std::uint32_t, 32> x_{};
};

/// One caller in a back-trace.
struct Caller {
  std::uint32_t address;  ///< Where the call returns to.
};

/// Callers of the function at `pc`, innermost first. Follows frame pointers when the program keeps
/// them (`*by_frame_pointers` is set), otherwise takes each word of the stack that follows a call
/// instruction in memory for a return address: such a list may hold calls that are over.
std::vector<Caller> back_trace(const std::array<std::uint32_t, 32>& registers, std::uint32_t pc,
                               const SymbolTable& symbols, GuestMemory& memory,
                               bool* by_frame_pointers);

}  // namespace aimc::instrumentation
