/* SPDX-License-Identifier: Apache-2.0 */
/* Receive timeouts by divisor and format, in loopback and with the FIFO on, as multiples of one bit
 * of divisor 1: a number that does not depend on the port's clock, so that it is the same on QEMU.
 * Five data bits with the longer stop are left out (two stop bits there, one and a half here). */
#include "serial.h"

enum { DLAB = 0x80, IER_RX = 1, LOOP = 0x18, LSR_READY = 1, LSR_IDLE = 0x40, TIMEOUT = 0xcc };
enum { REFERENCE_DIVISOR = 96, REFERENCE_BITS = 10 };

static uint32_t reference; /* ticks of mtime of four characters */

static void set_line(uint32_t divisor, uint32_t lcr) {
  UART[UART_LCR] = (uint8_t)(DLAB | lcr);
  UART[UART_DATA] = (uint8_t)divisor;
  UART[UART_IER] = (uint8_t)(divisor >> 8);
  UART[UART_LCR] = (uint8_t)lcr;
}
static void open(void) {
  UART[UART_MCR] = LOOP;
  UART[UART_FCR] = 0xc7; /* trigger at 14 */
  UART[UART_IER] = IER_RX;
}
static void close(void) {
  UART[UART_IER] = 0;
  UART[UART_FCR] = 0x07;
  UART[UART_MCR] = 0x08;
}
/* Sends a character to itself and returns when it is there. */
static uint64_t loop(char c) {
  const uint32_t before = UART[UART_LSR] & LSR_READY;
  UART[UART_DATA] = (uint8_t)c;
  while ((UART[UART_LSR] & LSR_IDLE) == 0) {
  }
  if (before == 0 && (UART[UART_LSR] & LSR_READY) == 0) print("nothing came\n");
  return mtime();
}
/* Awake, as QEMU's time goes by instructions; with few accesses, which are slow there. */
static uint32_t ticks_until_timeout(uint64_t begin) {
  while (UART[UART_IIR] != TIMEOUT)
    for (uint32_t i = 0; i < 200; ++i) __asm__ volatile("");
  return (uint32_t)(mtime() - begin);
}
static uint32_t measure(uint32_t divisor, uint32_t lcr) {
  set_line(divisor, lcr);
  open();
  const uint32_t ticks = ticks_until_timeout(loop('x'));
  close();
  return ticks;
}
/* To the nearest bit of divisor 1. */
static uint32_t in_bits(uint32_t ticks) {
  const uint32_t unit = REFERENCE_DIVISOR * REFERENCE_BITS;
  return (ticks * unit + reference / 2) / reference;
}

int main(void) {
  uint32_t formats[16], divisors[4], changed[2], latched[2];
  static const uint16_t kDivisors[4] = {1, 2, 24, 300};
  reference = measure(REFERENCE_DIVISOR, 3);
  for (uint32_t lcr = 0; lcr < 16; ++lcr)
    formats[lcr] = (lcr & 7) == 4 ? 0 : in_bits(measure(12, lcr));
  for (uint32_t i = 0; i < 4; ++i) divisors[i] = in_bits(measure(kDivisors[i], 3));

  /* A change while the port is quiet counts from the next character or read. */
  set_line(96, 3);
  open();
  const uint64_t begin = loop('a');
  set_line(12, 3);
  changed[0] = in_bits(ticks_until_timeout(begin));
  loop('b');
  set_line(24, 3);
  (void)UART[UART_DATA]; /* begins a quiet time for 'b' */
  changed[1] = in_bits(ticks_until_timeout(mtime()));
  close();

  /* Behind DLAB a read is one of the latch. */
  set_line(24, 3);
  open();
  const uint64_t start = loop('c');
  UART[UART_LCR] = DLAB | 3;
  latched[0] = UART[UART_DATA];
  UART[UART_LCR] = 3;
  latched[1] = in_bits(ticks_until_timeout(start));
  close();

  set_line(2, 3);
  for (uint32_t lcr = 0; lcr < 16; ++lcr) line("format", lcr << 16 | formats[lcr]);
  for (uint32_t i = 0; i < 4; ++i) line("divisor", (uint32_t)kDivisors[i] << 16 | divisors[i]);
  for (uint32_t i = 0; i < 2; ++i) line("changed", changed[i]);
  for (uint32_t i = 0; i < 2; ++i) line("behind the latch", latched[i]);
  while ((UART[UART_LSR] & LSR_IDLE) == 0) {
  }
  return 0;
}
