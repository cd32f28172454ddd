/* SPDX-License-Identifier: Apache-2.0 */
/* The serial port's interrupts through the PLIC, one enable after the other, with the loopback for
 * what comes in. The same on QEMU. */
#include "serial.h"

void finish(int) __attribute__((noreturn));
static volatile uint32_t count, seen_iir, seen_lsr, seen_data, spurious;

__attribute__((interrupt, aligned(4))) static void handler(void) {
  const uint32_t source = PLIC(0x200004);
  if (csr_read(mcause) != 0x8000000bu) finish(97);
  if (source != UART_IRQ) {
    ++spurious;
    return;
  }
  seen_iir = UART[UART_IIR];
  seen_lsr = UART[UART_LSR];
  if ((seen_iir & 0x0f) == 0x04 || (seen_iir & 0x0f) == 0x0c)
    while (UART[UART_LSR] & 1) seen_data = seen_data << 8 | UART[UART_DATA];
  ++count;
  PLIC(0x200004) = source;
}

static void wait(uint32_t wanted, uint64_t ticks) {
  const uint64_t end = mtime() + ticks;
  while (count < wanted && mtime() < end) {
  }
}
/* For an interrupt that comes: long, because QEMU's clock runs while the host has no time for it.
 */
static void wait_for(uint32_t wanted) { wait(wanted, 20000000); /* 2 s */ }
static void wait_in_vain(void) { wait(1, 200000); /* 20 ms */ }
static void show(const char* what) {
  print(what);
  put('\n');
  line("  count", count);
  line("  iir", seen_iir);
  line("  lsr", seen_lsr);
  line("  data", seen_data);
  count = seen_iir = seen_lsr = seen_data = 0;
}
static void loop(uint8_t c) { UART[UART_DATA] = c; }
static void quiet(void) {
  UART[UART_IER] = 0;
  UART[UART_MCR] = 0x0b;
}

int main(void) {
  csr_write(mtvec, (uint32_t)handler);
  PLIC(UART_IRQ * 4) = 1;
  PLIC(0x2000) = 1u << UART_IRQ;
  PLIC(0x200000) = 0;
  csr_set(mie, 0x800);
  csr_set(mstatus, 8);
  UART[UART_LCR] = 0x83;
  UART[UART_DATA] = 1; /* 115200 baud */
  UART[UART_IER] = 0;
  UART[UART_LCR] = 0x03;

  UART[UART_IER] = 0x02;
  wait_for(1);
  quiet();
  show("transmitter empty");

  UART[UART_FCR] = 0x07; /* FIFO, trigger at 1 */
  UART[UART_MCR] = 0x1b; /* loopback */
  UART[UART_IER] = 0x01;
  loop('a');
  wait_for(1);
  quiet();
  show("received one");

  UART[UART_FCR] = 0x47; /* trigger at 4 */
  UART[UART_MCR] = 0x1b;
  UART[UART_IER] = 0x01;
  loop('a');
  loop('b');
  loop('c');
  loop('d');
  wait_for(1);
  quiet();
  show("received four");

  UART[UART_FCR] = 0x87; /* trigger at 8 */
  UART[UART_MCR] = 0x1b;
  UART[UART_IER] = 0x01;
  loop('x');
  loop('y');
  wait_for(1);
  quiet();
  show("quiet below the level");

  UART[UART_FCR] = 0x00; /* no FIFO: the second character overruns */
  UART[UART_MCR] = 0x1b;
  UART[UART_IER] = 0x04;
  loop('1');
  loop('2');
  wait_for(1);
  const uint32_t lsr = UART[UART_LSR], data = UART[UART_DATA];
  quiet();
  line("overrun lsr after", lsr);
  line("overrun data", data);
  show("line status");

  PLIC(0x200000) = 1; /* the threshold masks */
  UART[UART_IER] = 0x02;
  wait_in_vain();
  show("below the threshold");
  line("pending", PLIC(0x1000));
  PLIC(0x200000) = 0;
  wait_for(1);
  quiet();
  show("threshold lowered");
  UART[UART_MCR] = 0x1f;
  const uint32_t looped = UART[UART_MSR];
  UART[UART_MCR] = 0x03;
  line("msr in loopback", looped);
  line("msr", UART[UART_MSR]);
  line("spurious", spurious);
  return 0;
}
