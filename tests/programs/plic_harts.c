/* SPDX-License-Identifier: Apache-2.0 */
/* Two harts share the interrupt controller: contexts 0 and 2 are their machine modes, a source that
 * both enable is claimed by one of them and by both in the end, and the registers of a third hart,
 * which there is not, take part in nothing. */
#include "serial.h"

enum { HARTS = 2, ENABLE = 0x2000, THRESHOLD = 0x200000, CLAIM = 0x200004 };
static uint32_t enable(uint32_t hart) { return ENABLE + 0x100 * hart; }
static uint32_t claim(uint32_t hart) { return CLAIM + 0x2000 * hart; }

static volatile uint32_t ready, taken[HARTS], sources[HARTS], woken;

__attribute__((interrupt, aligned(4))) static void handler(void) {
  const uint32_t hart = csr_read(mhartid), cause = csr_read(mcause);
  if (cause == 0x80000003u) {
    CLINT(4 * hart) = 0;
    woken |= 1u << hart;
    return;
  }
  const uint32_t source = PLIC(claim(hart));
  if (source == 0) return; /* the other one was faster */
  if (source == UART_IRQ) (void)UART[UART_IIR];
  sources[hart] = source;
  PLIC(claim(hart)) = source;
  ++taken[hart];
}
static void wait_for(const volatile uint32_t* word, uint32_t value) {
  while (*word != value) {
  }
}
/* The transmitter's interrupt, once; off again before anything is printed. */
static void raise(void) { UART[UART_IER] = 2; }
static void drop(void) { UART[UART_IER] = 0; }

static void second(uint32_t hart) {
  csr_write(mtvec, (uint32_t)handler);
  csr_write(mie, 0x808);
  csr_set(mstatus, 8);
  ready = hart;
  for (;;) __asm__ volatile("wfi");
}

int main(uint32_t hart) {
  if (hart != 0) second(hart);
  csr_write(mtvec, (uint32_t)handler);
  csr_write(mie, 0x808);
  wait_for(&ready, 1);
  PLIC(4 * UART_IRQ) = 1;
  csr_set(mstatus, 8);

  PLIC(enable(1)) = 1u << UART_IRQ;
  raise();
  wait_for(&taken[1], 1);
  drop();
  line("hart 1 alone", sources[1]);
  line("hart 0", taken[0]);

  PLIC(enable(1)) = 0;
  PLIC(enable(0)) = 1u << UART_IRQ;
  raise();
  wait_for(&taken[0], 1);
  drop();
  line("hart 0 alone", sources[0]);
  line("hart 1", taken[1]);

  PLIC(THRESHOLD) = 7; /* only hart 1 is interrupted, though both could */
  PLIC(enable(1)) = 1u << UART_IRQ;
  raise();
  wait_for(&taken[1], 2);
  drop();
  PLIC(THRESHOLD) = 0;
  line("masked hart 0", taken[0]);

  PLIC(enable(0)) = PLIC(enable(1)) = 0;
  PLIC(enable(2)) = 1u << UART_IRQ; /* no such hart */
  raise();
  drop(); /* the request stays */
  line("third context", PLIC(enable(2)));
  line("its claim", PLIC(claim(2)));
  line("pending", PLIC(0x1000));
  PLIC(enable(0)) = 1u << UART_IRQ;
  PLIC(THRESHOLD) = 0; /* QEMU looks again at writes of the threshold, not of the enables */
  wait_for(&taken[0], 2);
  line("kept for hart 0", sources[0]);

  CLINT(4 * 2) = 1; /* no such hart */
  CLINT(4) = 1;
  wait_for(&woken, 2);
  line("msip", CLINT(0) | CLINT(4) << 4 | CLINT(8) << 8);
  return 0;
}
