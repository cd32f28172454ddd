/* SPDX-License-Identifier: Apache-2.0 */
/* Random accesses to the serial port in loopback: what each read gave goes into a sum, which must
 * be the same on QEMU. The divisor is so large that no receive timeout falls into the run there. */
#include "serial.h"

enum { ROUNDS = 100000, EVERY = 5000, DLAB = 0x80, LOOP = 0x10 };

static uint32_t seed = 12345;
static uint32_t sums[ROUNDS / EVERY];

static uint32_t random_bits(void) {
  seed = seed * 1664525u + 1013904223u;
  return seed >> 8;
}
/* One access or a few; returns what was read. */
static uint32_t step(void) {
  const uint32_t bits = random_bits(), value = bits >> 7, rare = (bits >> 4 & 7) == 0;
  uint32_t seen;
  switch (bits & 15) {
    case 0:
    case 1:
    case 2:
    case 3:
      UART[UART_DATA] = (uint8_t)value;
      return 0;
    case 4:
    case 5:
    case 6:
      return UART[UART_DATA];
    case 7:
      UART[UART_IER] = value & 15;
      return UART[UART_IER];
    case 8:
    case 9:
      return UART[UART_IIR];
    case 10: /* mostly with the FIFO on, sometimes off, cleared in part or in full */
      UART[UART_FCR] = rare ? (uint8_t)value : (uint8_t)((value & 0xf9) | 1);
      return UART[UART_IIR];
    case 11:
      UART[UART_LCR] = rare ? DLAB | 3 : (uint8_t)value & 0x7f;
      if (!rare) return UART[UART_LCR];
      seen = UART[UART_DATA] | (uint32_t)UART[UART_IER] << 8;
      UART[UART_LCR] = 3;
      return seen;
    case 12:
      UART[UART_MCR] = (uint8_t)value | LOOP;
      return UART[UART_MCR];
    case 13:
      return UART[UART_LSR];
    case 14:
      return UART[UART_MSR];
    default:
      seen = UART[UART_LSR];
      return seen | (uint32_t)UART[UART_IIR] << 8;
  }
}

int main(void) {
  UART[UART_LCR] = DLAB | 3;
  UART[UART_DATA] = 0xff;
  UART[UART_IER] = 0xff;
  UART[UART_LCR] = 3;
  UART[UART_MCR] = LOOP;
  uint32_t sum = 0;
  for (uint32_t i = 0; i < ROUNDS; ++i) {
    sum = sum * 31 + step();
    if ((i + 1) % EVERY == 0) sums[i / EVERY] = sum;
  }
  UART[UART_MCR] = 8;
  UART[UART_IER] = 0;
  UART[UART_LCR] = 3;
  UART[UART_FCR] = 0;
  for (uint32_t i = 0; i < ROUNDS / EVERY; ++i) line("sum", sums[i]);
  return 0;
}
