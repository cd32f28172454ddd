// SPDX-License-Identifier: Apache-2.0
/// Machine code under construction, with encoders for what the core's tests do not encode.
#pragma once

#include <cstdint>
#include <vector>

#include "assembler.h"

namespace aimc::differential {

using namespace riscv::assembler;

/// Bytes from `base` on.
class Code {
 public:
  explicit Code(U32 base) : base_(base) {}
  U32 here() const { return base_ + static_cast<U32>(bytes_.size()); }
  void word(U32 value) {
    half(static_cast<std::uint16_t>(value));
    half(static_cast<std::uint16_t>(value >> 16));
  }
  void half(std::uint16_t value) {
    bytes_.push_back(static_cast<std::uint8_t>(value));
    bytes_.push_back(static_cast<std::uint8_t>(value >> 8));
  }
  void patch(U32 at, U32 value) {
    for (unsigned n = 0; n < 4; ++n)
      bytes_[at - base_ + n] = static_cast<std::uint8_t>(value >> (8 * n));
  }
  void patch_half(U32 at, std::uint16_t value) {
    bytes_[at - base_] = static_cast<std::uint8_t>(value);
    bytes_[at - base_ + 1] = static_cast<std::uint8_t>(value >> 8);
  }
  /// lui and addi.
  void load_immediate(U32 rd, U32 value) {
    word(lui(rd, (value + 0x800u) >> 12));
    word(addi(rd, rd, static_cast<I32>(value << 20) >> 20));
  }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  U32 base_;
  std::vector<std::uint8_t> bytes_;
};

// Compressed forms, by the fields of the manual. Registers of the short forms are 8 .. 15.
constexpr std::uint16_t c_type(U32 f3, U32 op, U32 rest) {
  return static_cast<std::uint16_t>(f3 << 13 | op | rest);
}
/// c.addi f3 0, c.li 2, c.lui 3 (op 1); c.slli 0 (op 2)
constexpr std::uint16_t c_ci(U32 f3, U32 op, U32 rd, U32 imm6) {
  return c_type(f3, op, (imm6 >> 5 & 1u) << 12 | rd << 7 | (imm6 & 31u) << 2);
}
/// c.srli 0, c.srai 1, c.andi 2
constexpr std::uint16_t c_cb(U32 f2, U32 rd, U32 imm6) {
  return c_type(4, 1, (imm6 >> 5 & 1u) << 12 | f2 << 10 | (rd - 8) << 7 | (imm6 & 31u) << 2);
}
/// c.sub 0, c.xor 1, c.or 2, c.and 3
constexpr std::uint16_t c_ca(U32 f2, U32 rd, U32 rs2) {
  return c_type(4, 1, 3u << 10 | (rd - 8) << 7 | f2 << 5 | (rs2 - 8) << 2);
}
constexpr std::uint16_t c_mv(U32 rd, U32 rs2) { return c_type(4, 2, rd << 7 | rs2 << 2); }
constexpr std::uint16_t c_add(U32 rd, U32 rs2) {
  return c_type(4, 2, 1u << 12 | rd << 7 | rs2 << 2);
}
/// c.lw 2, c.flw 3, c.sw 6, c.fsw 7; offset 0 .. 124 in words
constexpr std::uint16_t c_memory(U32 f3, U32 data, U32 offset, U32 base) {
  return c_type(f3, 0,
                (offset >> 3 & 7u) << 10 | (base - 8) << 7 | (offset >> 2 & 1u) << 6 |
                    (offset >> 6 & 1u) << 5 | (data - 8) << 2);
}
/// c.lwsp 2, c.flwsp 3
constexpr std::uint16_t c_load_sp(U32 f3, U32 rd, U32 offset) {
  return c_type(
      f3, 2,
      (offset >> 5 & 1u) << 12 | rd << 7 | (offset >> 2 & 7u) << 4 | (offset >> 6 & 3u) << 2);
}
/// c.swsp 6, c.fswsp 7
constexpr std::uint16_t c_store_sp(U32 f3, U32 rs2, U32 offset) {
  return c_type(f3, 2, (offset >> 2 & 15u) << 9 | (offset >> 6 & 3u) << 7 | rs2 << 2);
}
constexpr std::uint16_t c_addi4spn(U32 rd, U32 offset) {
  return c_type(0, 0,
                (offset >> 4 & 3u) << 11 | (offset >> 6 & 15u) << 7 | (offset >> 2 & 1u) << 6 |
                    (offset >> 3 & 1u) << 5 | (rd - 8) << 2);
}
/// c.jal 1, c.j 5
constexpr std::uint16_t c_jump(U32 f3, U32 o) {
  return c_type(f3, 1,
                (o >> 11 & 1u) << 12 | (o >> 4 & 1u) << 11 | (o >> 8 & 3u) << 9 |
                    (o >> 10 & 1u) << 8 | (o >> 6 & 1u) << 7 | (o >> 7 & 1u) << 6 |
                    (o >> 1 & 7u) << 3 | (o >> 5 & 1u) << 2);
}
/// c.beqz 6, c.bnez 7
constexpr std::uint16_t c_branch(U32 f3, U32 rs1, U32 o) {
  return c_type(f3, 1,
                (o >> 8 & 1u) << 12 | (o >> 3 & 3u) << 10 | (rs1 - 8) << 7 | (o >> 6 & 3u) << 5 |
                    (o >> 1 & 3u) << 3 | (o >> 5 & 1u) << 2);
}

}  // namespace aimc::differential
