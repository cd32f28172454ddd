// SPDX-License-Identifier: Apache-2.0
// One row per instruction. A new instruction group is new rows here, its handlers in execute.cpp
// and its bit in isa.h; compressed forms are expanded to these rows first (compressed.cpp).
#include <array>
#include <vector>

#include "aimc/riscv/instruction.h"

namespace aimc::riscv {
namespace {

constexpr Instruction kTable[] = {
    // RV32I
    {"lui", 0x0000007f, 0x00000037, Format::kUpper, Op::kLui, CostClass::kAlu, kExtI},
    {"auipc", 0x0000007f, 0x00000017, Format::kUpper, Op::kAuipc, CostClass::kAlu, kExtI},
    {"jal", 0x0000007f, 0x0000006f, Format::kJal, Op::kJal, CostClass::kJump, kExtI},
    {"jalr", 0x0000707f, 0x00000067, Format::kJalr, Op::kJalr, CostClass::kJump, kExtI},
    {"beq", 0x0000707f, 0x00000063, Format::kBranch, Op::kBeq, CostClass::kBranch, kExtI},
    {"bne", 0x0000707f, 0x00001063, Format::kBranch, Op::kBne, CostClass::kBranch, kExtI},
    {"blt", 0x0000707f, 0x00004063, Format::kBranch, Op::kBlt, CostClass::kBranch, kExtI},
    {"bge", 0x0000707f, 0x00005063, Format::kBranch, Op::kBge, CostClass::kBranch, kExtI},
    {"bltu", 0x0000707f, 0x00006063, Format::kBranch, Op::kBltu, CostClass::kBranch, kExtI},
    {"bgeu", 0x0000707f, 0x00007063, Format::kBranch, Op::kBgeu, CostClass::kBranch, kExtI},
    {"lb", 0x0000707f, 0x00000003, Format::kLoad, Op::kLb, CostClass::kLoad, kExtI},
    {"lh", 0x0000707f, 0x00001003, Format::kLoad, Op::kLh, CostClass::kLoad, kExtI},
    {"lw", 0x0000707f, 0x00002003, Format::kLoad, Op::kLw, CostClass::kLoad, kExtI},
    {"lbu", 0x0000707f, 0x00004003, Format::kLoad, Op::kLbu, CostClass::kLoad, kExtI},
    {"lhu", 0x0000707f, 0x00005003, Format::kLoad, Op::kLhu, CostClass::kLoad, kExtI},
    {"sb", 0x0000707f, 0x00000023, Format::kStore, Op::kSb, CostClass::kStore, kExtI},
    {"sh", 0x0000707f, 0x00001023, Format::kStore, Op::kSh, CostClass::kStore, kExtI},
    {"sw", 0x0000707f, 0x00002023, Format::kStore, Op::kSw, CostClass::kStore, kExtI},
    {"addi", 0x0000707f, 0x00000013, Format::kI, Op::kAddi, CostClass::kAlu, kExtI},
    {"slti", 0x0000707f, 0x00002013, Format::kI, Op::kSlti, CostClass::kAlu, kExtI},
    {"sltiu", 0x0000707f, 0x00003013, Format::kI, Op::kSltiu, CostClass::kAlu, kExtI},
    {"xori", 0x0000707f, 0x00004013, Format::kI, Op::kXori, CostClass::kAlu, kExtI},
    {"ori", 0x0000707f, 0x00006013, Format::kI, Op::kOri, CostClass::kAlu, kExtI},
    {"andi", 0x0000707f, 0x00007013, Format::kI, Op::kAndi, CostClass::kAlu, kExtI},
    {"slli", 0xfe00707f, 0x00001013, Format::kShift, Op::kSlli, CostClass::kAlu, kExtI},
    {"srli", 0xfe00707f, 0x00005013, Format::kShift, Op::kSrli, CostClass::kAlu, kExtI},
    {"srai", 0xfe00707f, 0x40005013, Format::kShift, Op::kSrai, CostClass::kAlu, kExtI},
    {"add", 0xfe00707f, 0x00000033, Format::kR, Op::kAdd, CostClass::kAlu, kExtI},
    {"sub", 0xfe00707f, 0x40000033, Format::kR, Op::kSub, CostClass::kAlu, kExtI},
    {"sll", 0xfe00707f, 0x00001033, Format::kR, Op::kSll, CostClass::kAlu, kExtI},
    {"slt", 0xfe00707f, 0x00002033, Format::kR, Op::kSlt, CostClass::kAlu, kExtI},
    {"sltu", 0xfe00707f, 0x00003033, Format::kR, Op::kSltu, CostClass::kAlu, kExtI},
    {"xor", 0xfe00707f, 0x00004033, Format::kR, Op::kXor, CostClass::kAlu, kExtI},
    {"srl", 0xfe00707f, 0x00005033, Format::kR, Op::kSrl, CostClass::kAlu, kExtI},
    {"sra", 0xfe00707f, 0x40005033, Format::kR, Op::kSra, CostClass::kAlu, kExtI},
    {"or", 0xfe00707f, 0x00006033, Format::kR, Op::kOr, CostClass::kAlu, kExtI},
    {"and", 0xfe00707f, 0x00007033, Format::kR, Op::kAnd, CostClass::kAlu, kExtI},
    {"fence", 0x0000707f, 0x0000000f, Format::kFence, Op::kFence, CostClass::kAlu, kExtI},
    {"ecall", 0xffffffff, 0x00000073, Format::kNone, Op::kEcall, CostClass::kSystem, kExtI},
    {"ebreak", 0xffffffff, 0x00100073, Format::kNone, Op::kEbreak, CostClass::kSystem, kExtI},
    {"mret", 0xffffffff, 0x30200073, Format::kNone, Op::kMret, CostClass::kSystem, kExtI},
    {"wfi", 0xffffffff, 0x10500073, Format::kNone, Op::kWfi, CostClass::kSystem, kExtI},
    // Zifencei, Zicsr
    {"fence.i", 0x0000707f, 0x0000100f, Format::kNone, Op::kFenceI, CostClass::kSystem,
     kExtZifencei},
    {"csrrw", 0x0000707f, 0x00001073, Format::kCsrReg, Op::kCsr, CostClass::kCsr, kExtZicsr},
    {"csrrs", 0x0000707f, 0x00002073, Format::kCsrReg, Op::kCsr, CostClass::kCsr, kExtZicsr},
    {"csrrc", 0x0000707f, 0x00003073, Format::kCsrReg, Op::kCsr, CostClass::kCsr, kExtZicsr},
    {"csrrwi", 0x0000707f, 0x00005073, Format::kCsrImm, Op::kCsr, CostClass::kCsr, kExtZicsr},
    {"csrrsi", 0x0000707f, 0x00006073, Format::kCsrImm, Op::kCsr, CostClass::kCsr, kExtZicsr},
    {"csrrci", 0x0000707f, 0x00007073, Format::kCsrImm, Op::kCsr, CostClass::kCsr, kExtZicsr},
    // M
    {"mul", 0xfe00707f, 0x02000033, Format::kR, Op::kMul, CostClass::kMul, kExtM},
    {"mulh", 0xfe00707f, 0x02001033, Format::kR, Op::kMulh, CostClass::kMul, kExtM},
    {"mulhsu", 0xfe00707f, 0x02002033, Format::kR, Op::kMulhsu, CostClass::kMul, kExtM},
    {"mulhu", 0xfe00707f, 0x02003033, Format::kR, Op::kMulhu, CostClass::kMul, kExtM},
    {"div", 0xfe00707f, 0x02004033, Format::kR, Op::kDiv, CostClass::kDiv, kExtM},
    {"divu", 0xfe00707f, 0x02005033, Format::kR, Op::kDivu, CostClass::kDiv, kExtM},
    {"rem", 0xfe00707f, 0x02006033, Format::kR, Op::kRem, CostClass::kDiv, kExtM},
    {"remu", 0xfe00707f, 0x02007033, Format::kR, Op::kRemu, CostClass::kDiv, kExtM},
    // A
    {"lr.w", 0xf9f0707f, 0x1000202f, Format::kLr, Op::kLr, CostClass::kAtomic, kExtA},
    {"sc.w", 0xf800707f, 0x1800202f, Format::kAmo, Op::kSc, CostClass::kAtomic, kExtA},
    {"amoswap.w", 0xf800707f, 0x0800202f, Format::kAmo, Op::kAmoSwap, CostClass::kAtomic, kExtA},
    {"amoadd.w", 0xf800707f, 0x0000202f, Format::kAmo, Op::kAmoAdd, CostClass::kAtomic, kExtA},
    {"amoxor.w", 0xf800707f, 0x2000202f, Format::kAmo, Op::kAmoXor, CostClass::kAtomic, kExtA},
    {"amoand.w", 0xf800707f, 0x6000202f, Format::kAmo, Op::kAmoAnd, CostClass::kAtomic, kExtA},
    {"amoor.w", 0xf800707f, 0x4000202f, Format::kAmo, Op::kAmoOr, CostClass::kAtomic, kExtA},
    {"amomin.w", 0xf800707f, 0x8000202f, Format::kAmo, Op::kAmoMin, CostClass::kAtomic, kExtA},
    {"amomax.w", 0xf800707f, 0xa000202f, Format::kAmo, Op::kAmoMax, CostClass::kAtomic, kExtA},
    {"amominu.w", 0xf800707f, 0xc000202f, Format::kAmo, Op::kAmoMinu, CostClass::kAtomic, kExtA},
    {"amomaxu.w", 0xf800707f, 0xe000202f, Format::kAmo, Op::kAmoMaxu, CostClass::kAtomic, kExtA},
    // F
    {"flw", 0x0000707f, 0x00002007, Format::kFLoad, Op::kFlw, CostClass::kLoad, kExtF},
    {"fsw", 0x0000707f, 0x00002027, Format::kFStore, Op::kFsw, CostClass::kStore, kExtF},
    {"fmadd.s", 0x0600007f, 0x00000043, Format::kFR4, Op::kFmadd, CostClass::kFp, kExtF},
    {"fmsub.s", 0x0600007f, 0x00000047, Format::kFR4, Op::kFmsub, CostClass::kFp, kExtF},
    {"fnmsub.s", 0x0600007f, 0x0000004b, Format::kFR4, Op::kFnmsub, CostClass::kFp, kExtF},
    {"fnmadd.s", 0x0600007f, 0x0000004f, Format::kFR4, Op::kFnmadd, CostClass::kFp, kExtF},
    {"fadd.s", 0xfe00007f, 0x00000053, Format::kFRm, Op::kFadd, CostClass::kFp, kExtF},
    {"fsub.s", 0xfe00007f, 0x08000053, Format::kFRm, Op::kFsub, CostClass::kFp, kExtF},
    {"fmul.s", 0xfe00007f, 0x10000053, Format::kFRm, Op::kFmul, CostClass::kFp, kExtF},
    {"fdiv.s", 0xfe00007f, 0x18000053, Format::kFRm, Op::kFdiv, CostClass::kFpDiv, kExtF},
    {"fsqrt.s", 0xfff0007f, 0x58000053, Format::kF1Rm, Op::kFsqrt, CostClass::kFpSqrt, kExtF},
    {"fsgnj.s", 0xfe00707f, 0x20000053, Format::kFR, Op::kFsgnj, CostClass::kFp, kExtF},
    {"fsgnjn.s", 0xfe00707f, 0x20001053, Format::kFR, Op::kFsgnjn, CostClass::kFp, kExtF},
    {"fsgnjx.s", 0xfe00707f, 0x20002053, Format::kFR, Op::kFsgnjx, CostClass::kFp, kExtF},
    {"fmin.s", 0xfe00707f, 0x28000053, Format::kFR, Op::kFmin, CostClass::kFp, kExtF},
    {"fmax.s", 0xfe00707f, 0x28001053, Format::kFR, Op::kFmax, CostClass::kFp, kExtF},
    {"fcvt.w.s", 0xfff0007f, 0xc0000053, Format::kFToIntRm, Op::kFcvtWS, CostClass::kFp, kExtF},
    {"fcvt.wu.s", 0xfff0007f, 0xc0100053, Format::kFToIntRm, Op::kFcvtWuS, CostClass::kFp, kExtF},
    {"fmv.x.w", 0xfff0707f, 0xe0000053, Format::kFToInt, Op::kFmvXW, CostClass::kFp, kExtF},
    {"fclass.s", 0xfff0707f, 0xe0001053, Format::kFToInt, Op::kFclass, CostClass::kFp, kExtF},
    {"feq.s", 0xfe00707f, 0xa0002053, Format::kFCompare, Op::kFeq, CostClass::kFp, kExtF},
    {"flt.s", 0xfe00707f, 0xa0001053, Format::kFCompare, Op::kFlt, CostClass::kFp, kExtF},
    {"fle.s", 0xfe00707f, 0xa0000053, Format::kFCompare, Op::kFle, CostClass::kFp, kExtF},
    {"fcvt.s.w", 0xfff0007f, 0xd0000053, Format::kIntToFRm, Op::kFcvtSW, CostClass::kFp, kExtF},
    {"fcvt.s.wu", 0xfff0007f, 0xd0100053, Format::kIntToFRm, Op::kFcvtSWu, CostClass::kFp, kExtF},
    {"fmv.w.x", 0xfff0707f, 0xf0000053, Format::kIntToF, Op::kFmvWX, CostClass::kFp, kExtF},
    // Zba, Zbb, Zbs
    {"sh1add", 0xfe00707f, 0x20002033, Format::kR, Op::kSh1add, CostClass::kAlu, kExtZba},
    {"sh2add", 0xfe00707f, 0x20004033, Format::kR, Op::kSh2add, CostClass::kAlu, kExtZba},
    {"sh3add", 0xfe00707f, 0x20006033, Format::kR, Op::kSh3add, CostClass::kAlu, kExtZba},
    {"andn", 0xfe00707f, 0x40007033, Format::kR, Op::kAndn, CostClass::kAlu, kExtZbb},
    {"orn", 0xfe00707f, 0x40006033, Format::kR, Op::kOrn, CostClass::kAlu, kExtZbb},
    {"xnor", 0xfe00707f, 0x40004033, Format::kR, Op::kXnor, CostClass::kAlu, kExtZbb},
    {"clz", 0xfff0707f, 0x60001013, Format::kUnary, Op::kClz, CostClass::kAlu, kExtZbb},
    {"ctz", 0xfff0707f, 0x60101013, Format::kUnary, Op::kCtz, CostClass::kAlu, kExtZbb},
    {"cpop", 0xfff0707f, 0x60201013, Format::kUnary, Op::kCpop, CostClass::kAlu, kExtZbb},
    {"sext.b", 0xfff0707f, 0x60401013, Format::kUnary, Op::kSextB, CostClass::kAlu, kExtZbb},
    {"sext.h", 0xfff0707f, 0x60501013, Format::kUnary, Op::kSextH, CostClass::kAlu, kExtZbb},
    {"zext.h", 0xfff0707f, 0x08004033, Format::kUnary, Op::kZextH, CostClass::kAlu, kExtZbb},
    {"min", 0xfe00707f, 0x0a004033, Format::kR, Op::kMin, CostClass::kAlu, kExtZbb},
    {"minu", 0xfe00707f, 0x0a005033, Format::kR, Op::kMinu, CostClass::kAlu, kExtZbb},
    {"max", 0xfe00707f, 0x0a006033, Format::kR, Op::kMax, CostClass::kAlu, kExtZbb},
    {"maxu", 0xfe00707f, 0x0a007033, Format::kR, Op::kMaxu, CostClass::kAlu, kExtZbb},
    {"rol", 0xfe00707f, 0x60001033, Format::kR, Op::kRol, CostClass::kAlu, kExtZbb},
    {"ror", 0xfe00707f, 0x60005033, Format::kR, Op::kRor, CostClass::kAlu, kExtZbb},
    {"rori", 0xfe00707f, 0x60005013, Format::kShift, Op::kRori, CostClass::kAlu, kExtZbb},
    {"orc.b", 0xfff0707f, 0x28705013, Format::kUnary, Op::kOrcB, CostClass::kAlu, kExtZbb},
    {"rev8", 0xfff0707f, 0x69805013, Format::kUnary, Op::kRev8, CostClass::kAlu, kExtZbb},
    {"bclr", 0xfe00707f, 0x48001033, Format::kR, Op::kBclr, CostClass::kAlu, kExtZbs},
    {"bclri", 0xfe00707f, 0x48001013, Format::kShift, Op::kBclri, CostClass::kAlu, kExtZbs},
    {"bext", 0xfe00707f, 0x48005033, Format::kR, Op::kBext, CostClass::kAlu, kExtZbs},
    {"bexti", 0xfe00707f, 0x48005013, Format::kShift, Op::kBexti, CostClass::kAlu, kExtZbs},
    {"binv", 0xfe00707f, 0x68001033, Format::kR, Op::kBinv, CostClass::kAlu, kExtZbs},
    {"binvi", 0xfe00707f, 0x68001013, Format::kShift, Op::kBinvi, CostClass::kAlu, kExtZbs},
    {"bset", 0xfe00707f, 0x28001033, Format::kR, Op::kBset, CostClass::kAlu, kExtZbs},
    {"bseti", 0xfe00707f, 0x28001013, Format::kShift, Op::kBseti, CostClass::kAlu, kExtZbs},
};

/// Rows by opcode bits 6..2, so that decoding looks at a handful of them.
class Index {
 public:
  Index() {
    for (const Instruction& row : kTable) rows_[row.match >> 2 & 31u].push_back(&row);
  }
  const std::vector<const Instruction*>& at(std::uint32_t word) const {
    return rows_[word >> 2 & 31u];
  }

 private:
  std::array<std::vector<const Instruction*>, 32> rows_;
};

}  // namespace

std::span<const Instruction> instruction_table() { return kTable; }

const Instruction* find_instruction(std::uint32_t word, ExtensionSet isa) {
  static const Index index;
  if ((word & 3u) != 3u) return nullptr;
  for (const Instruction* row : index.at(word)) {
    if ((word & row->mask) == row->match) return (isa & row->group) ? row : nullptr;
  }
  return nullptr;
}

}  // namespace aimc::riscv
