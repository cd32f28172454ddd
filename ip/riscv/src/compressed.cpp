// SPDX-License-Identifier: Apache-2.0
// Expands 16-bit instructions to the 32-bit word that does the same.
#include "aimc/riscv/instruction.h"

namespace aimc::riscv {
namespace {

using U32 = std::uint32_t;

constexpr U32 encode_r(U32 funct7, U32 rs2, U32 rs1, U32 funct3, U32 rd, U32 opcode) {
  return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr U32 encode_i(U32 imm, U32 rs1, U32 funct3, U32 rd, U32 opcode) {
  return imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr U32 encode_s(U32 imm, U32 rs2, U32 rs1, U32 funct3, U32 opcode) {
  return (imm >> 5 & 127u) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (imm & 31u) << 7 | opcode;
}
constexpr U32 encode_j(U32 offset, U32 rd) {
  return (offset >> 20 & 1u) << 31 | (offset >> 1 & 0x3ffu) << 21 | (offset >> 11 & 1u) << 20 |
         (offset >> 12 & 0xffu) << 12 | rd << 7 | 0x6f;
}
constexpr U32 encode_b(U32 offset, U32 rs1, U32 funct3) {
  return (offset >> 12 & 1u) << 31 | (offset >> 5 & 63u) << 25 | rs1 << 15 | funct3 << 12 |
         (offset >> 1 & 15u) << 8 | (offset >> 11 & 1u) << 7 | 0x63;
}
constexpr U32 sign_extend(U32 value, unsigned bits) {
  return static_cast<U32>(static_cast<std::int32_t>(value << (32 - bits)) >> (32 - bits));
}

constexpr U32 kOpLoad = 0x03, kOpLoadFp = 0x07, kOpImm = 0x13, kOpStore = 0x23, kOpStoreFp = 0x27;
constexpr U32 kOpReg = 0x33, kOpLui = 0x37, kOpJalr = 0x67;

}  // namespace

std::uint32_t expand_compressed(std::uint16_t half, ExtensionSet isa) {
  if (!(isa & kExtC)) return 0;
  const U32 c = half;
  const auto bits = [c](unsigned high, unsigned low) {
    return c >> low & ((1u << (high - low + 1)) - 1);
  };
  const U32 rd = bits(11, 7), rs2 = bits(6, 2);
  const U32 rd_short = bits(4, 2) + 8, rs1_short = bits(9, 7) + 8;
  const U32 imm6 = sign_extend(bits(12, 12) << 5 | bits(6, 2), 6);
  const U32 word_offset = bits(5, 5) << 6 | bits(12, 10) << 3 | bits(6, 6) << 2;
  const U32 sp_load = bits(3, 2) << 6 | bits(12, 12) << 5 | bits(6, 4) << 2;
  const U32 sp_store = bits(8, 7) << 6 | bits(12, 9) << 2;
  const U32 jump =
      sign_extend(bits(12, 12) << 11 | bits(8, 8) << 10 | bits(10, 9) << 8 | bits(6, 6) << 7 |
                      bits(7, 7) << 6 | bits(2, 2) << 5 | bits(11, 11) << 4 | bits(5, 3) << 1,
                  12);
  const U32 branch = sign_extend(
      bits(12, 12) << 8 | bits(6, 5) << 6 | bits(2, 2) << 5 | bits(11, 10) << 3 | bits(4, 3) << 1,
      9);
  switch ((c & 3u) << 3 | bits(15, 13)) {
    case 0: {  // c.addi4spn
      const U32 imm = bits(10, 7) << 6 | bits(12, 11) << 4 | bits(5, 5) << 3 | bits(6, 6) << 2;
      return imm ? encode_i(imm, 2, 0, rd_short, kOpImm) : 0;
    }
    case 2:
      return encode_i(word_offset, rs1_short, 2, rd_short, kOpLoad);  // c.lw
    case 3:
      return encode_i(word_offset, rs1_short, 2, rd_short, kOpLoadFp);  // c.flw
    case 6:
      return encode_s(word_offset, rd_short, rs1_short, 2, kOpStore);  // c.sw
    case 7:
      return encode_s(word_offset, rd_short, rs1_short, 2, kOpStoreFp);  // c.fsw
    case 8:
      return encode_i(imm6, rd, 0, rd, kOpImm);  // c.addi, c.nop
    case 9:
      return encode_j(jump, 1);  // c.jal
    case 10:
      return encode_i(imm6, 0, 0, rd, kOpImm);  // c.li
    case 11:
      if (imm6 == 0) return 0;
      if (rd == 2) {  // c.addi16sp
        const U32 imm = sign_extend(bits(12, 12) << 9 | bits(4, 3) << 7 | bits(5, 5) << 6 |
                                        bits(2, 2) << 5 | bits(6, 6) << 4,
                                    10);
        return encode_i(imm, 2, 0, 2, kOpImm);
      }
      return imm6 << 12 | rd << 7 | kOpLui;  // c.lui
    case 12:
      switch (bits(11, 10)) {
        case 0:  // c.srli; shift amounts of 32 and more are for RV64
          return bits(12, 12) ? 0 : encode_r(0, rs2, rs1_short, 5, rs1_short, kOpImm);
        case 1:  // c.srai
          return bits(12, 12) ? 0 : encode_r(32, rs2, rs1_short, 5, rs1_short, kOpImm);
        case 2:
          return encode_i(imm6, rs1_short, 7, rs1_short, kOpImm);  // c.andi
        default: {
          if (bits(12, 12)) return 0;               // RV64 only
          constexpr U32 kFunct3[4] = {0, 4, 6, 7};  // c.sub, c.xor, c.or, c.and
          const U32 which = bits(6, 5);
          return encode_r(which ? 0 : 32, rd_short, rs1_short, kFunct3[which], rs1_short, kOpReg);
        }
      }
    case 13:
      return encode_j(jump, 0);  // c.j
    case 14:
      return encode_b(branch, rs1_short, 0);  // c.beqz
    case 15:
      return encode_b(branch, rs1_short, 1);  // c.bnez
    case 16:                                  // c.slli
      return bits(12, 12) ? 0 : encode_r(0, rs2, rd, 1, rd, kOpImm);
    case 18:
      return rd ? encode_i(sp_load, 2, 2, rd, kOpLoad) : 0;  // c.lwsp
    case 19:
      return encode_i(sp_load, 2, 2, rd, kOpLoadFp);  // c.flwsp
    case 20:
      if (!bits(12, 12)) {
        if (rs2) return encode_r(0, rs2, 0, 0, rd, kOpReg);  // c.mv
        return rd ? encode_i(0, rd, 0, 0, kOpJalr) : 0;      // c.jr
      }
      if (rs2) return encode_r(0, rs2, rd, 0, rd, kOpReg);      // c.add
      return rd ? encode_i(0, rd, 0, 1, kOpJalr) : 0x00100073;  // c.jalr, c.ebreak
    case 22:
      return encode_s(sp_store, rs2, 2, 2, kOpStore);  // c.swsp
    case 23:
      return encode_s(sp_store, rs2, 2, 2, kOpStoreFp);  // c.fswsp
    default:
      return 0;  // c.fld and friends need D
  }
}

}  // namespace aimc::riscv
