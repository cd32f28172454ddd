/* SPDX-License-Identifier: Apache-2.0 */
/* Harts share memory: locks of LR/SC and of AMO, counters, interrupts to each other through the
 * CLINT, a timer each. Every count that is printed is the same on any machine, however fast. */
#include "serial.h"

#ifndef HARTS
#define HARTS 8
#endif
enum { ROUNDS = 300, MESSAGES = 12, ALARMS = 4, TIMER = 0x80, SOFTWARE = 0x8 };

void park(void) __attribute__((noreturn));

static volatile uint32_t lock_reserved, lock_swapped;
static volatile uint32_t under_reserved, under_swapped; /* plain increments under those locks */
static uint32_t added, conditional, seen, highest, parity, arrived;
static uint32_t mail[HARTS]; /* bit n: hart n has written */
static volatile uint32_t received[HARTS], alarms[HARTS], early[HARTS], strange[HARTS];

#define AMO(name, address, value)                           \
  ({                                                        \
    uint32_t old_;                                          \
    __asm__ volatile(name ".w.aqrl %0, %2, (%1)"            \
                     : "=r"(old_)                           \
                     : "r"(address), "r"((uint32_t)(value)) \
                     : "memory");                           \
    old_;                                                   \
  })

/* 0 when stored. */
static uint32_t try_reserved(volatile uint32_t* word, uint32_t expected, uint32_t value) {
  uint32_t old, failed = 1;
  __asm__ volatile("lr.w.aq %0, (%2)\n bne %0, %3, 1f\n sc.w.rl %1, %4, (%2)\n1:"
                   : "=&r"(old), "+&r"(failed)
                   : "r"(word), "r"(expected), "r"(value)
                   : "memory");
  return failed;
}

static void barrier(uint32_t phase) {
  AMO("amoadd", &arrived, 1);
  while (AMO("amoor", &arrived, 0) < phase * HARTS) {
  }
}

static uint64_t compare_of(uint32_t hart) {
  return (uint64_t)CLINT(0x4004 + 8 * hart) << 32 | CLINT(0x4000 + 8 * hart);
}
static void set_compare(uint32_t hart, uint64_t when) {
  CLINT(0x4004 + 8 * hart) = 0xffffffffu;
  CLINT(0x4000 + 8 * hart) = (uint32_t)when;
  CLINT(0x4004 + 8 * hart) = (uint32_t)(when >> 32);
}

__attribute__((interrupt("machine"), aligned(4))) static void on_trap(void) {
  const uint32_t hart = csr_read(mhartid), cause = csr_read(mcause);
  if (cause == 0x80000003u) {
    CLINT(4 * hart) = 0; /* before the mail is taken, so that none is left lying */
    uint32_t from = AMO("amoswap", &mail[hart], 0);
    for (; from != 0; from &= from - 1) ++received[hart];
  } else if (cause == 0x80000007u) {
    const uint64_t due = compare_of(hart);
    if (mtime() < due) ++early[hart];
    set_compare(hart, ++alarms[hart] < ALARMS ? due + 50 * (hart + 1) : ~(uint64_t)0);
  } else {
    ++strange[hart];
    csr_write(mepc, (uint32_t)park);
  }
}

static void count(uint32_t hart) {
  for (uint32_t n = 0; n < ROUNDS; ++n) {
    while (try_reserved(&lock_reserved, 0, 1)) {
    }
    ++under_reserved;
    __asm__ volatile("fence rw, w" ::: "memory");
    lock_reserved = 0;
    while (AMO("amoswap", &lock_swapped, 1)) {
    }
    ++under_swapped;
    AMO("amoswap", &lock_swapped, 0);
    AMO("amoadd", &added, n);
    AMO("amoxor", &parity, n * 2654435761u + hart);
    AMO("amomaxu", &highest, n * HARTS + hart);
    uint32_t old;
    do {
      old = *(volatile uint32_t*)&conditional;
    } while (try_reserved(&conditional, old, old + hart + 1));
  }
  AMO("amoor", &seen, 1u << hart);
}

static void write_to_all(uint32_t hart) {
  for (uint32_t n = 0; n < MESSAGES; ++n) {
    for (uint32_t to = 0; to < HARTS; ++to) {
      if (to == hart) continue;
      AMO("amoor", &mail[to], 1u << hart);
      CLINT(4 * to) = 1;
      while (AMO("amoor", &mail[to], 0) & 1u << hart) {
      }
    }
  }
}

int main(uint32_t hart) {
  csr_write(mtvec, (uint32_t)on_trap);
  if (hart >= HARTS) park();
  count(hart);
  barrier(1);
  csr_set(mie, SOFTWARE);
  csr_set(mstatus, 8);
  write_to_all(hart);
  barrier(2);
  set_compare(hart, mtime() + 30 * (hart + 1));
  csr_set(mie, TIMER);
  while (alarms[hart] < ALARMS) {
    csr_clear(mstatus, 8);
    if (alarms[hart] < ALARMS) __asm__ volatile("wfi");
    csr_set(mstatus, 8);
  }
  barrier(3);
  if (hart != 0) park();
  line("under LR/SC lock", under_reserved);
  line("under AMO lock", under_swapped);
  line("added", added);
  line("conditional", conditional);
  line("parity", parity);
  line("highest", highest);
  line("harts seen", seen);
  for (uint32_t n = 0; n < HARTS; ++n) {
    line("messages", received[n]);
    line("alarms", alarms[n]);
    line("early or strange", early[n] + strange[n]);
  }
  return 0;
}
