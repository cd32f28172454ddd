// SPDX-License-Identifier: Apache-2.0
// The execution loop: threaded code over decoded blocks.
//
// Compiled with -frounding-math and, where the host has it, -mfma. Each handler ends with its own
// indirect jump. The accumulator `acc` holds in its upper half the cycles left and in its lower
// half the instructions retired. A block adds its charge on entry; acc < 0 then means that it does
// not fit into the budget, and it is cut short (see cut_block). What happens inside a block is
// corrected with EntryInfo.
#include <bit>
#include <cmath>
#include <cstring>

#include "aimc/riscv/core.h"
#include "aimc/riscv/instruction.h"
#include "arithmetic.h"
#include "block.h"
#include "fpu.h"
#include "handlers.h"
#include "labels.h"
#include "pairs.h"
#include "position.h"
#include "soft_float.h"

#pragma GCC diagnostic ignored "-Wpedantic"  // labels as values

namespace aimc::riscv {
namespace {

/// Host address of a guest address inside a window: window.host is biased by -base.
template <class Window>
void* host_pointer(const Window& window, U32 address) {
  return reinterpret_cast<void*>(window.host + address);
}

/// Counters, time and mcountinhibit: their value depends on what was executed before.
constexpr bool csr_depends_on_position(U32 address) {
  return (address >= kCsrMcycle && address < kCsrMvendorid) || address == kCsrMcountinhibit;
}

}  // namespace

template <bool kObserved>
Exit Core::execute(I64 budget) {
#define LABEL_ROW(op, label) [static_cast<int>(Op::op)] = &&label,
  static const void* const kLabels[] = {AIMC_RISCV_LABELS(LABEL_ROW)};
  static_assert(sizeof(kLabels) / sizeof(kLabels[0]) == static_cast<unsigned>(Op::kCount));
  handlers_ = kLabels;
#define PAIR_LABEL(first, second, op) &&pair_##first##_##second,
#define PAIR_ROW(first, op) {AIMC_RISCV_PAIR_SECOND(PAIR_LABEL, first)},
  static const void* const kPairs[kPairFirsts][kPairSeconds] = {AIMC_RISCV_PAIR_FIRST(PAIR_ROW)};
#define RUN_LABEL(first, second, third, fourth) &&run_##first##_##second##_##third##_##fourth,
  static const void* const kRuns[kRunKinds] = {AIMC_RISCV_RUNS(RUN_LABEL)};
  pairs_ = kObserved ? nullptr : &kPairs[0][0];
  runs_ = kObserved ? nullptr : kRuns;

  I64 acc = budget << 32;
  U32 pc = pc_;
  Block* b = nullptr;
  const BlockEntry* i = nullptr;
  U32 address = 0;  // of the access for the slow paths
  U32 cause = 0, tval = 0;
  unsigned width = 0;  // slow load: log2 of size, bit 2: sign-extend, bit 3: to an f register
  Block* next = nullptr;
  Block** link = nullptr;  // of `b`, to be set
  slice_cycles_ = slice_instructions_ = 0;
  Exit exit = Exit::kBudget;

  if (AIMC_UNLIKELY(attention_)) goto attend;
  goto find_block;

  // ---- control flow
  HANDLER(op_beq, RUN_beq)
  HANDLER(op_bne, RUN_bne)
  HANDLER(op_blt, RUN_blt)
  HANDLER(op_bge, RUN_bge)
  HANDLER(op_bltu, RUN_bltu)
  HANDLER(op_bgeu, RUN_bgeu)
  BRANCH_COST(op_beq_cost, RS1 == RS2)
  BRANCH_COST(op_bne_cost, RS1 != RS2)
  BRANCH_COST(op_blt_cost, S(RS1) < S(RS2))
  BRANCH_COST(op_bge_cost, S(RS1) >= S(RS2))
  BRANCH_COST(op_bltu_cost, RS1 < RS2)
  BRANCH_COST(op_bgeu_cost, RS1 >= RS2)
take_cost:
  if (AIMC_UNLIKELY(b->taken_pc & fetch_mask_)) goto op_jump_misaligned;
  acc -= I64{i->imm} << 32;
  TAKE();
  HANDLER(op_jal, RUN_jal)
  HANDLER(op_jalr, RUN_jalr)
jalr_miss:  // to the address in `pc`, not seen before
  if (AIMC_UNLIKELY(pc & fetch_mask_)) {
    tval = pc;
    cause = kCauseMisalignedFetch;
    goto trap;
  }
  RD = b->next_pc;
  goto find_block;
op_end:
  FALL();
op_mret:
  if (AIMC_UNLIKELY(privilege_ != Privilege::kMachine)) goto op_illegal;
  if (!trap_observers_.empty()) locate(b, i, acc, budget);
  leave_trap();
  pc = pc_;
  goto resume;
op_wfi:
  if (AIMC_UNLIKELY(privilege_ != Privilege::kMachine && (mstatus_ & kMstatusTw))) goto op_illegal;
  pc = b->next_pc;
  if (wake_pending() || stop_) goto resume;
  exit = Exit::kWfi;
  goto out;
op_csr : {
  if (AIMC_UNLIKELY(csr_depends_on_position(IMM))) locate(b, i, acc, budget);
  const bool ok = csr_instruction(*i);
  if (AIMC_UNLIKELY(!ok)) goto op_illegal;
  if (AIMC_LIKELY(!attention_ && b->mode == mode_)) FALL();
  pc = b->next_pc;
  goto resume;
}
op_csr_read:
  RD = plain_csrs_[IMM];
  NEXT();
op_csr_write : {
  U32& csr = plain_csrs_[IMM];
  const U32 old = csr;
  csr = &csr == &mepc_ ? RS1 & ~fetch_mask_ : RS1;
  RD = old;
  NEXT();
}
op_fence_i:
  flush_blocks();
  pc = b->next_pc;
  goto resume;
op_ecall:
  cause = privilege_ == Privilege::kMachine ? kCauseEcallM : kCauseEcallU;
  tval = 0;
  goto trap;
op_ebreak:
  if (AIMC_UNLIKELY(ebreak_handler_ != nullptr)) {
    locate(b, i, acc, budget);
    const HostFpu host_fpu(*this);
    if (ebreak_handler_->on_ebreak(pc_, (b->info[i - b->entries].word & 3u) != 3u)) {
      pc = b->next_pc;
      goto resume;
    }
  }
  cause = kCauseBreakpoint;
  tval = pc_of(b, i);
  goto trap;
op_illegal:
  cause = kCauseIllegalInstruction;
  tval = b->info[i - b->entries].word;
  goto trap;
op_jump_misaligned:
  cause = kCauseMisalignedFetch;
  tval = b->taken_pc;
  goto trap;

  // ---- loads and stores
  HANDLER(op_lb, RUN_lb)
  HANDLER(op_lh, RUN_lh)
  HANDLER(op_lw, RUN_lw)
  HANDLER(op_lbu, RUN_lbu)
  HANDLER(op_lhu, RUN_lhu)
  HANDLER(op_sb, RUN_sb)
  HANDLER(op_sh, RUN_sh)
  HANDLER(op_sw, RUN_sw)
op_flw:
  address = RS1 + IMM;
  if (AIMC_UNLIKELY(address - load_.base >= load_.span)) {
    width = 2u | 8u;
    goto slow_load;
  }
  std::memcpy(&f_[i->rd], host_pointer(load_, address), 4);
  NEXT();
op_fsw:
  address = RS1 + IMM;
  if (AIMC_UNLIKELY(address - store_.base >= store_.span)) {
    width = 2u | 8u;
    goto slow_store;
  }
  std::memcpy(host_pointer(store_, address), &f_[i->rs2], 4);
  NEXT();
  ALIGNED(op_lh_aligned, 1u, op_lh, kCauseMisalignedLoad)
  ALIGNED(op_lw_aligned, 3u, op_lw, kCauseMisalignedLoad)
  ALIGNED(op_lhu_aligned, 1u, op_lhu, kCauseMisalignedLoad)
  ALIGNED(op_sh_aligned, 1u, op_sh, kCauseMisalignedStore)
  ALIGNED(op_sw_aligned, 3u, op_sw, kCauseMisalignedStore)
  ALIGNED(op_flw_aligned, 3u, op_flw, kCauseMisalignedLoad)
  ALIGNED(op_fsw_aligned, 3u, op_fsw, kCauseMisalignedStore)
op_atomic : {
  locate(b, i, acc, budget);
  const bool ok = atomic(*i);
  if (AIMC_UNLIKELY(!ok)) goto memory_fault;
  if (AIMC_UNLIKELY(attention_)) goto leave_block;
  NEXT();
}
slow_load : {
  locate(b, i, acc, budget);
  U32 value = 0;
  const bool ok = load_slow(address, 1u << (width & 3u), &value);
  if (AIMC_UNLIKELY(!ok)) goto memory_fault;
  if (width & 8u) {
    f_[i->rd] = value;
  } else {
    if (width & 4u) {
      value = static_cast<U32>((width & 3u) == 0 ? I32{static_cast<std::int8_t>(value)}
                                                 : I32{static_cast<std::int16_t>(value)});
    }
    RD = value;
  }
  if (AIMC_UNLIKELY(attention_)) goto leave_block;
  NEXT();
}
slow_store : {
  locate(b, i, acc, budget);
  const U32 value = width & 8u ? f_[i->rs2] : RS2;
  const bool ok = store_slow(address, 1u << (width & 3u), value);
  if (AIMC_UNLIKELY(!ok)) goto memory_fault;
  if (AIMC_UNLIKELY(attention_)) goto leave_block;
  NEXT();
}

  // ---- integer
op_nop:
  NEXT();
  HANDLER(op_li, RUN_li)
  HANDLER(op_mv, RUN_mv)
  HANDLER(op_addi, RUN_addi)
  HANDLER(op_slti, RUN_slti)
  HANDLER(op_sltiu, RUN_sltiu)
  HANDLER(op_xori, RUN_xori)
  HANDLER(op_ori, RUN_ori)
  HANDLER(op_andi, RUN_andi)
  HANDLER(op_slli, RUN_slli)
  HANDLER(op_srli, RUN_srli)
  HANDLER(op_srai, RUN_srai)
  HANDLER(op_add, RUN_add)
  HANDLER(op_sub, RUN_sub)
  HANDLER(op_sll, RUN_sll)
  HANDLER(op_slt, RUN_slt)
  HANDLER(op_sltu, RUN_sltu)
  HANDLER(op_xor, RUN_xor)
  HANDLER(op_srl, RUN_srl)
  HANDLER(op_sra, RUN_sra)
  HANDLER(op_or, RUN_or)
  HANDLER(op_and, RUN_and)
  HANDLER(op_mul, RUN_mul)
  HANDLER(op_mulh, RUN_mulh)
  HANDLER(op_mulhsu, RUN_mulhsu)
  HANDLER(op_mulhu, RUN_mulhu)
  HANDLER(op_div, RUN_div)
  HANDLER(op_divu, RUN_divu)
  HANDLER(op_rem, RUN_rem)
  HANDLER(op_remu, RUN_remu)
  SIMPLE(op_sh1add, DO_sh1add)
  SIMPLE(op_sh2add, DO_sh2add)
  SIMPLE(op_sh3add, DO_sh3add)
  SIMPLE(op_andn, DO_andn)
  SIMPLE(op_orn, DO_orn)
  SIMPLE(op_xnor, DO_xnor)
  SIMPLE(op_clz, DO_clz)
  SIMPLE(op_ctz, DO_ctz)
  SIMPLE(op_cpop, DO_cpop)
  SIMPLE(op_sext_b, DO_sext_b)
  SIMPLE(op_sext_h, DO_sext_h)
  SIMPLE(op_zext_h, DO_zext_h)
  SIMPLE(op_min, DO_min)
  SIMPLE(op_minu, DO_minu)
  SIMPLE(op_max, DO_max)
  SIMPLE(op_maxu, DO_maxu)
  SIMPLE(op_rol, DO_rol)
  SIMPLE(op_ror, DO_ror)
  SIMPLE(op_rori, DO_rori)
  SIMPLE(op_orc_b, DO_orc_b)
  SIMPLE(op_rev8, DO_rev8)
  SIMPLE(op_bclr, DO_bclr)
  SIMPLE(op_bext, DO_bext)
  SIMPLE(op_bexti, DO_bexti)
  SIMPLE(op_binv, DO_binv)
  SIMPLE(op_bset, DO_bset)

  // ---- floating point
  FMA(op_fmadd, FA, FB, FC)
  FMA(op_fmsub, FA, FB, -FC)
  FMA(op_fnmsub, -FA, FB, FC)
  FMA(op_fnmadd, -FA, FB, -FC)
op_fadd:
  FD = canonical(FA + FB);
  NEXT();
op_fsub:
  FD = canonical(FA - FB);
  NEXT();
op_fmul:
  FD = canonical(FA * FB);
  NEXT();
op_fdiv:
  FD = canonical(FA / FB);
  NEXT();
op_fsqrt:
  FD = canonical(host_sqrt(FA));
  NEXT();
op_fsgnj:
  FD = (f_[i->rs1] & 0x7fffffffu) | (f_[i->rs2] & 0x80000000u);
  NEXT();
op_fsgnjn:
  FD = (f_[i->rs1] & 0x7fffffffu) | (~f_[i->rs2] & 0x80000000u);
  NEXT();
op_fsgnjx:
  FD = f_[i->rs1] ^ (f_[i->rs2] & 0x80000000u);
  NEXT();
op_fmin:
  FD = soft::min(f_[i->rs1], f_[i->rs2], &fflags_);
  NEXT();
op_fmax:
  FD = soft::max(f_[i->rs1], f_[i->rs2], &fflags_);
  NEXT();
  // Conversions: in range the host is right; outside it raises inexact where RISC-V does not.
op_fcvt_w_s:
  RD = AIMC_LIKELY(fits_int32(FA)) ? static_cast<U32>(host_to_int(FA))
                                   : soft::to_int32(f_[i->rs1], kRoundToZero, &fflags_);
  NEXT();
op_fcvt_w_s_rtz:
  RD = AIMC_LIKELY(fits_int32(FA)) ? static_cast<U32>(host_truncate(FA))
                                   : soft::to_int32(f_[i->rs1], kRoundToZero, &fflags_);
  NEXT();
op_fcvt_wu_s:
  RD = AIMC_LIKELY(fits_uint32(FA))
           ? static_cast<U32>(host_to_int64(FA))
           : soft::to_uint32(f_[i->rs1], static_cast<RoundingMode>(frm_), &fflags_);
  NEXT();
op_fcvt_wu_s_rtz:
  RD = AIMC_LIKELY(fits_uint32(FA)) ? static_cast<U32>(host_truncate64(FA))
                                    : soft::to_uint32(f_[i->rs1], kRoundToZero, &fflags_);
  NEXT();
op_fmv_x_w:
  RD = f_[i->rs1];
  NEXT();
op_fclass:
  RD = soft::classify(f_[i->rs1]);
  NEXT();
op_feq:
  RD = FA == FB;
  NEXT();
op_flt:
  RD = FA < FB;
  NEXT();
op_fle:
  RD = FA <= FB;
  NEXT();
op_fcvt_s_w:
  FD = as_bits(static_cast<float>(S(RS1)));
  NEXT();
op_fcvt_s_wu:
  FD = as_bits(static_cast<float>(I64{RS1}));
  NEXT();
op_fmv_w_x:
  FD = RS1;
  NEXT();
op_fp_soft : {
  const bool ok = fp_soft(*i);
  if (AIMC_UNLIKELY(!ok)) goto op_illegal;  // frm holds no rounding mode
  NEXT();
}
op_fp_dirty:  // not before the instruction that it stands for begins
  pc = pc_of(b, i);
  if (AIMC_UNLIKELY(acc < kOneCycle)) goto out;
  uncut_block();
  mstatus_ |= kMstatusFs;
  update_mode();
  goto find_block;

  // ---- pairs
#define PAIR(first, second, op) \
  pair_##first##_##second : {   \
    DO_##first;                 \
    ++i;                        \
    RUN_##second;               \
  }
#define PAIRS(first, op) AIMC_RISCV_PAIR_SECOND(PAIR, first)
  AIMC_RISCV_PAIR_FIRST(PAIRS)
  AIMC_RISCV_RUNS(RUN_OF_FOUR)

