// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aimc/instrumentation/guest_memory.h"
#include "aimc/instrumentation/symbol_table.h"
#include "aimc/riscv/core.h"

namespace aimc::instrumentation {

/// When an instruction trace begins or ends.
struct TracePoint {
  std::optional<std::uint64_t> time_ps;  ///< At this simulated time.
  std::optional<std::uint32_t> pc;       ///< At this instruction.

  bool set() const { return time_ps || pc; }
};

/// Reads "12.5 us", "0x80001234", "main" or "main+0x10"; `option` is named in messages.
/// @throws UserError if it is none of these, or the program has no such symbol.
TracePoint parse_trace_point(const std::string& option, const std::string& text,
                             const SymbolTable& symbols);

/// The retired instructions of all harts, one line for each, in the form of Spike's
/// `--log-commits`: see README.md for the columns and for what differs.
class CommitLog {
 public:
  using Write = std::function<void(std::string_view)>;

  /// @param from  Unset: from the first instruction.
  /// @param to    Unset: to the end. The instruction at a pc is not part of the trace; one that
  ///              begins at an instruction and did not end at a time begins again when `from` is
  ///              met again. Each hart has its own windows.
  CommitLog(Write write, const TracePoint& from, const TracePoint& to);
  ~CommitLog();

  /// @param now_ps  The hart's own time.
  void attach(riscv::Core& core, GuestMemory& memory, std::function<std::uint64_t()> now_ps);
  /// Has a hart reached `to`?
  bool ended() const { return ended_; }
  /// Takes down what has retired, before somebody else changes registers.
  void settle();
  /// Writes what is left. No hart may run any more.
  void finish();

 private:
  class Hart;
  void line(std::string_view text);

  Write write_;
  TracePoint from_, to_;
  bool ended_ = false;
  std::vector<std::unique_ptr<Hart>> harts_;
  std::string buffer_;
};

}  // namespace aimc::instrumentation
