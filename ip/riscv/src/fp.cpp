// SPDX-License-Identifier: Apache-2.0
// Floating-point state of the core: who owns MXCSR, and the instructions that take the integer
// path.
#include "aimc/riscv/core.h"
#include "aimc/riscv/instruction.h"
#include "block.h"
#include "fpu.h"
#include "soft_float.h"

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
  std::uint32_t rm_bits = static_cast<std::uint32_t>(e.imm) >> 8;
  if (rm_bits == kRoundDynamic) rm_bits = frm_;
  if (rm_bits > kRoundNearestMaxMagnitude) return false;
  const RoundingMode rm = static_cast<RoundingMode>(rm_bits);
  constexpr std::uint32_t kSign = 0x80000000u;
  const std::uint32_t a = f_[e.rs1 & 31], b = f_[e.rs2 & 31], c = f_[e.rs3 & 31];
  std::uint32_t* flags = &fflags_;
  std::uint32_t scratch = 0;
  // Ordered comparison: -0 equals +0, so compare through the exact difference of order.
  const auto less = [](std::uint32_t p, std::uint32_t q) {
    if (soft::is_zero(p) && soft::is_zero(q)) return false;
    const bool p_neg = p >> 31, q_neg = q >> 31;
    if (p_neg != q_neg) return p_neg;
    return p_neg ? p > q : p < q;
  };
  const bool unordered = soft::is_nan(a) || soft::is_nan(b);
  const bool signaling = soft::is_signaling_nan(a) || soft::is_signaling_nan(b);
  switch (op) {
    case Op::kFmadd:
      f_[e.rd] = soft::fma(a, b, c, rm, flags);
      break;
    case Op::kFmsub:
      f_[e.rd] = soft::fma(a, b, c ^ kSign, rm, flags);
      break;
    case Op::kFnmsub:
      f_[e.rd] = soft::fma(a ^ kSign, b, c, rm, flags);
      break;
    case Op::kFnmadd:
      f_[e.rd] = soft::fma(a ^ kSign, b, c ^ kSign, rm, flags);
      break;
    case Op::kFadd:
      f_[e.rd] = soft::add(a, b, rm, flags);
      break;
    case Op::kFsub:
      f_[e.rd] = soft::add(a, b ^ kSign, rm, flags);
      break;
    case Op::kFmul:
      f_[e.rd] = soft::mul(a, b, rm, flags);
      break;
    case Op::kFdiv:
      f_[e.rd] = soft::div(a, b, rm, flags);
      break;
    case Op::kFsqrt:
      f_[e.rd] = soft::sqrt(a, rm, flags);
      break;
    case Op::kFcvtSW:
      f_[e.rd] = soft::from_int32(x_[e.rs1], rm, flags);
      break;
    case Op::kFcvtSWu:
      f_[e.rd] = soft::from_uint32(x_[e.rs1], rm, flags);
      break;
    case Op::kFcvtWS:
      x_[e.rd] = soft::to_int32(a, rm, flags);
      break;
    case Op::kFcvtWuS:
      x_[e.rd] = soft::to_uint32(a, rm, flags);
      break;
    case Op::kFeq:
      if (signaling) *flags |= kFlagInvalid;
      x_[e.rd] = !unordered && !less(a, b) && !less(b, a);
      break;
    case Op::kFlt:
    case Op::kFle:
      if (unordered) *flags |= kFlagInvalid;
      scratch = op == Op::kFlt ? less(a, b) : !less(b, a);
      x_[e.rd] = !unordered && scratch;
      break;
    default:
      return false;
  }
  return true;
}

}  // namespace aimc::riscv
