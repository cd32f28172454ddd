// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "aimc/instrumentation/guest_memory.h"

namespace aimc::instrumentation {

/// The host-target interface of the RISC-V test suites: a program ends, prints and asks the host
/// for system calls by writing a 64-bit word in memory, the symbol `tohost`.
class Htif {
 public:
  struct Host {
    std::function<void(char)> put;
    std::function<void(int code, const std::string& reason)> exit;
    std::function<void(const std::string& message)> warn;
  };

  /// @param fromhost  Where answers go; programs that only end or print may lack it.
  Htif(GuestMemory& memory, std::uint32_t tohost, std::optional<std::uint32_t> fromhost, Host host);

  /// Looks at `tohost` and serves what stands there.
  ///
  /// A 32-bit hart writes the word in two halves, either one first, or only the low one. A value
  /// with one half zero may be half written, so it is served only when `settled` and unchanged: the
  /// caller asks again after a time that no program needs between two stores.
  /// @returns true if a new value stands there that waits to settle.
  bool serve(bool settled);

 private:
  void command(std::uint64_t value);
  void system_call(std::uint32_t block);
  std::int64_t write_console(std::uint64_t file, std::uint64_t address, std::uint64_t length);
  void answer(std::uint64_t value);

  GuestMemory& memory_;
  std::uint32_t tohost_;
  std::optional<std::uint32_t> fromhost_;
  Host host_;
  std::uint64_t waiting_ = 0;  ///< What was found half written.
};

}  // namespace aimc::instrumentation
