/* SPDX-License-Identifier: Apache-2.0 */
/* The DMA engine writes a function that is called all the time: what is called next is new, without
 * a fence.i. */
#include "serial.h"

#define DMA(offset) (*(volatile uint32_t*)(0x10300000u + (offset)))
enum { ROUNDS = 50, DONE = 2 };

uint32_t patch(void), two(void), three(void);
__asm__(
    ".balign 64\npatch: li a0, 1\n ret\n"
    ".balign 64\ntwo: li a0, 2\n ret\n"
    ".balign 64\nthree: li a0, 3\n ret\n");

static struct {
  uint32_t control, next, source, destination, bytes, count1, count2, strides[4];
} descriptor __attribute__((aligned(16)));

static void copy(uint32_t source) {
  descriptor.source = source;
  descriptor.destination = (uint32_t)patch;
  descriptor.bytes = 2; /* both are c.li; the ret stays */
  descriptor.count1 = descriptor.count2 = 1;
  DMA(0x108) = (uint32_t)&descriptor;
  DMA(0x100) = 1;
  while ((DMA(0x104) & DONE) == 0) {
  }
  DMA(0x104) = DONE;
}

int main(void) {
  uint32_t wrong = patch() != 1;
  for (uint32_t i = 0; i < ROUNDS; ++i) {
    const uint32_t odd = i & 1;
    copy(odd ? (uint32_t)two : (uint32_t)three);
    for (uint32_t n = 0; n < 20; ++n) wrong += patch() != (odd ? 2 : 3);
  }
  line("wrong", wrong);
  return wrong != 0;
}
