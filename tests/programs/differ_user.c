/* SPDX-License-Identifier: Apache-2.0 */
/* Privilege: mstatus and its neighbours field by field, mret, WFI, interrupts and their vectors,
 * state of floating point, counters. */
#include "probe.h"

static uint32_t sink;

static void allow_user(uint32_t config) {
  csr_write(pmpaddr0, 0xffffffffu);
  csr_write(pmpcfg0, config);
}

/* Bits of mstatus after a write of this to it as mret, a trap or the hardware left it. */
static void mstatus_writes(void) {
  static const uint32_t values[] = {
      0,       0x0800,  0x1000,  0x1800,   0x2000,   0x4000,   0x6000, 0x8000, 0x18000,   0x20000,
      0x21800, 0x40000, 0x80000, 0x100000, 0x200000, 0x400000, 0x88,   0x22,   0x80000000};
  for (uint32_t i = 0; i < sizeof values / sizeof values[0]; ++i) {
    csr_write(mstatus, 0x1800);
    csr_write(mstatus, values[i]);
    say_at("mstatus after", values[i], csr_read(mstatus));
    csr_write(mstatus, 0);
    csr_write(mstatus, values[i]);
    say_at("mstatus from 0 after", values[i], csr_read(mstatus));
  }
  csr_write(mstatus, 0x3800);
}

static void mtvec_writes(void) {
  for (uint32_t low = 0; low < 8; ++low) {
    csr_write(mtvec, 0x80001000);
    csr_write(mtvec, 0x80002000 + low);
    say_at("mtvec after direct", low, csr_read(mtvec));
    csr_write(mtvec, 0x80001001);
    csr_write(mtvec, 0x80002000 + low);
    say_at("mtvec after vectored", low, csr_read(mtvec));
  }
  for (uint32_t low = 0; low < 4; ++low) {
    csr_write(mepc, 0x80001000 + low);
    say_at("mepc", low, csr_read(mepc));
  }
  csr_set(mepc, 1);
  say("mepc with its lowest bit set", csr_read(mepc));
  for (uint32_t bit = 0; bit < 32; ++bit) {
    csr_write(mcause, 1u << bit);
    if (csr_read(mcause) != 1u << bit) say_at("mcause refuses", bit, csr_read(mcause));
  }
}

/* Where mret with this mstatus leads: user code ends by its ecall. */
static uint32_t mret_with(uint32_t status) {
  /* csrw mstatus, a0; csrw mepc, a1; mret */
  const uint32_t code[] = {csr_op(CSRRW, ZERO, 0x300, A0), csr_op(CSRRW, ZERO, 0x341, A1), MRET};
  static const uint32_t ends = ECALL;
  execute(code, 3, status, (uint32_t)&ends, MACHINE);
  return probe_trap.cause;
}
static void returns(void) {
  csr_write(pmpcfg0, 0);
  probe_call(probe_code, 0, 0, USER);
  outcome("mret to user mode without any entry of memory protection", 0, 0);
  allow_user(0x1f);
  for (uint32_t mpp = 0; mpp < 4; ++mpp) {
    for (uint32_t mprv = 0; mprv < 2; ++mprv) {
      for (uint32_t mpie = 0; mpie < 2; ++mpie) {
        const uint32_t status = mpp << 11 | mprv << 17 | mpie << 7;
        say_at("mret ends with cause", status, mret_with(status));
        say_at("mret leaves mstatus", status, probe_trap.mstatus & ~0x1800u);
        say_at("and mpp", status, probe_trap.mstatus >> 11 & 3);
      }
    }
  }
  csr_write(mstatus, 0x3800);
}

