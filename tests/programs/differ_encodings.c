/* SPDX-License-Identifier: Apache-2.0 */
/* Every 16-bit encoding and random 32-bit ones, each executed alone: how it ends and what it leaves
 * in registers and memory goes into sums. Left out are system instructions and c.ebreak, which
 * other programs ask for one by one, and jumps to themselves. */
#include "serial.h"

#ifndef ROUNDS
#define ROUNDS 32
#endif
#ifndef SEED
#define SEED 1
#endif
enum { EACH = 1024, AREA = 6144, CODE = 2048, DATA = 4608, REACH = 600, ECALL = 0x73 };

uint32_t encoding_before[64], encoding_after[64];
void encoding_run(const void* code);
static uint32_t area[AREA] __attribute__((aligned(4096)));
static uint32_t sum;

static void fold(uint32_t value) { sum = (sum ^ value) * 0x01000193u + (sum >> 15); }

static void fill(void) {
  for (uint32_t i = 0; i < AREA; ++i) area[i] = ECALL;
}
static void fold_data(void) {
  for (uint32_t i = DATA - REACH; i < DATA + REACH; ++i) {
    if (area[i] != ECALL) {
      fold(i);
      fold(area[i]);
      area[i] = ECALL;
    }
  }
}

/* What follows it ends the run, wherever it leads: the area is full of ecalls. */
static void try(uint32_t word) {
  volatile uint16_t* code = (volatile uint16_t*)(area + CODE);
  const int is_long = (word & 3) == 3;
  code[0] = (uint16_t)word;
  code[1] = is_long ? (uint16_t)(word >> 16) : ECALL;
  code[2] = is_long ? ECALL : 0;
  code[3] = 0;
  __asm__ volatile("fence.i" ::: "memory");
  encoding_run((const void*)code);
  code[2] = ECALL;
  fold(csr_read(mcause));
  fold(csr_read(mtval));
  fold(csr_read(mepc));
  fold(csr_read(fcsr));
  for (uint32_t i = 1; i < 64; ++i) fold(encoding_after[i]);
}

static uint32_t seed = SEED;
static uint32_t random_bits(void) {
  seed = seed * 1664525u + 1013904223u;
  const uint32_t high = seed >> 16;
  seed = seed * 1664525u + 1013904223u;
  return high << 16 | seed >> 16;
}
/* System instructions, jumps out of the area, and what jumps to itself. */
static int left_out(uint32_t word) {
  if ((word & 3) != 3) {
    return word == 0x9002 || word == 0x2001 || word == 0xa001 || (word & 0xdc7f) == 0xc001;
  }
  const uint32_t opcode = word & 0x7f;
  const int from_hole = (word >> 15 & 31) == 0; /* the tables in ip/riscv/README.md */
  if (from_hole && (opcode == 0x2f || opcode == 0x03 || opcode == 0x07)) return 1;
  return opcode == 0x73 || opcode == 0x6f || (opcode == 0x63 && (word & 0xfe000f80) == 0);
}

static void registers(void) {
  for (uint32_t i = 0; i < 32; ++i) {
    encoding_before[i] = (uint32_t)(area + DATA + i);
    encoding_before[32 + i] = (i & 1) ? 0x3f800000u + (i << 16) : 0xc2000000u - (i << 13) + i;
  }
  encoding_before[32 + 30] = 0x7fc00000;
  encoding_before[32 + 28] = 0x7f800001;
  encoding_before[32 + 26] = 1;
}

int main(void) {
  registers();
  fill();
  for (uint32_t half = 0; half < 0x10000; ++half) {
    if ((half & 3) != 3 && !left_out(half)) try(half);
    if ((half & 63) == 63) fold_data();
    if ((half & (EACH - 1)) == EACH - 1) {
      print_hex(half >> 10);
      line(" sixteen bits:", sum);
      sum = 0;
    }
  }
  for (uint32_t round = 0; round < ROUNDS; ++round) {
    for (uint32_t i = 0; i < EACH; ++i) {
      const uint32_t word = random_bits() | 3;
      if (!left_out(word)) try(word);
      if ((i & 63) == 63) fold_data();
    }
    print_hex(round);
    line(" random words:", sum);
    sum = 0;
  }
  return 0;
}
