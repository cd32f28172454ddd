// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aimc/debugger/debugger.h"

namespace aimc::debugger {

/// The commands behind GDB's `monitor`.
class Monitor {
 public:
  Monitor(Debugger& debugger, const gdb::Target::Print& print)
      : debugger_(debugger), print_(print) {}

  void execute(std::string_view line);

 private:
  using Words = std::vector<std::string>;
  struct Command {
    const char* name;
    std::size_t most;  ///< Arguments it takes.
    const char* help;
    void (Monitor::*run)(const Words& arguments);
  };
  static const std::vector<Command>& commands();

  void show(const Command& command);
  void unknown(const std::string& name);
  void help(const Words& arguments);
  void reset(const Words& arguments);
  void halt(const Words& arguments);
  void resume(const Words& arguments);
  void where(const Words& arguments);
  void irq(const Words& arguments);
  void trace(const Words& arguments);
  void stats(const Words& arguments);
  void time(const Words& arguments);
  void quit(const Words& arguments);

  std::string symbol_at(std::uint32_t address) const;
  void pending_sources();

  Debugger& debugger_;
  const gdb::Target::Print& print_;
};

}  // namespace aimc::debugger
