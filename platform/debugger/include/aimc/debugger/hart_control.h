// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "aimc/gdb/stop_points.h"
#include "aimc/gdb/target.h"
#include "aimc/riscv/hart_module.h"

namespace aimc::debugger {

/// What a hart's control asks of the debugger it belongs to.
class StopListener {
 public:
  virtual ~StopListener() = default;
  /// Is there something from the client? Called often, between slices. May block.
  virtual void look(unsigned thread) = 0;
  /// The hart has stopped. Blocks until the client lets it go on.
  virtual void stop(const gdb::Stop& stop) = 0;
  /// The hart can make no progress. @returns false if nobody is there to look at it.
  virtual bool stop_fatal(unsigned thread) = 0;
};

/// The memory that an instruction accesses.
struct MemoryAccess {
  unsigned base = 0;  ///< x register
  std::int32_t offset = 0;
  unsigned size = 0;  ///< 0: none
  bool reads = false, writes = false;
  bool conditional = false;  ///< SC: writes only with a reservation
};

/// Carries out, on one hart, what the client asked for.
///
/// Breakpoints, watchpoints and steps use the observed instance of the core's loop; without any of
/// them the fast instance runs. A hart stops before the instruction with a watched access, as GDB
/// expects it of RISC-V: GDB then lets the instruction execute and looks at what has changed.
class HartControl : private riscv::HartDebugger,
                    private riscv::InstructionObserver,
                    private riscv::TrapObserver {
 public:
  HartControl(riscv::HartModule& hart, unsigned thread, const gdb::StopPoints& points,
              StopListener& listener);
  ~HartControl() override;
  HartControl(const HartControl&) = delete;
  HartControl& operator=(const HartControl&) = delete;

  /// For the time until the next stop. The hart stands still now.
  void set_action(const gdb::Action& action);

  riscv::HartModule& hart() { return hart_; }
  const riscv::HartModule& hart() const { return hart_; }
  std::string state() const;
  bool held() const { return action_.kind == gdb::Action::Kind::hold; }

  std::optional<std::uint32_t> read_register(unsigned number);
  /// @returns an empty text or one sentence why not.
  std::string write_register(unsigned number, std::uint32_t value);
  /// The hart was reset, or is about to be.
  void revive() { revived_ = true; }

 private:
  bool before_slice() override;
  void after_slice(riscv::Exit exit) override;
  bool on_fatal() override;
  bool may_execute(std::uint32_t pc, std::uint32_t word) override;
  void on_instruction(std::uint32_t pc, std::uint32_t word) override;
  void on_trap(std::uint32_t mcause, std::uint32_t pc, std::uint32_t mtval) override;
  void on_mret(std::uint32_t target) override;

  bool stepping() const {
    return action_.kind == gdb::Action::Kind::step || action_.kind == gdb::Action::Kind::range;
  }
  bool step_complete(std::uint32_t pc) const;
  std::optional<gdb::StopPoints::Hit> watched(std::uint32_t word);
  void observe(bool on);

  riscv::HartModule& hart_;
  unsigned thread_;
  const gdb::StopPoints& points_;
  StopListener& listener_;
  gdb::Action action_{gdb::Action::Kind::run};
  bool observing_ = false;
  bool began_ = false;  ///< Something has happened since the action was set.
  std::optional<gdb::StopPoint::Kind> breakpoint_;
  std::optional<gdb::StopPoints::Hit> hit_;
  /// Where a watched access was reported: pc and retired instructions. It is let through once.
  std::optional<std::pair<std::uint32_t, std::uint64_t>> told_;
  /// A step through a range of source lines goes over interrupt handlers: back when mret goes here.
  std::optional<std::uint32_t> interrupted_pc_;
  bool dead_ = false, revived_ = false;
  struct Decoded {
    std::uint32_t word = 0;  ///< Not an instruction, so it accesses nothing.
    MemoryAccess access;
  };
  std::array<Decoded, 1024> decoded_;  ///< Instructions seen lately, by their word.
};

}  // namespace aimc::debugger
