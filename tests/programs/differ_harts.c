/* SPDX-License-Identifier: Apache-2.0 */
/* What takes the reservation of a hart while another runs. */
#include "serial.h"

static volatile uint32_t reserved __attribute__((aligned(64))) = 5;
static volatile uint32_t beside, step __attribute__((aligned(64)));
static volatile uint32_t* target;

/* LR, a word to the other hart and its answer, SC; 0 if that was done. */
static uint32_t pair_around_a_store(volatile uint32_t* stored_by_the_other) {
  uint32_t failed, value;
  target = stored_by_the_other;
  __asm__ volatile(
      "fence\n lr.w %1, (%2)\n sw %4, (%3)\n1: lw t0, (%3)\n bne t0, %5, 1b\n sc.w %0, %1, (%2)"
      : "=&r"(failed), "=&r"(value)
      : "r"(&reserved), "r"(&step), "r"(1), "r"(2)
      : "t0", "memory");
  step = 0;
  return failed;
}
static uint32_t pair_around_a_loop(uint32_t turns) {
  uint32_t failed, value;
  __asm__ volatile("lr.w %1, (%3)\n1: addi %2, %2, -1\n bnez %2, 1b\n sc.w %0, %1, (%3)"
                   : "=&r"(failed), "=&r"(value), "+&r"(turns)
                   : "r"(&reserved)
                   : "memory");
  return failed;
}

static void other_hart(void) {
  for (;;) {
    while (step != 1) {
    }
    if (target == &reserved) {
      *target = 5; /* as it was */
    } else {
      *target = 6;
    }
    __asm__ volatile("fence" ::: "memory");
    step = 2;
    while (step == 2) {
    }
  }
}

int main(uint32_t hart) {
  if (hart != 0) other_hart();
  const uint32_t same = pair_around_a_store(&reserved);
  const uint32_t another = pair_around_a_store(&beside);
  line("sc after a store of the same value by another hart:", same);
  line("sc after a store of it to another word:", another);
  line("sc 1000 cycles after lr:", pair_around_a_loop(500));
  line("sc 10000 cycles after lr:", pair_around_a_loop(5000));
  return 0;
}
