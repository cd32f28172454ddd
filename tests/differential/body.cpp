// SPDX-License-Identifier: Apache-2.0
#include "body.h"

#include "aimc/riscv/csr.h"
#include "runtime.h"

namespace aimc::differential {

using namespace riscv;

U32 Body::destination() {
  for (;;) {
    const U32 n = random_.below(32);
    if (n != sp && n != tp && n != s0 && n != s1) return n;
  }
}

/// Any rounding mode, seldom one that does not exist.
U32 Body::rounding() {
  if (random_.one_in(64)) return 5 + random_.below(2);
  const U32 mode = random_.below(8);
  return mode < 5 ? mode : 7;
}

void Body::emit(unsigned units) {
  for (unsigned unit = 0; unit < units; ++unit) {
    starts_.push_back(code_.here());
    emit_unit(unit);
  }
  starts_.push_back(code_.here());
  for (const Fixup& fixup : fixups_) land(fixup, starts_[std::min<std::size_t>(fixup.unit, units)]);
}

void Body::emit_unit(unsigned unit) {
  const Profile& p = profile_;
  U32 pick = random_.below(p.integer + p.memory + p.branch + p.csr + p.trap + p.protection);
  const auto chosen = [&pick](U32 weight) {
    if (pick < weight) return true;
    pick -= weight;
    return false;
  };
  if (chosen(p.integer)) {
    const U32 kind = random_.below(16);
    if (kind < 4 && p.compressed) return compressed_integer();
    if (kind < 7 && p.bits) return bit_manipulation();
    if (kind < 12 && p.floating) return floating();
    if (kind == 12) return random_word();
    return integer();
  }
  if (chosen(p.memory)) {
    const U32 kind = random_.below(8);
    if (kind < 2 && p.compressed) return compressed_memory();
    if (kind < 4 && p.floating) return floating_memory();
    if (kind < 5 && p.atomic) return atomic();
    return memory();
  }
  if (chosen(p.branch)) return jump(unit);
  if (chosen(p.csr)) return csr();
  if (chosen(p.trap)) return random_.one_in(3) ? switch_privilege() : trap();
  return random_.one_in(8) ? modify_code() : protection();
}

void Body::integer() {
  const U32 rd = destination(), a = any(), b = any();
  const I32 imm = static_cast<I32>(random_.below(4096)) - 2048;
  switch (random_.below(10)) {
    case 0:
      return code_.word(lui(rd, random_.below(1u << 20)));
    case 1:
      return code_.word(auipc(rd, random_.below(1u << 20)));
    case 2:
    case 3: {
      const U32 f3 = random_.below(8);
      if (f3 == 1 || f3 == 5) {
        const U32 f7 = f3 == 5 && random_.one_in(2) ? 32 : 0;
        return code_.word(r_type(f7, random_.below(32), a, f3, rd, 0x13));
      }
      return code_.word(i_type(imm, a, f3, rd, 0x13));
    }
    case 4:
    case 5:
      return code_.word(muldiv(random_.below(8), rd, a, b));
    case 6:
      return code_.word(random_.one_in(2) ? sub(rd, a, b) : sra(rd, a, b));
    default:
      return code_.word(alu(random_.below(8), rd, a, b));
  }
}

void Body::compressed_integer() {
  const U32 rd = destination(), imm = random_.below(64);
  switch (random_.below(9)) {
    case 0:
      return code_.half(c_ci(0, 1, rd, imm));
    case 1:
      return code_.half(c_ci(2, 1, rd, imm));
    case 2:
      return rd == sp ? code_.half(c_ci(2, 1, rd, imm)) : code_.half(c_ci(3, 1, rd, imm | 1u));
    case 3:
      return code_.half(c_cb(random_.below(2), short_destination(), random_.below(32)));
    case 4:
      return code_.half(c_cb(2, short_destination(), imm));
    case 5:
      return code_.half(c_ca(random_.below(4), short_destination(), short_any()));
    case 6:
      return code_.half(c_ci(0, 2, rd, random_.below(32)));
    case 7:
      return code_.half(c_addi4spn(short_destination(), 4 + 4 * random_.below(255)));
    default: {
      const U32 source = 1 + random_.below(31);
      return code_.half(random_.one_in(2) ? c_mv(rd, source) : c_add(rd, source));
    }
  }
}

void Body::bit_manipulation() {
  const U32 rd = destination(), a = any(), b = any(), n = random_.below(32);
  static constexpr U32 kRegister[][2] = {
      {0x10, 2}, {0x10, 4}, {0x10, 6}, {0x20, 7}, {0x20, 6}, {0x20, 4}, {5, 4},    {5, 5},
      {5, 6},    {5, 7},    {0x30, 1}, {0x30, 5}, {0x24, 1}, {0x24, 5}, {0x34, 1}, {0x14, 1}};
  static constexpr U32 kUnary[] = {0x600, 0x601, 0x602, 0x604, 0x605};
  static constexpr U32 kShift[][2] = {{0x30, 5}, {0x24, 1}, {0x24, 5}, {0x34, 1}, {0x14, 1}};
  switch (random_.below(4)) {
    case 0: {
      const auto& row = kShift[random_.below(5)];
      return code_.word(r_type(row[0], n, a, row[1], rd, 0x13));
    }
    case 1:
      switch (random_.below(8)) {
        case 5:
          return code_.word(i_type(0x287, a, 5, rd, 0x13));  // orc.b
        case 6:
          return code_.word(i_type(0x698, a, 5, rd, 0x13));  // rev8
        case 7:
          return code_.word(r_type(4, 0, a, 4, rd, 0x33));  // zext.h
        default:
          return code_.word(i_type(static_cast<I32>(kUnary[random_.below(5)]), a, 1, rd, 0x13));
      }
    default: {
      const auto& row = kRegister[random_.below(16)];
      return code_.word(r_type(row[0], b, a, row[1], rd, 0x33));
    }
  }
}

/// Anything at all in opcodes that only compute: decoders must agree on what is an instruction.
void Body::random_word() {
  static constexpr U32 kOpcodes[] = {0x13, 0x33, 0x53, 0x43, 0x47, 0x4b, 0x4f,
                                     0x1b, 0x3b, 0x0b, 0x2b, 0x5b, 0x7b};
  const U32 word = random_.bits() & ~0xfffu;
  if (random_.one_in(3)) {  // sparse fields hit more rows
    const U32 f7[] = {0, 1, 4, 5, 0x10, 0x14, 0x20, 0x24, 0x30, 0x34, 0x60, 0x68, 0x70, 0x78};
    const U32 word7 = f7[random_.below(14)] << 25 | (word & 0x01fff000u);
    return code_.word(word7 | destination() << 7 | (random_.one_in(2) ? 0x13u : 0x53u));
  }
  code_.word(word | destination() << 7 | kOpcodes[random_.below(13)]);
}

/// Leaves an address inside the data in t0.
U32 Body::address_in_data(bool aligned) {
  code_.word(alu(7, t0, any(), s1));
  if (aligned) code_.word(andi(t0, t0, -4));
  code_.word(add(t0, t0, s0));
  return t0;
}

void Body::memory() {
  const U32 choice = random_.below(8);
  const U32 base = choice == 0 ? U32{s0} : choice == 1 ? U32{tp} : address_in_data(choice < 4);
  const I32 offset = base == s0   ? static_cast<I32>(random_.below(4090)) - 2044
                     : base == tp ? static_cast<I32>(random_.below(2040))
                                  : static_cast<I32>(random_.below(2048));
  if (base == tp || random_.one_in(2)) {
    static constexpr U32 kLoads[] = {0, 1, 2, 4, 5};
    return code_.word(i_type(offset, base, kLoads[random_.below(5)], destination(), 3));
  }
  code_.word(s_type(offset, any(), base, random_.below(3), 0x23));
}

void Body::compressed_memory() {
  const U32 offset = 4 * random_.below(32), stack = 4 * random_.below(64);
  const bool f = profile_.floating && random_.one_in(3);
  const U32 rd = std::max<U32>(destination(), 1);
  switch (random_.below(4)) {
    case 0:
      return code_.half(c_memory(f ? 3 : 2, f ? short_any() : short_destination(), offset, s0));
    case 1:
      return code_.half(c_memory(f ? 7 : 6, short_any(), offset, s0));
    case 2:
      return code_.half(c_load_sp(f ? 3 : 2, f ? any() : rd, stack));
    default:
      return code_.half(c_store_sp(f ? 7 : 6, any(), stack));
  }
}

void Body::atomic() {
  address_in_data(true);
  switch (random_.below(4)) {
    case 0:  // pairs, some of them broken by the hart itself
      code_.word(lr(std::max<U32>(destination(), t1), t0));
      if (random_.one_in(4)) code_.word(sw(any(), 0, t0));
      code_.word(sc(destination(), any(), t0));
      return;
    case 1:
      return code_.word(sc(destination(), any(), t0));  // without a reservation
    default: {
      static constexpr U32 kFunct5[] = {1, 0, 4, 12, 8, 16, 20, 24, 28};
      const U32 ordering = random_.below(4) << 25;
      return code_.word(amo(kFunct5[random_.below(9)], destination(), any(), t0) | ordering);
    }
  }
}

void Body::floating() {
  const U32 rd = any(), a = any(), b = any(), c = any(), rm = rounding();
  const U32 xd = destination();
  static constexpr U32 kFma[] = {0x43, 0x47, 0x4b, 0x4f};
  switch (random_.below(16)) {
    case 0:
    case 1:
    case 2:
      return code_.word(fma(kFma[random_.below(4)], rm, rd, a, b, c));
    case 3:
      return code_.word(fp(0x2c, rm, rd, a));
    case 4:
      return code_.word(fp(0x10, random_.below(3), rd, a, b));
    case 5:
      return code_.word(fp(0x14, random_.below(2), rd, a, b));
    case 6:
    case 7:
      return code_.word(fp(0x50, random_.below(3), xd, a, b));
    case 8:
      return code_.word(fp(0x60, rm, xd, a, random_.below(2)));
    case 9:
      return code_.word(fp(0x68, rm, rd, a, random_.below(2)));
    case 10:
      return code_.word(fp(0x70, random_.below(2), xd, a));
    case 11:
      return code_.word(flw(rd, static_cast<I32>(4 * random_.below(256)), tp));  // fresh operands
    case 12:
      return code_.word(random_.one_in(2) ? fp(0x78, 0, rd, a) : fp(0x0c, rm, rd, a, b));
    default:
      return code_.word(fp(4 * random_.below(4), rm, rd, a, b));
  }
}

void Body::floating_memory() {
  const U32 base = random_.one_in(2) ? U32{s0} : address_in_data(random_.one_in(2));
  const I32 offset = static_cast<I32>(random_.below(2040));
  code_.word(random_.one_in(2) ? flw(any(), offset, base) : fsw(any(), offset, base));
}

void Body::jump(unsigned unit) {
  const U32 target = unit + 1 + random_.below(3);  // c.beqz reaches 256 bytes
  const U32 at = code_.here();
  const U32 link = destination();
  U32 kind = random_.below(8);
  if (!profile_.compressed && kind >= 5 && kind < 7) kind = 0;
  switch (kind) {
    case 5:
      fixups_.push_back({at, target, c_jump(random_.one_in(2) ? 1 : 5, 0), Fixup::kCompressedJump});
      return code_.half(0);
    case 6:
      fixups_.push_back(
          {at, target, c_branch(6 + random_.below(2), short_any(), 0), Fixup::kCompressedBranch});
      return code_.half(0);
    case 4:
      fixups_.push_back({at, target, link, Fixup::kJal});
      return code_.word(0);
    case 7:
      code_.word(auipc(t0, 0));
      fixups_.push_back({at, target, link, Fixup::kJalr});
      return code_.word(0);
    default: {
      static constexpr U32 kFunct3[] = {0, 1, 4, 5, 6, 7};
      fixups_.push_back(
          {at, target, b_type(0, any(), any(), kFunct3[random_.below(6)]), Fixup::kBranch});
      return code_.word(0);
    }
  }
}

void Body::land(const Fixup& fixup, U32 target) {
  const I32 offset = static_cast<I32>(target - fixup.at);
  switch (fixup.kind) {
    case Fixup::kBranch:
      return code_.patch(fixup.at, fixup.word | b_type(offset, 0, 0, 0));
    case Fixup::kJal:
      return code_.patch(fixup.at, jal(fixup.word, offset));
    case Fixup::kJalr:
      return code_.patch(fixup.at + 4, jalr(fixup.word, t0, offset));
    case Fixup::kCompressedJump:
      return code_.patch_half(
          fixup.at, static_cast<std::uint16_t>(fixup.word | c_jump(0, static_cast<U32>(offset))));
    case Fixup::kCompressedBranch:
      return code_.patch_half(fixup.at, static_cast<std::uint16_t>(
                                            fixup.word | c_branch(0, 8, static_cast<U32>(offset))));
  }
}

void Body::csr() {
  const U32 rd = destination(), rs = any();
  const U32 form = 1 + random_.below(3) + 4 * random_.below(2);
  const auto access = [&](U32 number) {
    return number << 20 | rs << 15 | form << 12 | rd << 7 | 0x73u;
  };
  switch (random_.below(profile_.floating ? 8 : 4)) {
    case 0: {
      if (random_.one_in(4)) return code_.word(csrr(rd, kCsrMepc));
      return code_.word(access(random_.one_in(2) ? kCsrMcause : kCsrMtval));
    }
    case 1: {  // absent ones, and writes to read-only ones
      static constexpr U32 kIllegal[] = {0x5c0, 0x8ff, 0x105, 0xc00, 0xf14, 0xc01, 0x7ff, 0x000};
      return code_.word(csrrw(rd, kIllegal[random_.below(8)], rs));
    }
    case 2:
      code_.word(addi(t0, zero, 0x80));  // MPIE; old mstatus goes nowhere, its FS may differ
      return code_.word(random_.one_in(2) ? csrrs(zero, kCsrMstatus, t0)
                                          : csrrc(zero, kCsrMstatus, t0));
    case 3:
      return identity_or_counter(rd);
    case 4:
      return code_.word(
          csrrwi(rd, kCsrFrm, random_.one_in(8) ? 5 + random_.below(3) : random_.below(5)));
    case 5:
      return code_.word(csrr(rd, kCsrFflags));
    case 6:
      return code_.word(random_.one_in(2) ? csrrw(rd, kCsrFflags, rs) : csrrwi(rd, kCsrFflags, 0));
    default: {  // F instructions while FS is off
      code_.load_immediate(t0, 0x6000);
      code_.word(csrrc(zero, kCsrMstatus, t0));
      floating();
      code_.load_immediate(t0, 0x6000);
      return code_.word(csrrs(zero, kCsrMstatus, t0));
    }
  }
}

/// What the two harts have in common, and counters, whose values no one keeps.
void Body::identity_or_counter(U32 rd) {
  static constexpr U32 kSame[] = {kCsrMhartid, kCsrMisa, kCsrMtvec, kCsrMvendorid};
  static constexpr U32 kCounters[] = {kCsrCycle,  kCsrTime,  kCsrInstret,
                                      kCsrCycleh, kCsrTimeh, kCsrInstreth};
  switch (random_.below(3)) {
    case 0:
      return code_.word(csrr(rd, kSame[random_.below(4)]));
    case 1:
      return code_.word(csrr(zero, kCounters[random_.below(6)]));
    default:  // who may read them in user mode
      return code_.word(csrrwi(zero, kCsrMcounteren, random_.below(8)));
  }
}

void Body::trap() {
  switch (random_.below(8)) {
    case 0:
      return code_.word(ecall());
    case 1:
      return profile_.compressed && random_.one_in(2) ? code_.half(0x9002) : code_.word(ebreak());
    case 2:
      return code_.word(random_.one_in(2) ? 0xffffffffu : 0x0000707bu);
    case 3:
      return profile_.compressed ? code_.half(0) : code_.word(0xffffffffu);
    case 4: {  // loads and stores of nothing
      code_.word(lui(t0, (kUnmapped >> 12) + random_.below(16)));
      const I32 offset = static_cast<I32>(random_.below(2048)) & -4;
      if (random_.one_in(2)) return code_.word(lw(destination(), offset, t0));
      return code_.word(sw(any(), offset, t0));
    }
    case 5: {  // a jump into nothing comes back behind itself
      const U32 resume = code_.here() + 4 * 6;
      code_.load_immediate(t0, resume);
      code_.load_immediate(t1, kSystem);
      code_.word(sw(t0, kResume, t1));
      return code_.word(jalr(destination(), zero, 0x400));  // the first page holds nothing
    }
    case 6:
      if (profile_.atomic) {
        code_.word(ori(t0, s0, 2));
        return code_.word(lr(destination(), t0));
      }
      return code_.word(ecall());
    default:
      return code_.word(0x10200073u);  // sret
  }
}

void Body::switch_privilege() {
  if (random_.one_in(2)) {  // to machine mode, by an ecall with mail
    code_.load_immediate(t0, kSystem);
    code_.word(sw(t0, kMailbox, t0));
    return code_.word(ecall());
  }
  code_.load_immediate(t0, 0x1800);
  code_.word(csrrc(zero, kCsrMstatus, t0));
  code_.word(auipc(t0, 0));
  code_.word(addi(t0, t0, 16));
  code_.word(csrw(kCsrMepc, t0));
  code_.word(mret());
}

void Body::protection() {
  if (random_.one_in(4)) {  // one access with the rights of user mode
    code_.load_immediate(t1, 0x1800);
    code_.word(csrrc(zero, kCsrMstatus, t1));
    address_in_data(random_.one_in(2));
    code_.word(lui(t1, 0x20));
    code_.word(csrrs(zero, kCsrMstatus, t1));
    code_.word(random_.one_in(2) ? lw(destination() | 16u, 0, t0) : sw(any(), 0, t0));
    code_.word(lui(t1, 0x20));
    return code_.word(csrrc(zero, kCsrMstatus, t1));
  }
  const U32 entry = random_.below(8);
  if (random_.one_in(2)) {  // where: inside the data, NAPOT sizes up to 4 KiB
    U32 address = (kData + random_.below(0x10000u)) >> 2;
    const U32 ones = random_.below(10);
    address = (address & ~((2u << ones) - 1)) | ((1u << ones) - 1);
    if (random_.one_in(2)) address = (kData + random_.below(0x10000u)) >> 2;
    address = (address & ~1023u) | (address & 511u);  // bit 9 clear bounds NAPOT
    code_.load_immediate(t0, address);
    code_.word(csrw(kCsrPmpaddr0 + entry, t0));
    // QEMU 7.2 looks at addresses again, and at the entry above, only when pmpcfg is written.
    for (const U32 config : {U32{kCsrPmpcfg0}, kCsrPmpcfg0 + 1u}) {
      code_.word(csrr(t0, config));
      code_.word(csrw(config, t0));
    }
    return;
  }
  U32 value = 0;
  for (U32 n = 0; n < 4; ++n) {
    static constexpr U32 kRights[] = {0, 1, 3, 4, 5, 7};
    U32 mode = random_.below(4);
    if (entry < 4 && n == 0 && mode == 1) mode = 2;  // TOR of entry 0 would begin at address 0
    const U32 lock = profile_.locks && random_.one_in(32) ? 0x80u : 0;
    value |= (kRights[random_.below(6)] | mode << 3 | lock) << (8 * n);
  }
  code_.load_immediate(t0, value);
  code_.word(csrw(kCsrPmpcfg0 + entry / 4, t0));
}

/// Writes an instruction in front of itself.
void Body::modify_code() {
  const U32 instruction = addi(destination(), any(), static_cast<I32>(random_.below(2048)));
  code_.load_immediate(t0, instruction);
  code_.word(auipc(t1, 0));
  code_.word(sh(t0, 20, t1));
  code_.word(srli(t0, t0, 16));
  code_.word(sh(t0, 22, t1));
  code_.word(fence_i());
  code_.word(addi(destination(), any(), 1));
}

}  // namespace aimc::differential
