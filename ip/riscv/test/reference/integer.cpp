// SPDX-License-Identifier: Apache-2.0
// I, M, A, Zicsr, Zifencei and the instructions of machine mode.
#include <cstring>

#include "reference.h"

namespace aimc::riscv::reference {
namespace {

using U64 = std::uint64_t;
using I64 = std::int64_t;

template <U32 (*kFunction)(U32, U32)>
void registers(Hart& h, U32 w) {
  h.set_x(rd(w), kFunction(h.x[rs1(w)], h.x[rs2(w)]));
}
template <U32 (*kFunction)(U32, U32)>
void immediate(Hart& h, U32 w) {
  h.set_x(rd(w), kFunction(h.x[rs1(w)], i_immediate(w)));
}

U32 add(U32 a, U32 b) { return a + b; }
U32 sub(U32 a, U32 b) { return a - b; }
U32 sll(U32 a, U32 b) { return a << b % 32; }
U32 srl(U32 a, U32 b) { return a >> b % 32; }
U32 sra(U32 a, U32 b) { return extend(a >> b % 32, 32 - b % 32); }
U32 slt(U32 a, U32 b) { return as_signed(a) < as_signed(b) ? 1 : 0; }
U32 sltu(U32 a, U32 b) { return a < b ? 1 : 0; }
U32 exclusive(U32 a, U32 b) { return (a | b) - (a & b); }
U32 either(U32 a, U32 b) { return a | b; }
U32 both(U32 a, U32 b) { return a & b; }

U32 high(U64 value) { return static_cast<U32>(value >> 32); }
U64 wide(U32 a) { return static_cast<U64>(I64{as_signed(a)}); }
U32 mul(U32 a, U32 b) { return static_cast<U32>(U64{a} * b); }
U32 mulh(U32 a, U32 b) { return high(wide(a) * wide(b)); }
U32 mulhsu(U32 a, U32 b) { return high(wide(a) * b); }
U32 mulhu(U32 a, U32 b) { return high(U64{a} * b); }
U32 div(U32 a, U32 b) {
  return b == 0 ? 0xffffffffu : static_cast<U32>(I64{as_signed(a)} / I64{as_signed(b)});
}
U32 rem(U32 a, U32 b) {
  return b == 0 ? a : static_cast<U32>(I64{as_signed(a)} % I64{as_signed(b)});
}
U32 divu(U32 a, U32 b) { return b == 0 ? 0xffffffffu : a / b; }
U32 remu(U32 a, U32 b) { return b == 0 ? a : a % b; }

void lui(Hart& h, U32 w) { h.set_x(rd(w), bits(w, 31, 12) << 12); }
void auipc(Hart& h, U32 w) { h.set_x(rd(w), h.pc + (bits(w, 31, 12) << 12)); }

void jump(Hart& h, U32 w, U32 target) {
  if (target & h.target_mask) return h.raise(0, target);
  h.set_x(rd(w), h.next);
  h.next = target;
}
void jal(Hart& h, U32 w) { jump(h, w, h.pc + j_immediate(w)); }
void jalr(Hart& h, U32 w) { jump(h, w, (h.x[rs1(w)] + i_immediate(w)) & ~U32{1}); }

template <U32 (*kCondition)(U32, U32), bool kInvert>
void branch(Hart& h, U32 w) {
  const bool holds = kCondition(h.x[rs1(w)], h.x[rs2(w)]) != 0;
  if (holds == kInvert) return;
  const U32 target = h.pc + b_immediate(w);
  if (target & h.target_mask) return h.raise(0, target);
  h.next = target;
}
U32 equal(U32 a, U32 b) { return a == b ? 1 : 0; }

std::uint8_t* memory(Hart& h, U32 address, U32 size) {
  const U32 offset = address - Hart::kData;
  return offset < Hart::kDataSize && offset + size <= Hart::kDataSize ? h.data + offset : nullptr;
}

/// mtval of an access that is not all in memory: its first byte behind the end.
U32 outside(U32 address) {
  return address - Hart::kData < Hart::kDataSize ? Hart::kData + Hart::kDataSize : address;
}

/// Address of a load or store that its size allows; false after a trap.
bool aligned(Hart& h, U32 address, U32 size, U32 cause) {
  if (!h.strict || address % size == 0) return true;
  h.raise(cause, address);
  return false;
}
template <U32 kSize, bool kSigned>
void load(Hart& h, U32 w) {
  const U32 address = h.x[rs1(w)] + i_immediate(w);
  if (!aligned(h, address, kSize, 4)) return;
  const std::uint8_t* from = memory(h, address, kSize);
  if (from == nullptr) return h.raise(5, outside(address));
  U32 value = 0;
  for (U32 n = 0; n < kSize; ++n) value |= U32{from[n]} << 8 * n;
  h.set_x(rd(w), kSigned ? extend(value, 8 * kSize) : value);
}
void put(Hart& h, U32 address, U32 value, U32 size) {
  if (!aligned(h, address, size, 6)) return;
  std::uint8_t* to = memory(h, address, size);
  if (to == nullptr) return h.raise(7, outside(address));
  for (U32 n = 0; n < size; ++n) to[n] = static_cast<std::uint8_t>(value >> 8 * n);
}
template <U32 kSize>
void store(Hart& h, U32 w) {
  put(h, h.x[rs1(w)] + s_immediate(w), h.x[rs2(w)], kSize);
}
void flw(Hart& h, U32 w) {
  const U32 address = h.x[rs1(w)] + i_immediate(w);
  if (!aligned(h, address, 4, 4)) return;
  const std::uint8_t* from = memory(h, address, 4);
  if (from == nullptr) return h.raise(5, outside(address));
  std::memcpy(&h.f[rd(w)], from, 4);
}
void fsw(Hart& h, U32 w) { put(h, h.x[rs1(w)] + s_immediate(w), h.f[rs2(w)], 4); }

/// A word for LR or an AMO; null after a trap.
std::uint8_t* atomic_word(Hart& h, U32 address, bool loads_only) {
  std::uint8_t* at = address % 4 == 0 ? memory(h, address, 4) : nullptr;
  if (address % 4 != 0) {
    h.raise(loads_only ? 4 : 6, address);
  } else if (at == nullptr) {
    h.raise(loads_only ? 5 : 7, address);
  }
  return at;
}
void load_reserved(Hart& h, U32 w) {
  const U32 address = h.x[rs1(w)];
  const std::uint8_t* at = atomic_word(h, address, true);
  if (at == nullptr) return;
  U32 value;
  std::memcpy(&value, at, 4);
  h.set_x(rd(w), value);
  h.reserved = address;
}
void store_conditional(Hart& h, U32 w) {
  const U32 address = h.x[rs1(w)];
  std::uint8_t* at = atomic_word(h, address, false);
  if (at == nullptr) return;
  const bool succeeds = h.reserved == address;
  if (succeeds) std::memcpy(at, &h.x[rs2(w)], 4);
  h.set_x(rd(w), succeeds ? 0 : 1);
  h.reserved.reset();
}
U32 second(U32, U32 b) { return b; }
U32 lesser(U32 a, U32 b) { return slt(a, b) ? a : b; }
U32 greater(U32 a, U32 b) { return slt(a, b) ? b : a; }
U32 lower(U32 a, U32 b) { return a < b ? a : b; }
U32 higher(U32 a, U32 b) { return a < b ? b : a; }
template <U32 (*kFunction)(U32, U32)>
void amo(Hart& h, U32 w) {
  std::uint8_t* at = atomic_word(h, h.x[rs1(w)], false);
  if (at == nullptr) return;
  U32 old;
  std::memcpy(&old, at, 4);
  const U32 result = kFunction(old, h.x[rs2(w)]);
  std::memcpy(at, &result, 4);
  h.set_x(rd(w), old);
}

void nothing(Hart&, U32) {}
void ecall(Hart& h, U32) { h.raise(11, 0); }
void ebreak(Hart& h, U32) { h.raise(3, h.pc); }
void wfi(Hart& h, U32) { h.sleeps = true; }
void mret(Hart& h, U32) {
  constexpr U32 kMie = 1u << 3, kMpie = 1u << 7, kMpp = 3u << 11, kMprv = 1u << 17;
  const bool enable = (h.mstatus & kMpie) != 0;
  h.user = (h.mstatus & kMpp) == 0;
  h.mstatus &= ~(kMie | kMpp | (h.user ? kMprv : 0));
  h.mstatus |= kMpie | (enable ? kMie : 0);
  h.next = h.mepc;
}

/// The CSRs that the tests use: storage, floating point and one that is read-only.
U32* csr_storage(Hart& h, U32 number) {
  switch (number) {
    case 0x001:
      return &h.fflags;
    case 0x002:
      return &h.frm;
    case 0x340:
      return &h.mscratch;
    case 0x341:
      return &h.mepc;
    default:
      return nullptr;
  }
}
void csr(Hart& h, U32 w) {
  const U32 number = bits(w, 31, 20), kind = funct3(w) % 4;
  const U32 operand = funct3(w) >= 4 ? rs1(w) : h.x[rs1(w)];
  const bool writes = kind == 1 || rs1(w) != 0;
  U32* storage = csr_storage(h, number);
  const bool combined = number == 0x003, read_only = number == 0xf14;
  if ((storage == nullptr && !combined && !read_only) || (read_only && writes))
    return h.raise(2, w);
  const U32 old = combined ? h.frm << 5 | h.fflags : storage != nullptr ? *storage : 0;
  h.set_x(rd(w), old);
  if (!writes) return;
  const U32 value = kind == 1 ? operand : kind == 2 ? old | operand : old & ~operand;
  if (combined || number == 0x001) h.fflags = bits(value, 4, 0);
  if (combined) h.frm = bits(value, 7, 5);
  if (number == 0x002) h.frm = bits(value, 2, 0);
  if (number == 0x340) h.mscratch = value;
  if (number == 0x341) h.mepc = value & ~(h.target_mask | 1);
}

}  // namespace

const Rows& integer_rows() {
  static const Rows kRows = {
      {"lui", lui},
      {"auipc", auipc},
      {"jal", jal},
      {"jalr", jalr},
      {"beq", branch<equal, false>},
      {"bne", branch<equal, true>},
      {"blt", branch<slt, false>},
      {"bge", branch<slt, true>},
      {"bltu", branch<sltu, false>},
      {"bgeu", branch<sltu, true>},
      {"lb", load<1, true>},
      {"lh", load<2, true>},
      {"lw", load<4, false>},
      {"lbu", load<1, false>},
      {"lhu", load<2, false>},
      {"sb", store<1>},
      {"sh", store<2>},
      {"sw", store<4>},
      {"flw", flw},
      {"fsw", fsw},
      {"addi", immediate<add>},
      {"slti", immediate<slt>},
      {"sltiu", immediate<sltu>},
      {"xori", immediate<exclusive>},
      {"ori", immediate<either>},
      {"andi", immediate<both>},
      {"slli", immediate<sll>},
      {"srli", immediate<srl>},
      {"srai", immediate<sra>},
      {"add", registers<add>},
      {"sub", registers<sub>},
      {"sll", registers<sll>},
      {"slt", registers<slt>},
      {"sltu", registers<sltu>},
      {"xor", registers<exclusive>},
      {"srl", registers<srl>},
      {"sra", registers<sra>},
      {"or", registers<either>},
      {"and", registers<both>},
      {"fence", nothing},
      {"fence.i", nothing},
      {"ecall", ecall},
      {"ebreak", ebreak},
      {"mret", mret},
      {"wfi", wfi},
      {"csrrw", csr},
      {"csrrs", csr},
      {"csrrc", csr},
      {"csrrwi", csr},
      {"csrrsi", csr},
      {"csrrci", csr},
      {"mul", registers<mul>},
      {"mulh", registers<mulh>},
      {"mulhsu", registers<mulhsu>},
      {"mulhu", registers<mulhu>},
      {"div", registers<div>},
      {"divu", registers<divu>},
      {"rem", registers<rem>},
      {"remu", registers<remu>},
      {"lr.w", load_reserved},
      {"sc.w", store_conditional},
      {"amoswap.w", amo<second>},
      {"amoadd.w", amo<add>},
      {"amoxor.w", amo<exclusive>},
      {"amoand.w", amo<both>},
      {"amoor.w", amo<either>},
      {"amomin.w", amo<lesser>},
      {"amomax.w", amo<greater>},
      {"amominu.w", amo<lower>},
      {"amomaxu.w", amo<higher>},
  };
  return kRows;
}

}  // namespace aimc::riscv::reference
