// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aimc/instrumentation/symbol_table.h"
#include "aimc/riscv/core.h"

namespace aimc::instrumentation {

/// Counts every instruction, cycle and stall cycle of the harts by function and by call path.
///
/// Nothing is sampled: each instruction is seen. Calls and returns are told by the calling
/// convention (a jump that writes ra or t0; a jump to ra or t0); see README.md for traps, tail
/// calls and the change of stacks in an operating system.
class Profiler {
 public:
  explicit Profiler(SymbolTable symbols);
  ~Profiler();

  /// @param name  Root of the hart's call paths.
  void attach(riscv::Core& core, const std::string& name);
  /// Counts up to now and lets go of the harts.
  void finish();

  /// One row for each function: calls, own instructions, cycles, stalls and sleep, cycles with
  /// callees.
  std::string table() const;
  /// "hart0;main;work 1234": cycles by call path, the form that flame-graph viewers read.
  std::string collapsed() const;

 private:
  class Hart;
  struct Node;
  /// Number of the function at `pc`.
  std::uint32_t function(std::uint32_t pc);
  std::uint32_t pseudo(const std::string& name);
  /// One for each hart.
  std::vector<const Node*> roots() const;

  SymbolTable symbols_;
  std::vector<std::string> names_;  ///< Functions, then what is none: traps, sleep.
  std::vector<std::unique_ptr<Hart>> harts_;
};

}  // namespace aimc::instrumentation