static void waiting(void) {
  csr_write(mie, 0x88);
  CLINT(0) = 1; /* so that WFI has no need to wait */
  csr_write(mstatus, 0x3800);
  outcome("wfi in machine mode", execute_one(WFI, 7, 0, MACHINE), 0);
  csr_set(mstatus, 0x200000);
  outcome("wfi in machine mode with TW", execute_one(WFI, 7, 0, MACHINE), 0);
  csr_write(mie, 0);
  set_mtimecmp(~0ull);
  csr_set(mie, 0x08);
  for (uint32_t tw = 0; tw < 2; ++tw) {
    csr_clear(mstatus, 0x200000);
    if (tw) csr_set(mstatus, 0x200000);
    /* In user mode interrupts are on: it is the wfi or the interrupt before it. */
    outcome(tw ? "wfi in user mode with TW and interrupt" : "wfi in user mode with interrupt",
            execute_one(WFI, 7, 0, USER), 0);
  }
  csr_write(mie, 0);
  set_mtimecmp(mtime() + 100);
  CLINT(0) = 0;
  csr_write(mie, 0x80);
  csr_set(mstatus, 0x200000);
  outcome("wfi in user mode with TW", execute_one(WFI, 7, 0, USER), 0);
  csr_clear(mstatus, 0x200000);
  set_mtimecmp(mtime() + 100);
  outcome("wfi in user mode", execute_one(WFI, 7, 0, USER), 0);
  csr_write(mie, 0);
  set_mtimecmp(~0ull);
}

/* Vectored traps: t0 tells the entry that was taken. */
void vector_table(void);
volatile uint32_t vector_taken;
__asm__(
    ".option push\n.option norvc\n.balign 256\n"
    "vector_table:\n"
    ".rept 32\n  jal t0, 1f\n.endr\n"
    "1: la t1, vector_taken\n  sw t0, 0(t1)\n  j probe_trapped\n"
    ".option pop\n");

static void vectored(const char* name, uint32_t word, uint32_t enabled, uint32_t level) {
  csr_write(mie, enabled);
  const uint32_t code[] = {csr_op(CSRRSI, ZERO, 0x300, 8), word};
  probe_handler = (uint32_t)vector_table + 1;
  execute(level == MACHINE ? code : &word, level == MACHINE ? 2 : 1, 0, 0, level);
  csr_write(mie, 0);
  probe_handler = (uint32_t)probe_trapped;
  say(name, (vector_taken - (uint32_t)vector_table) / 4 - 1);
}
static void vectors(void) {
  CLINT(0) = 1;
  set_mtimecmp(0);
  vectored("vector of an ecall", ECALL, 0, MACHINE);
  vectored("vector of an ecall of user mode", ECALL, 0, USER);
  vectored("vector of an illegal instruction", 0, 0, MACHINE);
  vectored("vector of the software interrupt", 0x13, 8, MACHINE);
  vectored("vector of the timer interrupt", 0x13, 0x80, MACHINE);
  vectored("vector of both in user mode", 0x13, 0x88, USER);
  CLINT(0) = 0;
  set_mtimecmp(~0ull);
}

static void pending_bits(void) {
  csr_write(mie, 0);
  CLINT(0) = 0;
  set_mtimecmp(~0ull);
  say("mip without requests", csr_read(mip));
  csr_write(mip, 0xffffffff);
  say("mip after ones", csr_read(mip) & 0x888);
  csr_write(mip, 0);
}

static uint32_t state_after(uint32_t word, uint32_t fs) {
  csr_clear(mstatus, 0x6000);
  csr_set(mstatus, fs << 13);
  execute_one(word, 0, (uint32_t)&sink, MACHINE);
  if (trapped()) return 0xbad;
  return csr_read(mstatus) >> 13 & 3;
}
static void float_state(void) {
  static const struct {
    const char* name;
    uint32_t word;
  } words[] = {
      {"feq.s", 0xa0002553},
      {"flt.s", 0xa0001553},
      {"fle.s", 0xa0000553},
      {"fcvt.w.s", 0xc0000553},
      {"fcvt.s.w", 0xd0050053},
      {"fclass.s", 0xe0001553},
      {"fmv.x.w", 0xe0000553},
      {"fmv.w.x", 0xf0050053},
      {"fsgnj.s", 0x20000053},
      {"fadd.s", 0x00007053},
      {"fmin.s", 0x28000053},
      {"flw", 0x0005a007},
      {"fsw", 0x0005a027},
      {"csrr fflags", csr_op(CSRRS, A0, 1, ZERO)},
      {"csrr frm", csr_op(CSRRS, A0, 2, ZERO)},
      {"csrsi fflags, 0", csr_op(CSRRSI, A0, 1, 0)},
      {"csrsi fflags, 1", csr_op(CSRRSI, A0, 1, 1)},
      {"csrwi frm, 0", csr_op(CSRRWI, A0, 2, 0)},
      {"csrrc fcsr, a0", csr_op(CSRRC, A0, 3, A0)},
  };
  for (uint32_t i = 0; i < sizeof words / sizeof words[0]; ++i) {
    for (uint32_t fs = 0; fs < 4; ++fs) {
      say_at(words[i].name, fs, state_after(words[i].word, fs));
    }
  }
  csr_set(mstatus, 0x6000);
  csr_write(fcsr, 0x1f); /* all flags there, so the comparison changes none */
  csr_clear(mstatus, 0x6000);
  csr_set(mstatus, 0x4000);
  say("FS after a comparison without new flags", state_after(0xa0002553, 2));
  for (uint32_t mode = 0; mode < 8; ++mode) {
    csr_write(frm, mode);
    execute_one(0x00007053, 0, 0, MACHINE);
    say_at("fadd.s with frm", mode, probe_trap.cause);
    execute_one(0xa0002553, 0, 0, MACHINE);
    say_at("feq.s with frm", mode, probe_trap.cause);
    execute_one(0x20000053, 0, 0, MACHINE);
    say_at("fsgnj.s with frm", mode, probe_trap.cause);
    execute_one(0xf0050053, 0, 0, MACHINE);
    say_at("fmv.w.x with frm", mode, probe_trap.cause);
  }
  csr_write(fcsr, 0);
}

