// SPDX-License-Identifier: Apache-2.0
/// Instruction pairs, and runs of loads or stores, that execute under one dispatch.
///
/// A pair stays two entries; only the handler of the first one is replaced by a handler that does
/// both and skips the second. So nothing else needs to know: positions, charges and traps are those
/// of two instructions, and execution can resume at the second one. The lists hold what compilers
/// put next to each other most. A run is four of lw and sw, in any
/// order: copies, prologues, epilogues.
#pragma once

#include "aimc/riscv/instruction.h"

// clang-format off
// M(handler name, Op)
#define AIMC_RISCV_PAIR_FIRST(M)                                                                  \
  M(addi, kAddi) M(mv, kMv) M(li, kLi) M(add, kAdd) M(sub, kSub) M(slli, kSlli) M(srli, kSrli)    \
  M(andi, kAndi) M(xor, kXor) M(and, kAnd) M(or, kOr) M(mul, kMul) M(lw, kLw) M(lh, kLh)          \
  M(lhu, kLhu) M(lbu, kLbu) M(sw, kSw) M(sb, kSb)

// M(first handler name, handler name, Op)
#define AIMC_RISCV_PAIR_SECOND(M, first)                                                          \
  M(first, addi, kAddi) M(first, mv, kMv) M(first, li, kLi) M(first, add, kAdd)                   \
  M(first, sub, kSub) M(first, slli, kSlli) M(first, srli, kSrli) M(first, andi, kAndi)           \
  M(first, xor, kXor) M(first, or, kOr) M(first, mul, kMul) M(first, lw, kLw)                     \
  M(first, lh, kLh) M(first, lhu, kLhu) M(first, lbu, kLbu) M(first, sw, kSw)                     \
  M(first, sb, kSb) M(first, beq, kBeq) M(first, bne, kBne) M(first, blt, kBlt)                   \
  M(first, bge, kBge) M(first, bltu, kBltu) M(first, bgeu, kBgeu) M(first, jal, kJal)             \
  M(first, jalr, kJalr)

// Runs, in the order of the numbers whose bits say "sw", the first access highest.
#define AIMC_RISCV_RUNS(M)                                                                        \
  M(lw, lw, lw, lw) M(lw, lw, lw, sw) M(lw, lw, sw, lw) M(lw, lw, sw, sw)                         \
  M(lw, sw, lw, lw) M(lw, sw, lw, sw) M(lw, sw, sw, lw) M(lw, sw, sw, sw)                         \
  M(sw, lw, lw, lw) M(sw, lw, lw, sw) M(sw, lw, sw, lw) M(sw, lw, sw, sw)                         \
  M(sw, sw, lw, lw) M(sw, sw, lw, sw) M(sw, sw, sw, lw) M(sw, sw, sw, sw)
// clang-format on

namespace aimc::riscv {

// Terms of a sum. NOLINTBEGIN(bugprone-macro-parentheses)
#define AIMC_RISCV_ONE(name, op) +1
#define AIMC_RISCV_ONE_SECOND(first, name, op) +1
// NOLINTEND(bugprone-macro-parentheses)
constexpr unsigned kRunLength = 4, kRunKinds = 16;
constexpr unsigned kPairFirsts = 0 AIMC_RISCV_PAIR_FIRST(AIMC_RISCV_ONE);
constexpr unsigned kPairSeconds = 0 AIMC_RISCV_PAIR_SECOND(AIMC_RISCV_ONE_SECOND, );
#undef AIMC_RISCV_ONE
#undef AIMC_RISCV_ONE_SECOND

/// Row of the pair table; kPairFirsts if the op begins no pair.
constexpr unsigned pair_first(Op op) {
  unsigned index = 0;
#define AIMC_RISCV_MATCH(name, candidate) \
  if (op == Op::candidate) return index;  \
  ++index;
  AIMC_RISCV_PAIR_FIRST(AIMC_RISCV_MATCH)
#undef AIMC_RISCV_MATCH
  return index;
}

/// Column of the pair table; kPairSeconds if the op ends no pair.
constexpr unsigned pair_second(Op op) {
  unsigned index = 0;
#define AIMC_RISCV_MATCH(first, name, candidate) \
  if (op == Op::candidate) return index;         \
  ++index;
  AIMC_RISCV_PAIR_SECOND(AIMC_RISCV_MATCH, )
#undef AIMC_RISCV_MATCH
  return index;
}

}  // namespace aimc::riscv
