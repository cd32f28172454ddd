// SPDX-License-Identifier: Apache-2.0
// Trap entry and return, and the guard against harts that do nothing but trap.
#include <cstdio>

#include "aimc/riscv/core.h"
#include "block.h"

namespace aimc::riscv {
namespace {

/// A handler that traps itself goes on for ever: from one exception to the next without an mret.
/// Which instruction traps, and how, may change on the way (a stack that grows into a hole goes
/// through the code first), so `trap_limit` such exceptions are taken as proof. Those of a program
/// that does much in between do not count.
constexpr std::uint64_t kTrapLoopInstructions = 1000;

}  // namespace

void Core::set_interrupt(Interrupt number, bool level) {
  const std::uint32_t bit = 1u << number;
  mip_ = level ? mip_ | bit : mip_ & ~bit;
  update_attention();
}

void Core::request_stop() {
  stop_ = true;
  attention_ = true;
}

void Core::request_yield() {
  yield_ = true;
  attention_ = true;
}

/// mcause of the interrupt to take now; 0 if none.
std::uint32_t Core::pending_interrupt() const {
  const std::uint32_t ready = mip_ & mie_;
  if (ready == 0) return 0;
  if (privilege_ == Privilege::kMachine && !(mstatus_ & kMstatusMie)) return 0;
  for (const Interrupt number : {kInterruptExternal, kInterruptSoftware, kInterruptTimer}) {
    if (ready & 1u << number) return kCauseInterrupt | number;
  }
  return 0;
}

/// Takes a trap; pc_ becomes the handler's address. slice_instructions_ must be exact.
/// @return false if the hart makes no progress any more; fatal_reason_ says why.
bool Core::enter_trap(std::uint32_t cause, std::uint32_t tval, std::uint32_t epc) {
  const bool interrupt = cause & kCauseInterrupt;
  const std::uint32_t base = mtvec_ & ~3u;
  const std::uint32_t target =
      interrupt && (mtvec_ & 1u) ? base + 4 * (cause & ~kCauseInterrupt) : base;
  drop_reservation();  // so that an SC cannot pair with the LR of another context
  mepc_ = epc;
  mcause_ = cause;
  mtval_ = tval;
  const std::uint32_t mie = mstatus_ & kMstatusMie;
  const bool from_machine = privilege_ == Privilege::kMachine;
  mstatus_ = (mstatus_ & ~(kMstatusMie | kMstatusMpie | kMstatusMpp)) | (mie ? kMstatusMpie : 0u) |
             (from_machine ? kMstatusMpp : 0u);
  if (!from_machine || (mstatus_ & kMstatusMprv)) {
    change_privilege(Privilege::kMachine);
  } else {
    update_attention();
  }
  pc_ = target;
  if (!trap_observers_.empty()) {
    const HostFpu host(*this);
    for (std::size_t n = 0; n < trap_observers_.size(); ++n)
      trap_observers_[n]->on_trap(cause, epc, tval);
  }

  const bool no_progress = !interrupt && epc == target && guard_.instructions == instructions();
  const bool soon = instructions() - guard_.instructions < kTrapLoopInstructions;
  if (!interrupt) guard_.repeats = soon ? guard_.repeats + 1 : 0;
  guard_.instructions = instructions();
  if (!no_progress && (guard_.repeats < config_.trap_limit || config_.trap_limit == 0)) return true;
  char text[256];
  std::snprintf(text, sizeof text,
                "%s: %s at pc 0x%08x (mtvec 0x%08x, mcause 0x%08x, mepc 0x%08x, mtval 0x%08x)",
                no_progress ? "the first instruction of the trap handler traps"
                            : "endless trap loop, the trap handler traps",
                cause_name(cause).c_str(), static_cast<unsigned>(epc),
                static_cast<unsigned>(mtvec_), static_cast<unsigned>(mcause_),
                static_cast<unsigned>(mepc_), static_cast<unsigned>(mtval_));
  fatal_reason_ = text;
  return false;
}

/// mret; pc_ becomes mepc.
void Core::leave_trap() {
  const std::uint32_t mpie = mstatus_ & kMstatusMpie;
  const bool to_machine = (mstatus_ & kMstatusMpp) != 0;
  mstatus_ = (mstatus_ & ~(kMstatusMie | kMstatusMpp)) | kMstatusMpie | (mpie ? kMstatusMie : 0u);
  if (!to_machine) mstatus_ &= ~kMstatusMprv;
  if (!to_machine || (mstatus_ & kMstatusMprv)) {
    change_privilege(to_machine ? Privilege::kMachine : Privilege::kUser);
  } else {
    update_attention();
  }
  drop_reservation();
  pc_ = mepc_;
  guard_.repeats = 0;
  if (!trap_observers_.empty()) {
    const HostFpu host(*this);
    for (std::size_t n = 0; n < trap_observers_.size(); ++n) trap_observers_[n]->on_mret(pc_);
  }
}

}  // namespace aimc::riscv
