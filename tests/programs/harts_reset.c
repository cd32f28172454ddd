/* SPDX-License-Identifier: Apache-2.0 */
/* The last of eight harts resets the platform again and again, while the others sleep, spin, lock
 * or talk to a device. All start anew, each time, at once. */
#include "serial.h"

enum { HARTS = 8, RESETS = 5, LATE = 20000 };
/* Behind the program: a reset loads that again, but leaves other memory. */
static volatile struct { uint32_t starts, late, out_of_step; }* const kept = (void*)0x80100000;

static void spin(uint32_t rounds) {
  __asm__ volatile("1: addi %0, %0, -1\n bgtz %0, 1b" : "+r"(rounds));
}
static void lock(volatile uint32_t* word) {
  uint32_t value, failed;
  do {
    __asm__ volatile("lr.w %0, (%2)\n addi %0, %0, 1\n sc.w %1, %0, (%2)"
                     : "=&r"(value), "=&r"(failed)
                     : "r"(word)
                     : "memory");
  } while (failed);
}

int main(uint32_t hart) {
  const uint32_t cycles = csr_read(mcycle), before = csr_read(time), ticks = CLINT(0xbff8);
  ++kept[hart].starts;
  kept[hart].late += cycles > LATE;
  kept[hart].out_of_step += ticks - before > 5;
  if (hart == HARTS - 1) {
    spin(10000 + kept[hart].starts * 777);
    if (kept[hart].starts <= RESETS) *(volatile uint32_t*)0x100000 = 0x7777;
  }
  while (hart == 0 && kept[HARTS - 1].starts <= RESETS) spin(100);
  if (hart == 0) {
    spin(300000);
    uint32_t wrong = 0;
    for (uint32_t n = 0; n < HARTS; ++n) {
      line("starts", kept[n].starts);
      wrong += kept[n].starts != RESETS + 1 || kept[n].late != 0 || kept[n].out_of_step != 0;
    }
    return wrong;
  }
  static volatile uint32_t word;
  for (;;) {
    if (hart % 4 == 1) __asm__ volatile("wfi");
    if (hart % 4 == 2) lock(&word);
    if (hart % 4 == 3) (void)UART[UART_LSR];
  }
}