static void csr_corners(void) {
  outcome("csrrs mvendorid with a register that holds 0",
          execute_one(csr_op(CSRRS, A0, 0xf11, A0), 0, 0, MACHINE), 0);
  outcome("csrrc cycleh with a register that holds 0",
          execute_one(csr_op(CSRRC, A0, 0xc80, A0), 0, 0, MACHINE), 0);
  outcome("csrrsi mvendorid, 0", execute_one(csr_op(CSRRSI, A0, 0xf11, 0), 0, 0, MACHINE), 0);
  outcome("csrrw x0, mvendorid, x0", execute_one(csr_op(CSRRW, ZERO, 0xf11, ZERO), 0, 0, MACHINE),
          0);
  outcome("csrrw of the register itself", execute_one(csr_op(CSRRW, A0, 0x340, A0), 5, 0, MACHINE),
          0);
  outcome("misa written", execute_one(csr_op(CSRRW, A0, 0x301, ZERO), 5, 0, MACHINE), 0);
  say("misa", csr_read(misa));
  csr_write(minstret, 100);
  say("minstret after a write of 100", csr_read(minstret));
  csr_write(mcountinhibit, 5);
  csr_write(minstret, 100);
  csr_write(mcycle, 200);
  say("inhibited minstret", csr_read(minstret));
  say("inhibited mcycle", csr_read(mcycle));
  csr_write(mcountinhibit, 0);
  csr_write(minstreth, 7);
  csr_write(minstret, 0xffffffff);
  __asm__ volatile("nop; nop");
  say("minstreth after a carry", csr_read(minstreth));
}

static void counters(void) {
  const uint32_t nops[] = {csr_op(CSRRS, T0, 0xb02, ZERO), 0x13,      0x13, 0x13,
                           csr_op(CSRRS, A0, 0xb02, ZERO), 0x40550533 /* sub a0, a0, t0 */};
  say("minstret over three nops", execute(nops, 6, 0, 0, MACHINE));
  uint32_t before = csr_read(minstret);
  execute_one(ECALL, 0, 0, MACHINE);
  const uint32_t with_trap = csr_read(minstret) - before;
  before = csr_read(minstret);
  execute_one(0x13, 0, 0, MACHINE);
  say("ecall, its handler and the way back less a nop's",
      with_trap - (csr_read(minstret) - before));
  set_mtimecmp(mtime() + 1000); /* 100 us */
  csr_write(mie, 0x80);
  const uint32_t start = csr_read(mcycle);
  const uint32_t over_wfi[] = {csr_op(CSRRS, T0, 0xb02, ZERO), WFI, csr_op(CSRRS, A0, 0xb02, ZERO),
                               0x40550533 /* sub a0, a0, t0 */};
  const uint32_t retired = execute(over_wfi, 4, 0, 0, MACHINE);
  say("mcycle counts 100 us of sleep", csr_read(mcycle) - start > 90000);
  say("minstret stands still in it", retired < 10);
  csr_write(mie, 0);
  set_mtimecmp(~0ull);
}

int main(void) {
  counters();
  allow_user(0x1f);
  mstatus_writes();
  mtvec_writes();
  returns();
  waiting();
  pending_bits();
  vectors();
  float_state();
  csr_corners();
  return 0;
}
