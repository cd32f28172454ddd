/* SPDX-License-Identifier: Apache-2.0 */
/* Differences of the machine: interrupts at the PLIC, boot ROM, semihosting, and, in a second life
 * after a reset by the finisher, what a reset takes back. */
#include "probe.h"

#define BOOTS (*(volatile uint32_t*)0x80700000) /* memory that no segment fills */

static void raise(void) { UART[UART_IER] = 2; }
static void quiet(void) {
  UART[UART_IER] = 0;
  (void)UART[UART_IIR];
  for (uint32_t i = 0; i < 2; ++i) {
    const uint32_t source = PLIC(0x200004);
    PLIC(0x200004) = source;
  }
}
static void interrupt_controller(void) {
  uint32_t seen[12], n = 0;
  PLIC(40) = 3;
  PLIC(0x2000) = 1u << UART_IRQ;
  PLIC(0x200000) = 3; /* the threshold masks the interrupt: does it mask the claim? */
  raise();
  seen[n++] = csr_read(mip);
  seen[n++] = PLIC(0x200004);
  PLIC(0x200004) = UART_IRQ;
  PLIC(0x200000) = 0;
  quiet();
  raise();
  seen[n++] = PLIC(0x200004);
  PLIC(0x200004) = UART_IRQ; /* while the line is still high */
  seen[n++] = PLIC(0x1000);
  seen[n++] = csr_read(mip);
  quiet();
  PLIC(0x2000) = 0;
  raise();
  seen[n++] = csr_read(mip);
  PLIC(0x2000) = 1u << UART_IRQ;
  seen[n++] = csr_read(mip);
  quiet();
  PLIC(40) = 0;
  raise();
  PLIC(40) = 1;
  seen[n++] = csr_read(mip);
  quiet();
  PLIC(0x200000) = 7;
  PLIC(40) = 7;
  raise();
  seen[n++] = csr_read(mip);
  PLIC(0x200000) = 6;
  seen[n++] = csr_read(mip);
  PLIC(0x200000) = 0;
  quiet();
  PLIC(0x2000) = 0;
  say("mip at the threshold", seen[0]);
  say("claim at the threshold", seen[1]);
  say("claim", seen[2]);
  say("pending when completed with the line high", seen[3]);
  say("mip then", seen[4]);
  say("mip while disabled", seen[5]);
  say("mip when a pending source is enabled", seen[6]);
  say("mip when a pending source gets a priority", seen[7]);
  say("mip at the highest threshold", seen[8]);
  say("mip when the threshold goes down", seen[9]);
}

/* Which of some requests is taken, for each set that is enabled: in machine mode without and with
 * mstatus.MIE, and in user mode. */
static void requests(void) {
  enum { SOFTWARE = 1, TIMER = 2, EXTERNAL = 4 };
  static uint32_t causes[8][8][3];
  csr_write(pmpaddr0, 0xffffffffu);
  csr_write(pmpcfg0, 0x1f);
  PLIC(40) = 1;
  PLIC(0x2000) = 1u << UART_IRQ;
  for (uint32_t pending = 0; pending < 8; ++pending) {
    CLINT(0) = pending & SOFTWARE;
    set_mtimecmp((pending & TIMER) ? 0 : ~0ull);
    if (pending & EXTERNAL) raise();
    for (uint32_t enabled = 0; enabled < 8; ++enabled) {
      csr_write(mie, ((enabled & SOFTWARE) ? 0x008 : 0) | ((enabled & TIMER) ? 0x080 : 0) |
                         ((enabled & EXTERNAL) ? 0x800 : 0));
      for (uint32_t how = 0; how < 3; ++how) {
        csr_clear(mstatus, 8);
        const uint32_t code[] = {how == 1 ? csr_op(CSRRSI, ZERO, 0x300, 8) : 0x13, 0x13};
        execute(code, 2, 0, 0, how == 2 ? USER : MACHINE);
        csr_clear(mstatus, 8);
        causes[pending][enabled][how] = probe_trap.cause;
      }
    }
    csr_write(mie, 0);
    quiet();
  }
  CLINT(0) = 0;
  set_mtimecmp(~0ull);
  PLIC(0x2000) = 0;
  for (uint32_t i = 0; i < 192; ++i)
    say_at("interrupt taken", i / 24 << 8 | i / 3 % 8 << 4 | i % 3,
           causes[i / 24][i / 3 % 8][i % 3]);
}

/* slli x0, x0, 31; ebreak; srai x0, x0, 7, with a0 = 0x12 (errno), which prints nothing. */
static void semihosting(void) {
  const uint32_t code[] = {0x01f01013, EBREAK, 0x40705013};
  execute(code, 3, 0x13, 0, MACHINE);
  say("semihosting sequence ends with cause", probe_trap.cause);
}

static void rom(void) {
  for (uint32_t at = 0x1000; at < 0x1040; at += 4) say_at("boot ROM", at, *(volatile uint32_t*)at);
  const uint32_t before = *(volatile uint32_t*)0x1000;
  outcome("sw to the boot ROM", execute_one(store_op(LW), 0, 0x1000, MACHINE), 0x1000);
  say("and it changed", before ^ *(volatile uint32_t*)0x1000);
}

static const struct {
  const char* name;
  uint32_t csr, value;
} traces[] = {
    {"mscratch", 0x340, 0x1234},  {"mepc", 0x341, 0x1234},     {"mcause", 0x342, 5},
    {"mtval", 0x343, 0x1234},     {"mie", 0x304, 0x888},       {"mcounteren", 0x306, 7},
    {"mcountinhibit", 0x320, 5},  {"menvcfg", 0x30a, 1},       {"fcsr", 0x003, 0xe1},
    {"pmpaddr0", 0x3b0, 0x1234},  {"pmpaddr1", 0x3b1, 0x1234}, {"pmpcfg0", 0x3a0, 0x9f},
    {"mstatus", 0x300, 0x227880},
};
enum { TRACES = sizeof traces / sizeof traces[0] };
static uint32_t found[TRACES];

static void second_life(void) {
  for (uint32_t i = 0; i < TRACES; ++i) {
    print("after a reset ");
    say(traces[i].name, found[i]);
  }
  say("after a reset msip", CLINT(0));
  say("after a reset mtimecmp", CLINT(0x4000));
  say("after a reset upper half of mtime", CLINT(0xbffc));
  say("after a reset priority", PLIC(40));
  say("after a reset enable", PLIC(0x2000));
  say("after a reset threshold", PLIC(0x200000));
}

int main(void) {
  for (uint32_t i = 0; i < TRACES; ++i)
    found[i] = execute_one(csr_op(CSRRS, A0, traces[i].csr, ZERO), 0, 0, MACHINE);
  if (BOOTS != 0) {
    second_life();
    return 0;
  }
  interrupt_controller();
  requests();
  semihosting();
  rom();
  BOOTS = 1;
  CLINT(0) = 1;
  CLINT(0xbffc) = 5;
  set_mtimecmp(0x123456);
  PLIC(40) = 3;
  PLIC(0x2000) = 2;
  PLIC(0x200000) = 5;
  for (uint32_t i = 0; i < TRACES; ++i)
    execute_one(csr_op(CSRRW, ZERO, traces[i].csr, A0), traces[i].value, 0, MACHINE);
  *(volatile uint32_t*)0x100000 = 0x7777; /* reset */
  for (;;) {
  }
}
