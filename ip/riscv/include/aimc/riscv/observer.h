// SPDX-License-Identifier: Apache-2.0
/// Who may look at a running core, and who may step in.
#pragma once

#include <cstdint>

namespace aimc::riscv {

/// Privilege levels as mstatus.MPP codes them.
enum class Privilege : std::uint8_t { kUser = 0, kMachine = 3 };

/// Told about traps; called on the trap path only, after the CSRs have been written.
class TrapObserver {
 public:
  virtual ~TrapObserver() = default;
  /// @param pc  Of the instruction that trapped, or that an interrupt keeps waiting (mepc).
  virtual void on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t mtval) = 0;
  virtual void on_mret(std::uint32_t target) = 0;
};

/// Told about each instruction before it executes. While a core has one, it runs in the second
/// instance of its loop; nothing that can be counted differs between the two.
class InstructionObserver {
 public:
  virtual ~InstructionObserver() = default;
  /// Asked first, of all observers: false stops before the instruction, and nobody is told of it.
  /// @param word  The instruction as it stands in memory (16 or 32 bits).
  virtual bool may_execute(std::uint32_t /*pc*/, std::uint32_t /*word*/) { return true; }
  /// All agreed: the instruction executes next. (It may still trap.)
  virtual void on_instruction(std::uint32_t pc, std::uint32_t word) = 0;
};

/// Asked at each EBREAK before its trap is taken (semihosting).
class EbreakHandler {
 public:
  virtual ~EbreakHandler() = default;
  /// @param compressed  It is a c.ebreak.
  /// @return true if handled: the instruction retires and execution goes on behind it.
  virtual bool on_ebreak(std::uint32_t pc, bool compressed) = 0;
};

}  // namespace aimc::riscv
