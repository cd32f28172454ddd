/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of every kind, for the profile: recursion, tail calls, jumps out of many calls, coroutines
 * on stacks of their own, deep recursion, all of it under interrupts that interrupt each other. */
#include "serial.h"

#define NOIPA __attribute__((noipa))

typedef struct {
  uint32_t ra, sp, s[12];
} context_t;

/* Save ra, sp and s0..s11 in *from (returning 0), then go on with *to. */
uint32_t save(context_t* from);
void restore(const context_t* to, uint32_t result) __attribute__((noreturn));
void swap(context_t* from, const context_t* to);
__asm__(
    ".text\n"
    ".macro each op\n"
    "  \\op ra, 0(a0)\n  \\op sp, 4(a0)\n  \\op s0, 8(a0)\n  \\op s1, 12(a0)\n"
    "  \\op s2, 16(a0)\n  \\op s3, 20(a0)\n  \\op s4, 24(a0)\n  \\op s5, 28(a0)\n"
    "  \\op s6, 32(a0)\n  \\op s7, 36(a0)\n  \\op s8, 40(a0)\n  \\op s9, 44(a0)\n"
    "  \\op s10, 48(a0)\n  \\op s11, 52(a0)\n"
    ".endm\n"
    ".type save, @function\n"
    "save:\n  each sw\n  li a0, 0\n  ret\n.size save, .-save\n"
    ".type restore, @function\n"
    "restore:\n  each lw\n  mv a0, a1\n  ret\n.size restore, .-restore\n"
    ".type swap, @function\n"
    "swap:\n  each sw\n  mv a0, a1\n  each lw\n  ret\n.size swap, .-swap\n");

NOIPA uint32_t fib(uint32_t n) {
  if (n < 2) return n;
  uint32_t a = fib(n - 1), b = fib(n - 2);
  __asm__ volatile("" : "+r"(a), "+r"(b));
  return a + b;
}

NOIPA uint32_t odd(uint32_t n);
NOIPA uint32_t even(uint32_t n) { return n == 0 ? 1 : odd(n - 1); }
NOIPA uint32_t odd(uint32_t n) { return n == 0 ? 0 : even(n - 1); }

static context_t home;
NOIPA void fail(uint32_t n) { restore(&home, n); }
NOIPA void try_deeper(uint32_t n) {
  fail(n);
  __asm__ volatile("");
}
NOIPA void try_something(uint32_t n) {
  try_deeper(n);
  __asm__ volatile("");
}
NOIPA uint32_t after_jump(uint32_t n) { return n + 1; }

static context_t ping_context, pong_context, main_context;
static uint32_t ping_stack[512], pong_stack[512];
NOIPA uint32_t only_ping(uint32_t n) { return n * 3; }
NOIPA uint32_t only_pong(uint32_t n) { return n * 5; }
NOIPA void give_way(context_t* from, const context_t* to) {
  swap(from, to);
  __asm__ volatile("");
}
NOIPA void ping(void) {
  for (uint32_t n = 0;; ++n) {
    only_ping(n);
    give_way(&ping_context, n < 100 ? &pong_context : &main_context);
  }
}
NOIPA void pong(void) {
  for (uint32_t n = 0;; ++n) {
    only_pong(n);
    give_way(&pong_context, &ping_context);
  }
}
NOIPA void both(void) {
  ping_context.ra = (uint32_t)ping;
  ping_context.sp = (uint32_t)(ping_stack + 512);
  pong_context.ra = (uint32_t)pong;
  pong_context.sp = (uint32_t)(pong_stack + 512);
  swap(&main_context, &ping_context);
  __asm__ volatile("");
}

NOIPA uint32_t deep(uint32_t n) {
  uint32_t below = n == 0 ? 0 : deep(n - 1) + 1;
  __asm__ volatile("" : "+r"(below));
  return below;
}
NOIPA uint32_t after_deep(uint32_t n) { return n + 1; }
static context_t deep_context;
static uint32_t deep_stack[16384], depth;
NOIPA void dive(void) {
  for (;;) {
    depth = after_deep(deep(2000));
    give_way(&deep_context, &main_context);
  }
}

static volatile uint32_t alarms, messages;
NOIPA void alarm(void) {
  set_mtimecmp(mtime() + 20);
  CLINT(0) = 1; /* interrupts this handler */
  ++alarms;
}
NOIPA void message(void) {
  CLINT(0) = 0;
  ++messages;
}
__attribute__((interrupt, aligned(4))) void handler(void) {
  const uint32_t mepc = csr_read(mepc), mstatus = csr_read(mstatus);
  if (csr_read(mcause) == 0x80000003u) {
    message();
  } else {
    set_mtimecmp(~(uint64_t)0);
    csr_set(mstatus, 8);
    alarm();
    csr_clear(mstatus, 8);
  }
  csr_write(mepc, mepc);
  csr_write(mstatus, mstatus);
}

int main(void) {
  csr_write(mtvec, (uint32_t)handler);
  csr_set(mie, 0x88);
  set_mtimecmp(0);
  csr_set(mstatus, 8);
  uint32_t wrong = fib(12) != 144;
  wrong |= even(1000) != 1;
  for (volatile uint32_t n = 1; n <= 50; ++n) {
    const uint32_t result = save(&home);
    if (result == 0) try_something(n);
    wrong |= result != n;
    after_jump(n);
  }
  both();
  deep_context.ra = (uint32_t)dive;
  deep_context.sp = (uint32_t)(deep_stack + 16384);
  for (int n = 0; n < 5; ++n) {
    give_way(&main_context, &deep_context);
    wrong |= depth != 2001;
  }
  csr_clear(mstatus, 8);
  return (int)(wrong | (alarms < 10) << 1 | (alarms != messages) << 2);
}
