/* SPDX-License-Identifier: Apache-2.0 */
/* Random accesses of every size, at registers, between them and behind them, to the devices of
 * QEMU's virt machine: what each gave, or how it faulted, goes into sums that must be the same
 * there. Left out: mtime, whose value is time, the finisher but for its register, and what is
 * different on purpose (README of the interrupt controller): sources from 96 on, enable bit 0, and
 * moments at which QEMU does not look at its lines. */
#include "serial.h"

#ifndef SEED
#define SEED 1
#endif
#ifndef ROUNDS
#define ROUNDS 200000
#endif
enum { EVERY = ROUNDS / 20 };

static uint32_t seed = SEED;
static uint32_t sums[20];
static volatile uint32_t faults;
static uint32_t in_service; /* the serial port is claimed */

__attribute__((interrupt, aligned(4))) static void handler(void) {
  const uint32_t mcause = csr_read(mcause);
  faults = mcause << 28 | (csr_read(mtval) & 0x0fffffff);
  csr_write(mepc, csr_read(mepc) + 4);
}

static uint32_t random_bits(void) {
  seed = seed * 1664525u + 1013904223u;
  return seed >> 8;
}
static uint32_t below(uint32_t limit) { return random_bits() % limit; }

#define ACCESS(op, value)                                                       \
  __asm__ volatile(".option push\n.option norvc\n" op " %0, 0(%1)\n.option pop" \
                   : "+&r"(value)                                               \
                   : "r"(address)                                               \
                   : "memory")
/* The value of a load, 0 after a store; the cause and the address where it faults. */
static uint32_t access(uint32_t address, uint32_t size, uint32_t is_store, uint32_t value) {
  faults = 0;
  if (is_store) {
    if (size == 1) ACCESS("sb", value);
    if (size == 2) ACCESS("sh", value);
    if (size == 4) ACCESS("sw", value);
    value = 0;
  } else {
    value = 0;
    if (size == 1) ACCESS("lbu", value);
    if (size == 2) ACCESS("lhu", value);
    if (size == 4) ACCESS("lw", value);
  }
  return faults != 0 ? faults : value;
}
/* Words with few bits, with many, and the numbers of sources. */
static uint32_t value_to_write(void) {
  switch (below(6)) {
    case 0:
      return 0;
    case 1:
      return 0xffffffffu;
    case 2:
      return below(12);
    case 3:
      return UART_IRQ;
    default:
      return random_bits() << 8 ^ random_bits();
  }
}
static uint32_t is_time(uint32_t address) { return (address & ~7u) == 0x0200bff8u; }

static uint32_t clint_address(void) {
  switch (below(5)) {
    case 0:
      return 0x02000000 + below(0x10);
    case 1:
      return 0x02004000 + below(0x10);
    case 2:
      return 0x02000000 + below(0x4000);
    case 3:
      return 0x02004000 + below(0x8000);
    default:
      return 0x0200bfe0 + below(0x60);
  }
}
static uint32_t plic_address(void) {
  switch (below(8)) {
    case 0:
      return 0x0c000000 + below(0x1000);
    case 1:
      return 0x0c000000 + 4 * UART_IRQ;
    case 2:
      return 0x0c001000 + below(0x100);
    case 3:
      return 0x0c002000 + below(0x180);
    case 4:
      return 0x0c002000 + below(2) * 0x80;
    case 5:
    case 6:
      return 0x0c200000 + below(2) * 0x1000 + below(3) * 4;
    default:
      return 0x0c000000 + below(0x600000);
  }
}
static uint32_t address_of(uint32_t what) {
  switch (what) {
    case 0:
      return clint_address();
    case 1:
      return 0x00100000 + (below(2) ? below(8) : below(0x1000));
    case 2:
      return 0x10001000 + below(0x8000);
    case 3:
      return 0x10001000 + below(8) * 0x1000 + below(0x210);
    default:
      return plic_address();
  }
}
/* Registers that QEMU has not got, as it has fewer sources. */
static uint32_t is_absent(uint32_t address) {
  if (address < 0x0c000000) return address >> 12 == 0x100 && address > 0x00100000;
  if (address < 0x0c001000) return address >= 0x0c000180;
  return address < 0x0c002100 && (address & 0x7c) >= 12;
}
/* Where QEMU acts later, or less, it is brought to act now. */
static uint32_t plic_access(uint32_t address, uint32_t size, uint32_t is_store, uint32_t value) {
  const uint32_t context = address & ~0xfffu, claims = (address & ~0x1000u) == 0x0c200004;
  if (size != 4) return access(address, size, is_store, value);
  if (claims && is_store) UART[UART_IER] = 0; /* a line that stays high */
  if (claims && !is_store) *(volatile uint32_t*)context = 0;
  if ((address & 0xffffff7f) == 0x0c002000) value &= ~1u;
  const uint32_t seen = access(address, size, is_store, value);
  if (claims && (is_store ? value : seen) == UART_IRQ) in_service = !is_store;
  PLIC(0x200000) = PLIC(0x200000);
  return seen;
}
/* One access; returns what was seen. */
static uint32_t step(void) {
  const uint32_t what = below(8), size = 1u << (below(3) != 0 ? 2 : below(3));
  const uint32_t address = address_of(what) & -size, is_store = below(2);
  uint32_t value = value_to_write();
  if (is_time(address) || is_absent(address)) return 0;
  if (what == 0 && (value & 0x80000000u) == 0) value = 0; /* long before, or long after */
  if (what == 1 && is_store) return 0;
  const uint32_t line = below(32);
  if (line < 2 && !in_service) UART[UART_IER] = line * 2;
  const uint32_t seen = what < 4 ? access(address, size, is_store, value)
                                 : plic_access(address, size, is_store, value);
  return seen ^ (csr_read(mip) & 0x888);
}

int main(void) {
  csr_write(mtvec, (uint32_t)handler);
  CLINT(0xbffc) = 1; /* so that mtimecmp with an upper half of 0 is past, and no other near */
  uint32_t sum = 0;
  for (uint32_t i = 0; i < ROUNDS; ++i) {
    sum = sum * 31 + step();
    if ((i + 1) % EVERY == 0) sums[i / EVERY] = sum;
  }
  UART[UART_IER] = 0;
  for (uint32_t i = 0; i < 20; ++i) line("sum", sums[i]);
  return 0;
}
