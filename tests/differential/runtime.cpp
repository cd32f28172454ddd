// SPDX-License-Identifier: Apache-2.0
#include "runtime.h"

#include "aimc/riscv/csr.h"

namespace aimc::differential {
namespace {

using namespace riscv;

/// MIE, MPIE, MPP, MPRV, TW: what both harts have. (FS differs by how eagerly it becomes dirty.)
constexpr U32 kStatusMask = 0x00221888u;
constexpr U32 kAllOfMemory = 15;  ///< PMP entry that lets user mode reach everything else.

/// hash = hash * 33 + value, in t1; t3 is lost.
void fold(Code& code, U32 value) {
  code.word(slli(t3, t1, 5));
  code.word(add(t1, t1, t3));
  code.word(add(t1, t1, value));
}

/// Prints the word in a0 as 8 hexadecimal digits and the character in a1.
/// Uses t0 .. t4; ra is the way back.
U32 emit_print(Code& code) {
  const U32 start = code.here();
  code.word(lui(t0, 0x10000));
  code.word(addi(t1, zero, 28));
  const U32 digit = code.here();
  code.word(alu(5, t2, a0, t1));  // srl
  code.word(andi(t2, t2, 15));
  code.word(slti(t3, t2, 10));
  code.word(addi(t2, t2, '0'));
  code.word(bne(t3, zero, 8));
  code.word(addi(t2, t2, 'a' - '0' - 10));
  code.word(sb(t2, 0, t0));
  code.word(addi(t1, t1, -4));
  code.word(bge(t1, zero, static_cast<I32>(digit - code.here())));
  code.word(sb(a1, 0, t0));
  code.word(jalr(zero, ra, 0));
  return start;
}

}  // namespace

void emit_handler(Code& code) {
  static constexpr U32 kSaved[] = {t0, t1, t2, t3, t4, t5};
  code.word(csrrw(sp, kCsrMscratch, sp));
  for (I32 n = 0; n < 6; ++n) code.word(sw(kSaved[n], 4 * n, sp));
  code.word(lw(t0, kTrapCount, sp));
  code.word(addi(t0, t0, 1));
  code.word(sw(t0, kTrapCount, sp));
  code.word(lw(t1, kTrapHash, sp));
  code.word(csrr(t2, kCsrMcause));
  fold(code, t2);
  code.word(csrr(t4, kCsrMepc));
  fold(code, t4);
  code.word(csrr(t0, kCsrMtval));
  code.word(addi(t5, zero, kCauseBreakpoint));
  code.word(bne(t2, t5, 12));
  code.word(addi(t0, zero, 0));  // mtval of ebreak may be the pc or 0; the body may read it
  code.word(csrw(kCsrMtval, zero));
  fold(code, t0);
  code.word(csrr(t0, kCsrMstatus));
  code.load_immediate(t5, kStatusMask);
  code.word(alu(7, t0, t0, t5));
  fold(code, t0);
  code.word(sw(t1, kTrapHash, sp));
  // Behind the instruction; after a failed fetch at the address left in kResume.
  code.word(sltiu(t5, t2, 2));
  code.word(bne(t5, zero, 32));
  code.word(lhu(t0, 0, t4));
  code.word(andi(t0, t0, 3));
  code.word(sltiu(t0, t0, 3));
  code.word(slli(t0, t0, 1));
  code.word(addi(t4, t4, 4));
  code.word(sub(t4, t4, t0));
  code.word(beq(zero, zero, 8));
  code.word(lw(t4, kResume, sp));
  code.word(csrw(kCsrMepc, t4));
  code.word(andi(t2, t2, -4));  // 8 and 11 become 8
  code.word(addi(t5, zero, 8));
  code.word(bne(t2, t5, 28));
  code.word(lw(t0, kMailbox, sp));
  code.word(sw(zero, kMailbox, sp));
  code.word(beq(t0, zero, 16));
  code.word(lui(t0, 2));
  code.word(addi(t0, t0, -0x800));  // MPP
  code.word(csrrs(zero, kCsrMstatus, t0));
  for (I32 n = 0; n < 6; ++n) code.word(lw(kSaved[n], 4 * n, sp));
  code.word(csrrw(sp, kCsrMscratch, sp));
  code.word(mret());
}

void emit_reserved_registers(Code& code) {
  code.load_immediate(sp, kStackWindow);
  code.load_immediate(tp, kPool);
  code.load_immediate(s0, kDataWindow);
  code.load_immediate(s1, kOffsetMask);
}

void emit_start(Code& code, bool floating, U32 iterations, const U32 registers[32]) {
  code.load_immediate(t0, kHandler);
  code.word(csrw(kCsrMtvec, t0));
  code.load_immediate(t1, kSystem);
  code.word(csrw(kCsrMscratch, t1));
  code.load_immediate(t0, iterations);
  code.word(sw(t0, kIteration, t1));
  code.load_immediate(t0, kData >> 2);  // so that no range begins at address 0
  for (U32 n = 0; n < 8; ++n) code.word(csrw(kCsrPmpaddr0 + n, t0));
  code.word(addi(t0, zero, -1));
  code.word(csrw(kCsrPmpaddr0 + kAllOfMemory, t0));
  code.load_immediate(t0, 0x1fu << 24);  // NAPOT, RWX
  code.word(csrw(kCsrPmpcfg0 + kAllOfMemory / 4, t0));
  if (floating) {
    code.load_immediate(t0, 0x6000);
    code.word(csrrs(zero, kCsrMstatus, t0));
    code.word(csrw(kCsrFcsr, zero));
    code.load_immediate(t0, kPool);
    for (U32 n = 0; n < 32; ++n) code.word(flw(n, static_cast<I32>(4 * n), t0));
  }
  for (U32 n = 1; n < 32; ++n) code.load_immediate(n, registers[n]);
  emit_reserved_registers(code);
}

void emit_iteration_end(Code& code, bool floating, U32 loop) {
  // Back to machine mode; all but ra is still as the body left it.
  code.word(sw(ra, -0x800, s0));
  code.load_immediate(ra, kSystem);
  code.word(sw(ra, kMailbox, ra));
  code.word(ecall());
  for (U32 n = 2; n < 32; ++n) code.word(sw(n, kRegisters + static_cast<I32>(4 * n), ra));
  code.word(lw(t0, -0x800, s0));
  code.word(sw(t0, kRegisters + 4, ra));
  I32 words = 32;
  if (floating) {
    code.load_immediate(t0, 0x6000);
    code.word(csrrs(zero, kCsrMstatus, t0));
    for (U32 n = 0; n < 32; ++n) code.word(fsw(n, kFloats + static_cast<I32>(4 * n), ra));
    code.word(csrr(t0, kCsrFcsr));
    code.word(sw(t0, kFloatStatus, ra));
    words = 65;
  }
  code.word(lw(t1, kStateHash, ra));
  code.word(addi(t0, ra, kRegisters + 4));
  code.word(addi(t2, ra, kRegisters + 4 * words));
  const U32 next = code.here();
  code.word(lw(t4, 0, t0));
  fold(code, t4);
  code.word(addi(t0, t0, 4));
  code.word(bne(t0, t2, static_cast<I32>(next - code.here())));
  code.word(sw(t1, kStateHash, ra));
  code.word(lw(t0, kIteration, ra));
  code.word(addi(t0, t0, -1));
  code.word(sw(t0, kIteration, ra));
  code.word(beq(t0, zero, 8 + 4 * 32));
  // The body starts with the registers it ended with.
  for (U32 n = 2; n < 32; ++n) code.word(lw(n, kRegisters + static_cast<I32>(4 * n), ra));
  code.word(lw(ra, kRegisters + 4, ra));
  code.word(lui(t0, (loop + 0x800u) >> 12));
  code.word(jalr(zero, t0, static_cast<I32>(loop << 20) >> 20));
}

void emit_report(Code& code, bool floating) {
  const U32 jump = code.here();
  code.word(0);  // over the subroutine
  const U32 print = emit_print(code);
  code.patch(jump, jal(zero, static_cast<I32>(code.here() - jump)));
  const auto call = [&] { code.word(jal(ra, static_cast<I32>(print - code.here()))); };
  // Digest of the data.
  code.load_immediate(t0, kData);
  code.load_immediate(t2, kPool);
  code.word(addi(t1, zero, 0));
  const U32 next = code.here();
  code.word(lw(t4, 0, t0));
  fold(code, t4);
  code.word(addi(t0, t0, 4));
  code.word(bne(t0, t2, static_cast<I32>(next - code.here())));
  code.word(mv(a0, t1));
  code.word(addi(a1, zero, '\n'));
  call();
  code.load_immediate(s2, kSystem);
  for (const I32 word : {I32{kTrapCount}, I32{kTrapHash}, I32{kStateHash}}) {
    code.word(lw(a0, word, s2));
    call();
  }
  // Registers, eight in a line.
  const I32 words = floating ? 65 : 32;
  code.word(addi(s3, s2, kRegisters + 4));
  code.word(addi(s4, s2, kRegisters + 4 * words));
  const U32 again = code.here();
  code.word(lw(a0, 0, s3));
  code.word(addi(a1, zero, ' '));
  code.word(addi(s3, s3, 4));
  code.word(andi(t0, s3, 31));
  code.word(bne(t0, zero, 8));
  code.word(addi(a1, zero, '\n'));
  call();
  code.word(bne(s3, s4, static_cast<I32>(again - code.here())));
  code.load_immediate(t0, 0x00100000);
  code.load_immediate(t1, 0x5555);
  code.word(sw(t1, 0, t0));
  code.word(jal(zero, 0));
}

}  // namespace aimc::differential
