// SPDX-License-Identifier: Apache-2.0
// Opcode maps of RV32IMAF, Zicsr, Zifencei, Zba, Zbb and Zbs, as the manual prints them.
#include "reference.h"

namespace aimc::riscv::reference {
namespace {

struct Name {
  std::string_view text;
  Extension group = kExtI;
};

template <std::size_t kCount>
Name pick(const std::string_view (&names)[kCount], U32 index, Extension group = kExtI) {
  return {index < kCount ? names[index] : std::string_view{}, group};
}

Name immediate_arithmetic(U32 w) {
  static constexpr std::string_view kPlain[8] = {"addi", "", "slti", "sltiu",
                                                 "xori", "", "ori",  "andi"};
  static constexpr std::string_view kUnary[] = {"clz", "ctz", "cpop", "", "sext.b", "sext.h"};
  const U32 f7 = funct7(w);
  if (funct3(w) == 1) {
    if (f7 == 0x00) return {"slli"};
    if (f7 == 0x14) return {"bseti", kExtZbs};
    if (f7 == 0x24) return {"bclri", kExtZbs};
    if (f7 == 0x34) return {"binvi", kExtZbs};
    if (f7 == 0x30) return pick(kUnary, rs2(w), kExtZbb);
    return {};
  }
  if (funct3(w) == 5) {
    if (f7 == 0x00) return {"srli"};
    if (f7 == 0x20) return {"srai"};
    if (f7 == 0x24) return {"bexti", kExtZbs};
    if (f7 == 0x30) return {"rori", kExtZbb};
    if (bits(w, 31, 20) == 0x287) return {"orc.b", kExtZbb};
    if (bits(w, 31, 20) == 0x698) return {"rev8", kExtZbb};
    return {};
  }
  return pick(kPlain, funct3(w));
}

Name register_arithmetic(U32 w) {
  static constexpr std::string_view kPlain[8] = {"add", "sll", "slt", "sltu",
                                                 "xor", "srl", "or",  "and"};
  static constexpr std::string_view kMultiply[8] = {"mul", "mulh", "mulhsu", "mulhu",
                                                    "div", "divu", "rem",    "remu"};
  static constexpr std::string_view kInverted[8] = {"", "", "", "", "xnor", "", "orn", "andn"};
  static constexpr std::string_view kShiftAdd[8] = {"", "", "sh1add", "", "sh2add", "", "sh3add"};
  static constexpr std::string_view kMinMax[8] = {"", "", "", "", "min", "minu", "max", "maxu"};
  const U32 f3 = funct3(w);
  switch (funct7(w)) {
    case 0x00:
      return pick(kPlain, f3);
    case 0x01:
      return pick(kMultiply, f3, kExtM);
    case 0x20:
      if (f3 == 0) return {"sub"};
      if (f3 == 5) return {"sra"};
      return pick(kInverted, f3, kExtZbb);
    case 0x10:
      return pick(kShiftAdd, f3, kExtZba);
    case 0x05:
      return pick(kMinMax, f3, kExtZbb);
    case 0x04:
      return f3 == 4 && rs2(w) == 0 ? Name{"zext.h", kExtZbb} : Name{};
    case 0x30:
      return f3 == 1 ? Name{"rol", kExtZbb} : f3 == 5 ? Name{"ror", kExtZbb} : Name{};
    case 0x24:
      return f3 == 1 ? Name{"bclr", kExtZbs} : f3 == 5 ? Name{"bext", kExtZbs} : Name{};
    case 0x34:
      return f3 == 1 ? Name{"binv", kExtZbs} : Name{};
    case 0x14:
      return f3 == 1 ? Name{"bset", kExtZbs} : Name{};
    default:
      return {};
  }
}

Name atomic(U32 w) {
  if (funct3(w) != 2) return {};
  switch (bits(w, 31, 27)) {
    case 0x00:
      return {"amoadd.w", kExtA};
    case 0x01:
      return {"amoswap.w", kExtA};
    case 0x02:
      return rs2(w) == 0 ? Name{"lr.w", kExtA} : Name{};
    case 0x03:
      return {"sc.w", kExtA};
    case 0x04:
      return {"amoxor.w", kExtA};
    case 0x08:
      return {"amoor.w", kExtA};
    case 0x0c:
      return {"amoand.w", kExtA};
    case 0x10:
      return {"amomin.w", kExtA};
    case 0x14:
      return {"amomax.w", kExtA};
    case 0x18:
      return {"amominu.w", kExtA};
    case 0x1c:
      return {"amomaxu.w", kExtA};
    default:
      return {};
  }
}

Name floating(U32 w) {
  static constexpr std::string_view kSign[] = {"fsgnj.s", "fsgnjn.s", "fsgnjx.s"};
  static constexpr std::string_view kMinMax[] = {"fmin.s", "fmax.s"};
  static constexpr std::string_view kCompare[] = {"fle.s", "flt.s", "feq.s"};
  static constexpr std::string_view kMove[] = {"fmv.x.w", "fclass.s"};
  static constexpr std::string_view kToInteger[] = {"fcvt.w.s", "fcvt.wu.s"};
  static constexpr std::string_view kFromInteger[] = {"fcvt.s.w", "fcvt.s.wu"};
  const U32 f3 = funct3(w);
  if (bits(w, 26, 25) != 0) return {};  // other precisions
  switch (bits(w, 31, 27)) {
    case 0x00:
      return {"fadd.s", kExtF};
    case 0x01:
      return {"fsub.s", kExtF};
    case 0x02:
      return {"fmul.s", kExtF};
    case 0x03:
      return {"fdiv.s", kExtF};
    case 0x0b:
      return rs2(w) == 0 ? Name{"fsqrt.s", kExtF} : Name{};
    case 0x04:
      return pick(kSign, f3, kExtF);
    case 0x05:
      return pick(kMinMax, f3, kExtF);
    case 0x14:
      return pick(kCompare, f3, kExtF);
    case 0x18:
      return pick(kToInteger, rs2(w), kExtF);
    case 0x1a:
      return pick(kFromInteger, rs2(w), kExtF);
    case 0x1c:
      return rs2(w) == 0 ? pick(kMove, f3, kExtF) : Name{};
    case 0x1e:
      return rs2(w) == 0 && f3 == 0 ? Name{"fmv.w.x", kExtF} : Name{};
    default:
      return {};
  }
}

Name system(U32 w) {
  static constexpr std::string_view kCsr[8] = {"", "csrrw",  "csrrs",  "csrrc",
                                               "", "csrrwi", "csrrsi", "csrrci"};
  if (funct3(w) != 0) return pick(kCsr, funct3(w), kExtZicsr);
  switch (w) {
    case 0x00000073:
      return {"ecall"};
    case 0x00100073:
      return {"ebreak"};
    case 0x30200073:
      return {"mret"};
    case 0x10500073:
      return {"wfi"};
    default:
      return {};
  }
}

Name name_of(U32 w) {
  static constexpr std::string_view kLoad[] = {"lb", "lh", "lw", "", "lbu", "lhu"};
  static constexpr std::string_view kStore[] = {"sb", "sh", "sw"};
  static constexpr std::string_view kBranch[8] = {"beq", "bne", "",     "",
                                                  "blt", "bge", "bltu", "bgeu"};
  static constexpr std::string_view kFused[4] = {"fmadd.s", "fmsub.s", "fnmsub.s", "fnmadd.s"};
  switch (bits(w, 6, 0)) {
    case 0x03:
      return pick(kLoad, funct3(w));
    case 0x07:
      return funct3(w) == 2 ? Name{"flw", kExtF} : Name{};
    case 0x0f:
      return funct3(w) == 0 ? Name{"fence"} : funct3(w) == 1 ? Name{"fence.i"} : Name{};
    case 0x13:
      return immediate_arithmetic(w);
    case 0x17:
      return {"auipc"};
    case 0x23:
      return pick(kStore, funct3(w));
    case 0x27:
      return funct3(w) == 2 ? Name{"fsw", kExtF} : Name{};
    case 0x2f:
      return atomic(w);
    case 0x33:
      return register_arithmetic(w);
    case 0x37:
      return {"lui"};
    case 0x43:
    case 0x47:
    case 0x4b:
    case 0x4f:
      return bits(w, 26, 25) == 0 ? pick(kFused, bits(w, 3, 2), kExtF) : Name{};
    case 0x53:
      return floating(w);
    case 0x63:
      return pick(kBranch, funct3(w));
    case 0x67:
      return funct3(w) == 0 ? Name{"jalr"} : Name{};
    case 0x6f:
      return {"jal"};
    case 0x73:
      return system(w);
    default:
      return {};
  }
}

}  // namespace

std::string_view mnemonic(U32 word, ExtensionSet isa) {
  const Name name = name_of(word);
  return (isa & name.group) != 0 ? name.text : std::string_view{};
}

bool reserved_rounding(U32 word) {
  const U32 opcode = bits(word, 6, 0), f5 = bits(word, 31, 27);
  const bool fused = opcode == 0x43 || opcode == 0x47 || opcode == 0x4b || opcode == 0x4f;
  const bool rounds = opcode == 0x53 && (f5 <= 3 || f5 == 0x0b || f5 == 0x18 || f5 == 0x1a);
  return (fused || rounds) && (funct3(word) == 5 || funct3(word) == 6);
}

Execute find(std::string_view mnemonic) {
  for (const Rows* rows : {&integer_rows(), &float_rows(), &bit_rows()}) {
    if (const auto at = rows->find(mnemonic); at != rows->end()) return at->second;
  }
  return nullptr;
}

}  // namespace aimc::riscv::reference
