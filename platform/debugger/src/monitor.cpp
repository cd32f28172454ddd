// SPDX-License-Identifier: Apache-2.0
#include "monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "aimc/common/config.h"
#include "aimc/common/quantity.h"
#include "aimc/riscv/csr.h"

namespace aimc::debugger {
namespace {

/// A symbol this far below an address is not the function around it.
constexpr std::uint32_t kFarFromSymbol = 0x10000;

std::string format_time(std::uint64_t ps) {
  return format_quantity(1e-12 * static_cast<double>(ps), Unit::second);
}

/// "timer external" for the bits of mip or mie; "none".
std::string interrupt_names(std::uint32_t bits) {
  std::string names;
  const auto add = [&](riscv::Interrupt number, const char* name) {
    if ((bits >> number & 1u) != 0) names += fmt::format("{}{}", names.empty() ? "" : " ", name);
  };
  add(riscv::kInterruptSoftware, "software");
  add(riscv::kInterruptTimer, "timer");
  add(riscv::kInterruptExternal, "external");
  return names.empty() ? "none" : names;
}

}  // namespace

const std::vector<Monitor::Command>& Monitor::commands() {
  static const std::vector<Command> table = {
      {"help", 1, "[COMMAND]  this list, or one line of it", &Monitor::help},
      {"reset", 1,
       "[halt|init|run]  power-on reset; the harts stay stopped at their first instruction,\n"
       "        with `run` as after `resume`",
       &Monitor::reset},
      {"halt", 0, "stop a platform that `resume` has set going", &Monitor::halt},
      {"resume", 0, "let all harts run while gdb believes them stopped", &Monitor::resume},
      {"where", 0, "what each hart is doing", &Monitor::where},
      {"irq", 0, "interrupts: pending, enabled, and the controller's pending sources",
       &Monitor::irq},
      {"trace", 2, "on|off [PATTERN]  switch timeline sources, e.g. trace off soc.noc.*",
       &Monitor::trace},
      {"stats", 1, "[PATTERN]  statistics of the instances, e.g. stats hart*", &Monitor::stats},
      {"time", 0, "simulated time and each hart's counters", &Monitor::time},
      {"quit", 0, "end the simulation", &Monitor::quit},
  };
  return table;
}

void Monitor::execute(std::string_view line) {
  std::istringstream stream{std::string(line)};
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  const std::string name = words.empty() ? "help" : words.front();
  if (!words.empty()) words.erase(words.begin());
  for (const Command& command : commands()) {
    if (name != command.name) continue;
    if (words.size() > command.most) return show(command);
    return (this->*command.run)(words);
  }
  unknown(name);
}

void Monitor::unknown(const std::string& name) {
  print_(fmt::format("'{}' is no monitor command; monitor help lists them\n", name));
}

void Monitor::show(const Command& command) {
  print_(fmt::format("{:<7} {}\n", command.name, command.help));
}

void Monitor::help(const Words& arguments) {
  const auto wanted = [&](const Command& command) {
    return arguments.empty() || arguments.front() == command.name;
  };
  if (std::none_of(commands().begin(), commands().end(), wanted)) return unknown(arguments.front());
  for (const Command& command : commands())
    if (wanted(command)) show(command);
}

void Monitor::reset(const Words& arguments) {
  const std::string how = arguments.empty() ? "halt" : arguments.front();
  if (how != "halt" && how != "init" && how != "run") {  // as OpenOCD has them
    print_("reset takes nothing or one of the words halt, init, run\n");
    return;
  }
  debugger_.restart();
  if (how == "run") {
    debugger_.interrupt_ = false;
    return resume({});
  }
  print_(
      "reset; the harts stand at their first instruction. To see their registers:\n"
      "maintenance flush register-cache\n");
  for (unsigned i = 1; i <= debugger_.threads(); ++i)
    if (debugger_.hart(i).hart().in_access())
      print_(fmt::format("{} waits for a bus access or the host and is reset when that ends\n",
                         debugger_.thread_name(i)));
}

void Monitor::halt(const Words&) {
  if (debugger_.stopped_) {
    print_("the platform is stopped\n");
    return;
  }
  debugger_.interrupt();
  print_("stopping\n");
}

void Monitor::resume(const Words&) {
  debugger_.run_all();
  print_("running; monitor halt stops it\n");
}

std::string Monitor::symbol_at(std::uint32_t address) const {
  const soc::ElfImage::Symbol* best = nullptr;
  for (const soc::ElfImage::Symbol& symbol : debugger_.symbols_) {
    if (!symbol.code || symbol.address > address) continue;
    if (symbol.size != 0 && address - symbol.address >= symbol.size) continue;
    if (best == nullptr || symbol.address > best->address ||
        (symbol.address == best->address && symbol.function && !best->function))
      best = &symbol;
  }
  if (best == nullptr || address - best->address >= kFarFromSymbol) return "";
  return fmt::format(" <{}+{}>", best->name, address - best->address);
}

void Monitor::where(const Words&) {
  for (unsigned i = 1; i <= debugger_.threads(); ++i) {
    const std::uint32_t pc = debugger_.hart(i).hart().core().pc();
    print_(fmt::format("{} {:<16} pc {:#010x}{}, {}\n", i, debugger_.thread_name(i), pc,
                       symbol_at(pc), debugger_.thread_state(i)));
  }
}

void Monitor::irq(const Words&) {
  for (unsigned i = 1; i <= debugger_.threads(); ++i) {
    riscv::Core& core = debugger_.hart(i).hart().core();
    const std::uint32_t mip = core.read_csr(riscv::kCsrMip).value_or(0);
    const std::uint32_t mie = core.read_csr(riscv::kCsrMie).value_or(0);
    const std::uint32_t mstatus = core.read_csr(riscv::kCsrMstatus).value_or(0);
    print_(fmt::format("{} {:<16} mstatus.MIE {}, pending: {}; enabled: {}\n", i,
                       debugger_.thread_name(i), (mstatus & riscv::kMstatusMie) != 0 ? "on" : "off",
                       interrupt_names(mip), interrupt_names(mie)));
  }
  pending_sources();
}

/// The pending bits of the interrupt controller, with the names of the blocks behind them.
void Monitor::pending_sources() {
  constexpr std::uint64_t kPending = 0x1000;  // PLIC_PENDING_OFFSET(0)
  const auto& ranges = debugger_.soc_.ranges();
  const auto plic = std::find_if(ranges.begin(), ranges.end(),
                                 [](const auto& range) { return range.instance->ip == "plic"; });
  std::array<std::uint8_t, 128> bytes{};
  if (plic == ranges.end() || debugger_.soc_.debug_read(plic->base + kPending, bytes) == 0) return;
  std::string text;
  for (unsigned source = 1; source < 8 * bytes.size(); ++source) {
    if ((bytes[source / 8] >> source % 8 & 1) == 0) continue;
    text += fmt::format(" {}", source);
    for (const auto& range : ranges)
      if (range.instance->irq == source) text += fmt::format(" ({})", range.instance->name);
  }
  print_(
      fmt::format("{}: pending sources:{}\n", plic->instance->name, text.empty() ? " none" : text));
}

void Monitor::trace(const Words& arguments) {
  const bool on = !arguments.empty() && arguments.front() == "on";
  if (arguments.empty() || arguments.size() > 2 || (!on && arguments.front() != "off")) {
    print_("trace on|off [PATTERN]\n");
    return;
  }
  if (!debugger_.options_.tracing) {
    print_("there is no trace file: start aimc-vp with --trace FILE\n");
    return;
  }
  const std::string pattern =
      fmt::format("{}{}", on ? '+' : '-', arguments.size() > 1 ? arguments[1] : "*");
  debugger_.trace_patterns_.push_back(pattern);
  try {
    debugger_.soc_.trace().select(debugger_.trace_patterns_);
    print_(fmt::format("tracing {}\n", pattern));
  } catch (const UserError& error) {  // it changed nothing
    debugger_.trace_patterns_.pop_back();
    print_(fmt::format("{}\n", error.what()));
  }
}

void Monitor::stats(const Words& arguments) {
  const std::string pattern = arguments.empty() ? "*" : arguments.front();
  const nlohmann::ordered_json report = debugger_.soc_.report();
  bool found = false;
  for (const auto& [name, values] : report["instances"].items()) {
    if (!glob_match(pattern, name)) continue;
    found = true;
    print_(fmt::format("{} {}\n", name, values.dump()));
  }
  if (!found) print_(fmt::format("no instance is called '{}'\n", pattern));
}

void Monitor::time(const Words&) {
  print_(fmt::format("simulated time {}\n", format_time(now_ps())));
  for (unsigned i = 1; i <= debugger_.threads(); ++i) {
    const riscv::HartModule& hart = debugger_.hart(i).hart();
    print_(fmt::format("{} {:<16} at {}, {} instructions, {} cycles\n", i, debugger_.thread_name(i),
                       format_time(hart.local_time_ps()), hart.core().instructions(),
                       hart.core().cycles()));
  }
}

void Monitor::quit(const Words&) {
  print_("the simulation ends\n");
  debugger_.kill();
}

}  // namespace aimc::debugger
