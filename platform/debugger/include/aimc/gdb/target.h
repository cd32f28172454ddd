// SPDX-License-Identifier: Apache-2.0
/// What a debugger sees of a machine: the seam between the protocol and the platform.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aimc::gdb {

/// Numbers of registers in packets, as GDB's RISC-V port has them.
inline constexpr unsigned kRegisterPc = 32;
inline constexpr unsigned kRegisterF0 = 33;
inline constexpr unsigned kRegisterCsr0 = 65;
inline constexpr unsigned kRegisterPrivilege = kRegisterCsr0 + 4096;

/// Signals as the protocol numbers them.
enum class Signal : std::uint8_t { interrupt = 2, trap = 5, abort = 6, kill = 9 };

/// A place to stop at: Z0 to Z4.
struct StopPoint {
  enum class Kind : std::uint8_t { software, hardware, write, read, access };
  Kind kind = Kind::software;
  std::uint32_t address = 0;
  std::uint32_t length = 0;  ///< Bytes watched; of no meaning for breakpoints.
  bool operator==(const StopPoint&) const = default;
};

/// Why and where the machine stopped.
struct Stop {
  unsigned thread = 1;
  Signal signal = Signal::trap;
  std::optional<StopPoint::Kind> point =
      std::nullopt;           ///< Kind of the stop point that was reached.
  std::uint32_t address = 0;  ///< Data address, for watchpoints.
};

/// What one thread does until the next stop.
struct Action {
  enum class Kind : std::uint8_t {
    hold,   ///< stays where it is
    run,    ///< runs
    step,   ///< executes one instruction
    range,  ///< steps while pc is in [first, end)
  };
  Kind kind = Kind::hold;
  std::uint32_t first = 0, end = 0;
};

/// The machine. Threads are numbered from 1. Every function is called while the machine stands
/// still between two instructions, and has no side effects on it beyond what it says.
class Target {
 public:
  using Print = std::function<void(std::string_view)>;

  virtual ~Target() = default;

  virtual unsigned threads() const = 0;
  /// Hierarchical name, and what the thread is doing in a few words.
  virtual std::string thread_name(unsigned thread) const = 0;
  virtual std::string thread_state(unsigned thread) const = 0;

  /// The documents target.xml and memory map.
  virtual const std::string& description_xml() const = 0;
  virtual const std::string& memory_map_xml() const = 0;

  /// Empty if there is no such register or it cannot be read now.
  virtual std::optional<std::uint32_t> read_register(unsigned thread, unsigned number) = 0;
  /// @returns an empty text, or one sentence why not.
  virtual std::string write_register(unsigned thread, unsigned number, std::uint32_t value) = 0;

  /// @returns how many bytes from the first on could be transferred.
  virtual std::size_t read_memory(std::uint32_t address, std::span<std::uint8_t> bytes) = 0;
  virtual std::size_t write_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) = 0;

  /// Inserting a point that is there and removing one that is not are no errors.
  virtual void insert(const StopPoint& point) = 0;
  virtual void remove(const StopPoint& point) = 0;

  /// Sets the machine going; `actions` has one element for each thread.
  virtual void resume(const std::vector<Action>& actions) = 0;
  /// Asks a running machine to stop soon.
  virtual void interrupt() = 0;
  /// Removes every stop point and lets all threads run.
  virtual void detach() = 0;
  /// Ends the simulation.
  virtual void kill() = 0;
  /// Back to power-on; all threads stand at their first instruction.
  virtual void restart() = 0;

  /// The user's `monitor` command; output goes to `print`.
  virtual void monitor(std::string_view command, const Print& print) = 0;
};

}  // namespace aimc::gdb
