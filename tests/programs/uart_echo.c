/* SPDX-License-Identifier: Apache-2.0 */
/* Echoes what the serial port receives, by interrupt and asleep between characters, until 'q'. */
#include "serial.h"

static volatile uint32_t done;

__attribute__((interrupt, aligned(4))) static void handler(void) {
  const uint32_t source = PLIC(0x200004);
  while (UART[UART_LSR] & 1) {
    const char c = (char)UART[UART_DATA];
    if (c == 'q') done = 1;
    put(c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
  }
  PLIC(0x200004) = source;
}

int main(void) {
  csr_write(mtvec, (uint32_t)handler);
  PLIC(UART_IRQ * 4) = 1;
  PLIC(0x2000) = 1u << UART_IRQ;
  UART[UART_FCR] = 0x07;
  UART[UART_MCR] = 0x0b;
  print("ready\n");
  UART[UART_IER] = 0x01;
  csr_set(mie, 0x800);
  while (!done) {
    csr_clear(mstatus, 8); /* no interrupt between the look and the sleep */
    if (!done) __asm__ volatile("wfi");
    csr_set(mstatus, 8);
  }
  print("\nbye\n");
  return 0;
}
