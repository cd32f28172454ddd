// SPDX-License-Identifier: Apache-2.0
// Floating-point state of the core: who owns MXCSR, and the instructions that take the integer
// path.
#include "aimc/riscv/core.h"
#include "aimc/riscv/float_operation.h"
#include "block.h"
#include "fpu.h"

namespace aimc::riscv {

// Blocks are translated for one of five modes, so that the loop need not look at mstatus.FS or frm:
//   kFpOff                     F instructions are illegal
//   kFpClean                   the first write to an f register goes through kFpDirty
//   kFpDirty                   nothing to be done
//   the last two + 2           the same with frm a mode that the host FPU has not got
// User mode has five of its own, because PMP decides what may be fetched.
void Core::update_mode() {
  const std::uint32_t fs = mstatus_ & kMstatusFs;
  unsigned mode = kFpOff;
  if (fs != 0) {
    mode = fs == kMstatusFs ? kFpDirty : kFpClean;
    if (!kHostFpu || frm_ > kRoundUp) mode += kFpSoftOffset;
  }
  if (privilege_ != Privilege::kMachine) mode += kFpModes;
  mode_ = static_cast<std::uint8_t>(mode);
  jump_cache_ = blocks_[active_]->jump_cache(mode);
}

/// Gives MXCSR to the guest.
void Core::fp_enter() {
  if (!kHostFpu || fp_live_ || mode_ % kFpModes == kFpOff) return;
  host_mxcsr_ = read_mxcsr();
  write_mxcsr(guest_mxcsr(frm_));
  fp_live_ = true;
}

/// Gives MXCSR back to the host, flags collected.
void Core::fp_leave() {
  if (!fp_live_) return;
  fflags_ |= flags_from_mxcsr(read_mxcsr());
  write_mxcsr(host_mxcsr_);
  fp_live_ = false;
}

/// Brings fflags_ up to date.
void Core::fp_collect() {
  if (!fp_live_) return;
  fflags_ |= flags_from_mxcsr(read_mxcsr());
  write_mxcsr(guest_mxcsr(frm_));
}

bool Core::fp_soft(const BlockEntry& e) {
  const Op op = static_cast<Op>(e.imm & 0xff);
  std::uint32_t rm = static_cast<std::uint32_t>(e.imm) >> 8;
  if (rm == kRoundDynamic) rm = frm_;
  if (rm > kRoundNearestMaxMagnitude) return false;
  // Indices beyond 31 are operands that the instruction has not got.
  const FloatOperands operands = {
      .a = f_[e.rs1 & 31], .b = f_[e.rs2 & 31], .c = f_[e.rs3 & 31], .integer = x_[e.rs1]};
  const auto result = float_operation(op, operands, static_cast<RoundingMode>(rm));
  if (!result) return false;
  fflags_ |= result->flags;
  switch (op) {
    case Op::kFcvtWS:
    case Op::kFcvtWuS:
    case Op::kFeq:
    case Op::kFlt:
    case Op::kFle:
      x_[e.rd] = result->value;
      break;
    default:
      f_[e.rd] = result->value;
  }
  return true;
}

}  // namespace aimc::riscv
