/* SPDX-License-Identifier: Apache-2.0 */
/* Random work with the timer, software interrupts, the serial port, the DMA engine, faults and
 * sleep. When everything happened goes into one number, which must not depend on the quantum.
 * (What the DMA engine writes is not looked at before its interrupt: until then it may be ahead.)
 */
#include "serial.h"

#ifndef SEED
#define SEED 1
#endif
#ifndef ROUNDS
#define ROUNDS 2000
#endif
#define DMA(offset) (*(volatile uint32_t*)(0x10300000u + (offset)))
enum { DMA_IRQ = 41, SOFTWARE = 3, TIMER = 7, EXTERNAL = 11, WORDS = 4096, MIE = 8 };

static uint32_t seed = SEED;
static volatile uint32_t digest, events[16], dma_busy;
static volatile float sum = 1.5f;
static uint32_t area[WORDS];
static struct {
  uint32_t control, next, source, destination, bytes, count1, count2, strides[4];
} descriptor __attribute__((aligned(16)));

static uint32_t below(uint32_t limit) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % limit;
}
static void note(uint32_t value) { digest = (digest << 5 | digest >> 27) * 0x9e3779b1u ^ value; }
static void external(void) {
  const uint32_t source = PLIC(0x200004);
  note(source);
  if (source == UART_IRQ) {
    note(UART[UART_IIR]);
    if (UART[UART_LSR] & 1) note(UART[UART_DATA]);
    UART[UART_IER] = 0;
  }
  if (source == DMA_IRQ) {
    const uint32_t status = DMA(0x104);
    note(status);
    note(area[WORDS / 4] ^ area[WORDS / 2 - 1]);
    DMA(0x104) = status;
    dma_busy = 0;
  }
  PLIC(0x200004) = source;
}
__attribute__((interrupt, aligned(4))) static void handler(void) {
  const uint32_t cause = csr_read(mcause);
  note(csr_read(mcycle));
  note(csr_read(minstret));
  note(csr_read(time));
  note(cause);
  note(csr_read(mepc));
  note(csr_read(mip));
  ++events[cause & 15];
  if ((int32_t)cause >= 0) {
    note(csr_read(mtval));
    csr_write(mepc, csr_read(mepc) + 4);
  } else if ((cause & 15) == TIMER) {
    CLINT(0x4004) = 0xffffffff;
  } else if ((cause & 15) == SOFTWARE) {
    CLINT(0) = 0;
  } else {
    external();
  }
}
static void spin(uint32_t rounds) {
  __asm__ volatile("1: addi %0, %0, -1\n bgtz %0, 1b" : "+r"(rounds));
}
static void copy(void) {
  if (dma_busy) return;
  dma_busy = 1;
  descriptor.control = 1;
  descriptor.source = (uint32_t)area + below(4000);
  descriptor.destination = (uint32_t)area + WORDS + below(4000);
  descriptor.bytes = 1 + below(4000);
  descriptor.count1 = descriptor.count2 = 1;
  DMA(0x108) = (uint32_t)&descriptor;
  DMA(0x100) = 1 | 4 | 8;
}
static void sleep(void) {
  csr_clear(mstatus, MIE);
  CLINT(0x4000) = (uint32_t)mtime() + below(50);
  CLINT(0x4004) = 0;
  __asm__ volatile("wfi");
  note(csr_read(mcycle));
  csr_set(mstatus, MIE);
}
static void step(void) {
  uint32_t word = below(1u << 20);
  switch (below(16)) {
    case 0:
      return spin(below(3000));
    case 1:
      return spin(below(100));
    case 2:
      return set_mtimecmp(mtime() + below(below(2) ? 4 : 60));
    case 3:
      CLINT(0) = 1;
      return;
    case 4:
      return sleep();
    case 5:
      UART[UART_MCR] = 0x18;
      UART[UART_DATA] = (uint8_t)word;
      UART[UART_IER] = 1 + (word >> 8 & 1);
      return;
    case 6:
      note(CLINT(0xbff8));
      return note(csr_read(mcycle));
    case 7:
      note(csr_read(minstret));
      return note(csr_read(timeh));
    case 8:
      return copy();
    case 9:
      __asm__ volatile("amoadd.w %0, %0, (%1)"
                       : "+r"(word)
                       : "r"(area + 3072 + word % 1024)
                       : "memory");
      return note(word);
    case 10: /* a hole */
      __asm__ volatile(".option push\n.option norvc\nlw %0, 0(zero)\n.option pop" : "=r"(word));
      return;
    case 11:
      __asm__ volatile("ecall");
      return;
    case 12:
      sum = sum > 1e30f ? 1.0f : sum * 1.25f + (float)word;
      return;
    case 13:
      csr_clear(mstatus, MIE);
      spin(below(400));
      note(csr_read(mip));
      csr_set(mstatus, MIE);
      return;
    case 14:
      csr_write(mie, word & 0x888);
      spin(below(200));
      csr_write(mie, 0x888);
      return;
    default:
      note(UART[UART_LSR]);
      return note(UART[UART_IIR]);
  }
}

int main(void) {
  csr_write(mtvec, (uint32_t)handler);
  PLIC(4 * UART_IRQ) = 3;
  PLIC(4 * DMA_IRQ) = 4;
  PLIC(0x2000) = 1u << UART_IRQ;
  PLIC(0x2004) = 1u << (DMA_IRQ - 32);
  for (uint32_t i = 0; i < WORDS; ++i) area[i] = i * 2654435761u;
  set_mtimecmp(~0ull);
  csr_write(mie, 0x888);
  csr_set(mstatus, MIE);
  for (uint32_t i = 0; i < ROUNDS; ++i) {
    step();
    note(i);
  }
  csr_clear(mstatus, MIE);
  UART[UART_IER] = 0;
  UART[UART_MCR] = 8;
  spin(400000); /* until the serial port is done */
  line("digest", digest);
  line("sum", (uint32_t)sum);
  line("software", events[SOFTWARE]);
  line("timer", events[TIMER]);
  line("external", events[EXTERNAL]);
  return events[SOFTWARE] < ROUNDS / 40 || events[TIMER] < ROUNDS / 40;
}