  // ---- leaving blocks
leave_block:  // after the entry i, because an interrupt or a stop wants attention
  uncut_block();
  ++i;
  acc -= charge_from(b, i);
  pc = pc_of(b, i);
  goto attend;
stop_here:
  __attribute__((unused));  // the fast loop has no test for it
  uncut_block();
  acc -= charge_from(b, i);
  pc = pc_of(b, i);
  exit = Exit::kStop;
  goto out;
misaligned:
  tval = address;
  goto trap;
memory_fault:
  cause = fault_.cause;
  tval = fault_.tval;
trap :  // of entry i: its cycles count, the instruction does not
{
  uncut_block();
  const U32 epc = pc_of(b, i);
  const EntryInfo& info = b->info[i - b->entries];
  const bool last = i + 1 == b->entries + b->entry_count;
  const unsigned done = last ? b->cycles : (&info)[1].cycles_before;
  acc -= make_charge(static_cast<unsigned>(b->retired - (i - b->entries)),
                     static_cast<unsigned>(b->cycles) - done);
  slice_cycles_ = cycles_used(acc, budget);
  slice_instructions_ = static_cast<U32>(acc);
  const bool alive = enter_trap(cause, tval, epc);
  pc = pc_;
  if (AIMC_UNLIKELY(!alive)) {
    exit = Exit::kFatal;
    goto out;
  }
}
resume:  // at pc, interrupts may have become possible
  if (AIMC_UNLIKELY(attention_)) goto attend;
  goto find_block;
attend:
  if (stop_ || yield_) {
    exit = stop_ ? Exit::kStop : Exit::kBudget;
    goto out;
  }
  if (const U32 interrupt = pending_interrupt(); interrupt != 0) {
    slice_cycles_ = cycles_used(acc, budget);
    slice_instructions_ = static_cast<U32>(acc);
    const bool alive = enter_trap(interrupt, 0, pc);
    pc = pc_;
    if (!alive) {
      exit = Exit::kFatal;
      goto out;
    }
    if (stop_ || yield_) goto attend;
  }
find_block:  // continue at pc
  if (AIMC_UNLIKELY(acc < kOneCycle)) goto out;
  next = jump_cache_[BlockCache::slot(pc)];
  if (AIMC_LIKELY(next != nullptr && next->pc == pc)) ENTER(next);
  slice_cycles_ = cycles_used(acc, budget);
  slice_instructions_ = static_cast<U32>(acc);
  pc_ = pc;
  next = translate(pc);
  if (AIMC_UNLIKELY(next == nullptr)) {
  fetch_fault:
    acc -= kOneCycle;  // a fetch fault takes a cycle, so that time passes
    slice_cycles_ = cycles_used(acc, budget);
    const bool alive = enter_trap(fault_.cause, fault_.tval, pc);
    pc = pc_;
    if (alive) goto resume;
    exit = Exit::kFatal;
    goto out;
  }
  if (AIMC_UNLIKELY(attention_)) goto attend;  // the fetch waited on the bus
  ENTER(next);
link_taken:
  pc = b->taken_pc;
  link = &b->taken;
  goto make_link;
link_fall:
  pc = b->next_pc;
  link = &b->fall;
make_link:
  if (AIMC_UNLIKELY(acc < kOneCycle)) goto out;
  slice_cycles_ = cycles_used(acc, budget);
  slice_instructions_ = static_cast<U32>(acc);
  pc_ = pc;
  next = translate(pc);
  if (next == nullptr) goto fetch_fault;
  if (AIMC_UNLIKELY(attention_)) goto attend;
  if (next->cacheable && b->cacheable) *link = next;
  ENTER(next);
budget:  // the block does not fit: run what begins before the end of the budget
  if ((acc - b->charge) < kOneCycle) {
    acc -= b->charge;
    pc = b->pc;
    goto out;
  }
  cut_block(b, static_cast<unsigned>((acc - b->charge) >> 32));
  DISPATCH();
op_cut:
  acc -= charge_from(b, i);
  pc = pc_of(b, i);
out:
  uncut_block();
  pc_ = pc;
  slice_cycles_ = cycles_used(acc, budget);
  slice_instructions_ = static_cast<U32>(acc);
  return exit;
}

template Exit Core::execute<false>(I64);
template Exit Core::execute<true>(I64);

}  // namespace aimc::riscv
