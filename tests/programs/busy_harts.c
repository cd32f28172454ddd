/* SPDX-License-Identifier: Apache-2.0 */
/* HARTS harts do the same work, each in memory of its own; the last to be done ends the run. */
#include "serial.h"

#ifndef HARTS
#define HARTS 1
#endif
#ifndef ROUNDS
#define ROUNDS 40000
#endif
enum { WORDS = 256 };

static uint32_t work[HARTS][WORDS], sums[HARTS], done;

void park(void) __attribute__((noreturn));

static uint32_t run(uint32_t* words) {
  uint32_t sum = 1;
  for (uint32_t round = 0; round < ROUNDS; ++round) {
    for (uint32_t n = 0; n < WORDS; ++n) {
      const uint32_t word = words[(n * 7 + round) % WORDS];
      sum = sum & 1 ? (sum >> 1 ^ 0xedb88320u) + word : (sum >> 1) - word;
      words[n] = word * 5 + sum;
    }
  }
  return sum;
}

int main(uint32_t hart) {
  if (hart >= HARTS) park();
  sums[hart] = run(work[hart]);
  uint32_t before;
  __asm__ volatile("amoadd.w.aqrl %0, %2, (%1)" : "=r"(before) : "r"(&done), "r"(1) : "memory");
  if (before + 1 != HARTS) park();
  for (uint32_t n = 0; n < HARTS; ++n)
    if (sums[n] != sums[0]) return 1;
  line("busy", sums[0]);
  return 0;
}
