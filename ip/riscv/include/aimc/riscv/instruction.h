// SPDX-License-Identifier: Apache-2.0
/// The instruction table: one row per instruction, for the decoder and the disassembler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "aimc/riscv/isa.h"

namespace aimc::riscv {

// clang-format off
/// What an instruction does: names a handler of the execution loop.
///
/// The first part are instructions of the table, the second part what the translator makes of them.
enum class Op : std::uint8_t {
  kLui, kAuipc, kJal, kJalr,
  kBeq, kBne, kBlt, kBge, kBltu, kBgeu,
  kLb, kLh, kLw, kLbu, kLhu, kSb, kSh, kSw,
  kAddi, kSlti, kSltiu, kXori, kOri, kAndi, kSlli, kSrli, kSrai,
  kAdd, kSub, kSll, kSlt, kSltu, kXor, kSrl, kSra, kOr, kAnd,
  kFence, kFenceI, kEcall, kEbreak, kMret, kWfi, kCsr,
  kMul, kMulh, kMulhsu, kMulhu, kDiv, kDivu, kRem, kRemu,
  kLr, kSc, kAmoSwap, kAmoAdd, kAmoXor, kAmoAnd, kAmoOr,
  kAmoMin, kAmoMax, kAmoMinu, kAmoMaxu,
  kFlw, kFsw, kFmadd, kFmsub, kFnmsub, kFnmadd, kFadd, kFsub, kFmul, kFdiv, kFsqrt,
  kFsgnj, kFsgnjn, kFsgnjx, kFmin, kFmax, kFcvtWS, kFcvtWuS, kFmvXW, kFclass,
  kFeq, kFlt, kFle, kFcvtSW, kFcvtSWu, kFmvWX,
  kSh1add, kSh2add, kSh3add,
  kAndn, kOrn, kXnor, kClz, kCtz, kCpop, kSextB, kSextH, kZextH, kMin, kMinu, kMax, kMaxu,
  kRol, kRor, kRori, kOrcB, kRev8,
  kBclr, kBclri, kBext, kBexti, kBinv, kBinvi, kBset, kBseti,
  // Made by the translator.
  kLi,            ///< rd = imm (lui, auipc, addi from x0)
  kMv,            ///< rd = rs1
  kNop,
  kEnd,           ///< continue with the next block; no instruction
  kIllegal,
  kJumpMisaligned,  ///< direct jump to a target that is not an instruction boundary (no C)
  kLhAligned, kLwAligned, kLhuAligned, kShAligned, kSwAligned, kFlwAligned, kFswAligned,
  kBeqCost, kBneCost, kBltCost, kBgeCost, kBltuCost, kBgeuCost,  ///< taken costs extra cycles
  kFcvtWSRtz, kFcvtWuSRtz,  ///< truncating conversions
  kFpSoft,        ///< rounding mode the host cannot do, or not the current one
  kFpDirty,       ///< first write to an f register while mstatus.FS is not Dirty
  kCsrRead, kCsrWrite,  ///< csrr, csrrw of mscratch, mepc, mcause, mtval in machine mode
  kCut,           ///< the budget ends before this instruction
  kCount
};
// clang-format on

/// How operands sit in the word and are written in assembly.
enum class Format : std::uint8_t {
  kNone,      ///< ecall
  kR,         ///< rd, rs1, rs2
  kI,         ///< rd, rs1, imm
  kShift,     ///< rd, rs1, shamt
  kUnary,     ///< rd, rs1
  kLoad,      ///< rd, imm(rs1)
  kStore,     ///< rs2, imm(rs1)
  kBranch,    ///< rs1, rs2, target
  kUpper,     ///< rd, imm20
  kJal,       ///< rd, target
  kJalr,      ///< rd, imm(rs1)
  kFence,     ///< pred, succ
  kCsrReg,    ///< rd, csr, rs1
  kCsrImm,    ///< rd, csr, uimm
  kLr,        ///< rd, (rs1)
  kAmo,       ///< rd, rs2, (rs1)
  kFLoad,     ///< fd, imm(rs1)
  kFStore,    ///< fs2, imm(rs1)
  kFR4,       ///< fd, fs1, fs2, fs3, rm
  kFRm,       ///< fd, fs1, fs2, rm
  kF1Rm,      ///< fd, fs1, rm
  kFR,        ///< fd, fs1, fs2
  kFCompare,  ///< rd, fs1, fs2
  kFToIntRm,  ///< rd, fs1, rm
  kFToInt,    ///< rd, fs1
  kIntToFRm,  ///< fd, rs1, rm
  kIntToF,    ///< fd, rs1
};

/// Classes of the cycle table (`CycleTable` in core.h).
enum class CostClass : std::uint8_t {
  kAlu,
  kMul,
  kDiv,
  kLoad,
  kStore,
  kAtomic,
  kBranch,
  kJump,
  kCsr,
  kSystem,
  kFp,
  kFpDiv,
  kFpSqrt,
  kCount
};

/// One row of the instruction table.
struct Instruction {
  const char* name;
  std::uint32_t mask;   ///< Bits that are fixed.
  std::uint32_t match;  ///< Their values.
  Format format;
  Op op;
  CostClass cost;
  Extension group;
};

/// All rows.
std::span<const Instruction> instruction_table();

/// Finds the row of a 32-bit instruction word; null if no group of `isa` defines it.
const Instruction* find_instruction(std::uint32_t word, ExtensionSet isa);

/// Length in bytes of the instruction that begins with this halfword.
constexpr unsigned instruction_length(std::uint16_t low) { return (low & 3u) == 3u ? 4 : 2; }

/// The 32-bit word that does the same as a compressed instruction; 0 (never legal) if there is
/// none.
std::uint32_t expand_compressed(std::uint16_t half, ExtensionSet isa);

/// Does the instruction have a rounding-mode field?
constexpr bool has_rounding_mode(Format f) {
  return f == Format::kFR4 || f == Format::kFRm || f == Format::kF1Rm || f == Format::kFToIntRm ||
         f == Format::kIntToFRm;
}

/// Does the instruction write an f register?
constexpr bool writes_f(Format f) {
  return f == Format::kFR4 || f == Format::kFRm || f == Format::kF1Rm || f == Format::kFR ||
         f == Format::kIntToFRm || f == Format::kIntToF || f == Format::kFLoad;
}

/// Does the instruction write an x register (rd = x0 included)?
constexpr bool writes_x(Format f) {
  switch (f) {
    case Format::kR:
    case Format::kI:
    case Format::kShift:
    case Format::kUnary:
    case Format::kLoad:
    case Format::kUpper:
    case Format::kJal:
    case Format::kJalr:
    case Format::kCsrReg:
    case Format::kCsrImm:
    case Format::kLr:
    case Format::kAmo:
    case Format::kFCompare:
    case Format::kFToIntRm:
    case Format::kFToInt:
      return true;
    default:
      return false;
  }
}

// Immediates, sign-extended.
constexpr std::int32_t imm_i(std::uint32_t w) { return static_cast<std::int32_t>(w) >> 20; }
constexpr std::int32_t imm_s(std::uint32_t w) {
  return (static_cast<std::int32_t>(w & 0xfe000000u) >> 20) |
         static_cast<std::int32_t>(w >> 7 & 0x1fu);
}
constexpr std::int32_t imm_b(std::uint32_t w) {
  return (static_cast<std::int32_t>(w & 0x80000000u) >> 19) |
         static_cast<std::int32_t>((w & 0x80u) << 4 | (w >> 20 & 0x7e0u) | (w >> 7 & 0x1eu));
}
constexpr std::int32_t imm_u(std::uint32_t w) { return static_cast<std::int32_t>(w & 0xfffff000u); }
constexpr std::int32_t imm_j(std::uint32_t w) {
  return (static_cast<std::int32_t>(w & 0x80000000u) >> 11) |
         static_cast<std::int32_t>((w & 0xff000u) | (w >> 9 & 0x800u) | (w >> 20 & 0x7feu));
}

}  // namespace aimc::riscv
