// SPDX-License-Identifier: Apache-2.0
/// Encoders of RV32 instructions for tests. Written from the ISA manual, not from the table that
/// the core decodes with.
#pragma once

#include <cstdint>

namespace aimc::riscv::assembler {

using U32 = std::uint32_t;
using I32 = std::int32_t;

enum Reg : U32 {
  zero,
  ra,
  sp,
  gp,
  tp,
  t0,
  t1,
  t2,
  s0,
  s1,
  a0,
  a1,
  a2,
  a3,
  a4,
  a5,
  a6,
  a7,
  s2,
  s3,
  s4,
  s5,
  s6,
  s7,
  s8,
  s9,
  s10,
  s11,
  t3,
  t4,
  t5,
  t6
};

constexpr U32 r_type(U32 f7, U32 rs2, U32 rs1, U32 f3, U32 rd, U32 op) {
  return f7 << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | rd << 7 | op;
}
constexpr U32 i_type(I32 imm, U32 rs1, U32 f3, U32 rd, U32 op) {
  return (static_cast<U32>(imm) & 0xfffu) << 20 | rs1 << 15 | f3 << 12 | rd << 7 | op;
}
constexpr U32 s_type(I32 offset, U32 rs2, U32 rs1, U32 f3, U32 op) {
  const U32 i = static_cast<U32>(offset);
  return (i >> 5 & 127u) << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | (i & 31u) << 7 | op;
}
constexpr U32 b_type(I32 offset, U32 rs2, U32 rs1, U32 f3) {
  const U32 i = static_cast<U32>(offset);
  return (i >> 12 & 1u) << 31 | (i >> 5 & 63u) << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 |
         (i >> 1 & 15u) << 8 | (i >> 11 & 1u) << 7 | 0x63u;
}

constexpr U32 lui(U32 rd, U32 imm20) { return imm20 << 12 | rd << 7 | 0x37u; }
constexpr U32 auipc(U32 rd, U32 imm20) { return imm20 << 12 | rd << 7 | 0x17u; }
constexpr U32 jal(U32 rd, I32 offset) {
  const U32 i = static_cast<U32>(offset);
  return (i >> 20 & 1u) << 31 | (i >> 1 & 0x3ffu) << 21 | (i >> 11 & 1u) << 20 |
         (i >> 12 & 255u) << 12 | rd << 7 | 0x6fu;
}
constexpr U32 jalr(U32 rd, U32 rs1, I32 imm) { return i_type(imm, rs1, 0, rd, 0x67); }
constexpr U32 beq(U32 a, U32 b, I32 o) { return b_type(o, b, a, 0); }
constexpr U32 bne(U32 a, U32 b, I32 o) { return b_type(o, b, a, 1); }
constexpr U32 blt(U32 a, U32 b, I32 o) { return b_type(o, b, a, 4); }
constexpr U32 bge(U32 a, U32 b, I32 o) { return b_type(o, b, a, 5); }
constexpr U32 bltu(U32 a, U32 b, I32 o) { return b_type(o, b, a, 6); }
constexpr U32 bgeu(U32 a, U32 b, I32 o) { return b_type(o, b, a, 7); }
constexpr U32 lb(U32 rd, I32 o, U32 rs1) { return i_type(o, rs1, 0, rd, 3); }
constexpr U32 lh(U32 rd, I32 o, U32 rs1) { return i_type(o, rs1, 1, rd, 3); }
constexpr U32 lw(U32 rd, I32 o, U32 rs1) { return i_type(o, rs1, 2, rd, 3); }
constexpr U32 lbu(U32 rd, I32 o, U32 rs1) { return i_type(o, rs1, 4, rd, 3); }
constexpr U32 lhu(U32 rd, I32 o, U32 rs1) { return i_type(o, rs1, 5, rd, 3); }
constexpr U32 sb(U32 rs2, I32 o, U32 rs1) { return s_type(o, rs2, rs1, 0, 0x23); }
constexpr U32 sh(U32 rs2, I32 o, U32 rs1) { return s_type(o, rs2, rs1, 1, 0x23); }
constexpr U32 sw(U32 rs2, I32 o, U32 rs1) { return s_type(o, rs2, rs1, 2, 0x23); }
constexpr U32 addi(U32 rd, U32 rs1, I32 i) { return i_type(i, rs1, 0, rd, 0x13); }
constexpr U32 slti(U32 rd, U32 rs1, I32 i) { return i_type(i, rs1, 2, rd, 0x13); }
constexpr U32 sltiu(U32 rd, U32 rs1, I32 i) { return i_type(i, rs1, 3, rd, 0x13); }
constexpr U32 xori(U32 rd, U32 rs1, I32 i) { return i_type(i, rs1, 4, rd, 0x13); }
constexpr U32 ori(U32 rd, U32 rs1, I32 i) { return i_type(i, rs1, 6, rd, 0x13); }
constexpr U32 andi(U32 rd, U32 rs1, I32 i) { return i_type(i, rs1, 7, rd, 0x13); }
constexpr U32 slli(U32 rd, U32 rs1, U32 n) { return r_type(0, n, rs1, 1, rd, 0x13); }
constexpr U32 srli(U32 rd, U32 rs1, U32 n) { return r_type(0, n, rs1, 5, rd, 0x13); }
constexpr U32 srai(U32 rd, U32 rs1, U32 n) { return r_type(32, n, rs1, 5, rd, 0x13); }
/// add, sll, slt, sltu, xor, srl, or, and are f3 = 0..7.
constexpr U32 alu(U32 f3, U32 rd, U32 a, U32 b) { return r_type(0, b, a, f3, rd, 0x33); }
constexpr U32 add(U32 rd, U32 a, U32 b) { return alu(0, rd, a, b); }
constexpr U32 sub(U32 rd, U32 a, U32 b) { return r_type(32, b, a, 0, rd, 0x33); }
constexpr U32 sra(U32 rd, U32 a, U32 b) { return r_type(32, b, a, 5, rd, 0x33); }
/// mul, mulh, mulhsu, mulhu, div, divu, rem, remu are f3 = 0..7.
constexpr U32 muldiv(U32 f3, U32 rd, U32 a, U32 b) { return r_type(1, b, a, f3, rd, 0x33); }
constexpr U32 mv(U32 rd, U32 rs) { return addi(rd, rs, 0); }
constexpr U32 nop() { return 0x13; }
constexpr U32 fence() { return 0x0ff0000f; }
constexpr U32 fence_i() { return 0x0000100f; }
constexpr U32 ecall() { return 0x73; }
constexpr U32 ebreak() { return 0x00100073; }
constexpr U32 mret() { return 0x30200073; }
constexpr U32 wfi() { return 0x10500073; }
constexpr U32 csrrw(U32 rd, U32 csr, U32 rs1) {
  return csr << 20 | rs1 << 15 | 1u << 12 | rd << 7 | 0x73u;
}
constexpr U32 csrrs(U32 rd, U32 csr, U32 rs1) {
  return csr << 20 | rs1 << 15 | 2u << 12 | rd << 7 | 0x73u;
}
constexpr U32 csrrc(U32 rd, U32 csr, U32 rs1) {
  return csr << 20 | rs1 << 15 | 3u << 12 | rd << 7 | 0x73u;
}
constexpr U32 csrrwi(U32 rd, U32 csr, U32 i) {
  return csr << 20 | i << 15 | 5u << 12 | rd << 7 | 0x73u;
}
constexpr U32 csrrsi(U32 rd, U32 csr, U32 i) {
  return csr << 20 | i << 15 | 6u << 12 | rd << 7 | 0x73u;
}
constexpr U32 csrrci(U32 rd, U32 csr, U32 i) {
  return csr << 20 | i << 15 | 7u << 12 | rd << 7 | 0x73u;
}
constexpr U32 csrr(U32 rd, U32 csr) { return csrrs(rd, csr, 0); }
constexpr U32 csrw(U32 csr, U32 rs1) { return csrrw(0, csr, rs1); }
constexpr U32 amo(U32 f5, U32 rd, U32 rs2, U32 rs1) {
  return r_type(f5 << 2, rs2, rs1, 2, rd, 0x2f);
}
constexpr U32 lr(U32 rd, U32 rs1) { return amo(2, rd, 0, rs1); }
constexpr U32 sc(U32 rd, U32 rs2, U32 rs1) { return amo(3, rd, rs2, rs1); }
constexpr U32 flw(U32 rd, I32 o, U32 rs1) { return i_type(o, rs1, 2, rd, 7); }
constexpr U32 fsw(U32 rs2, I32 o, U32 rs1) { return s_type(o, rs2, rs1, 2, 0x27); }
/// fadd 0x00, fsub 0x04, fmul 0x08, fdiv 0x0c, fsqrt 0x2c, fsgnj* 0x10, fmin/fmax 0x14,
/// compare 0x50, to int 0x60, from int 0x68, fmv.x.w/fclass 0x70, fmv.w.x 0x78
constexpr U32 fp(U32 f7, U32 rm, U32 rd, U32 a, U32 b = 0) {
  return r_type(f7, b, a, rm, rd, 0x53);
}
/// op: fmadd 0x43, fmsub 0x47, fnmsub 0x4b, fnmadd 0x4f
constexpr U32 fma(U32 op, U32 rm, U32 rd, U32 a, U32 b, U32 c) {
  return c << 27 | b << 20 | a << 15 | rm << 12 | rd << 7 | op;
}

}  // namespace aimc::riscv::assembler
