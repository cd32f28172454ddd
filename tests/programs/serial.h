/* SPDX-License-Identifier: Apache-2.0 */
/* The serial port and the interrupt controllers of QEMU's virt machine, as other people's programs
 * know them: no header of this project. */
#ifndef TESTS_SERIAL_H
#define TESTS_SERIAL_H

#include <stdint.h>

#define UART ((volatile uint8_t*)0x10000000)
enum {
  UART_DATA = 0,
  UART_IER = 1,
  UART_FCR = 2,
  UART_IIR = 2,
  UART_LCR = 3,
  UART_MCR = 4,
  UART_LSR = 5,
  UART_MSR = 6
};
#define PLIC(offset) (*(volatile uint32_t*)(0x0c000000u + (offset)))
#define CLINT(offset) (*(volatile uint32_t*)(0x02000000u + (offset)))
#define UART_IRQ 10u

#define csr_read(name)                              \
  ({                                                \
    uint32_t v_;                                    \
    __asm__ volatile("csrr %0, " #name : "=r"(v_)); \
    v_;                                             \
  })
#define csr_write(name, v) __asm__ volatile("csrw " #name ", %0" ::"r"((uint32_t)(v)) : "memory")
#define csr_set(name, v) __asm__ volatile("csrs " #name ", %0" ::"r"((uint32_t)(v)) : "memory")
#define csr_clear(name, v) __asm__ volatile("csrc " #name ", %0" ::"r"((uint32_t)(v)) : "memory")

static inline void put(char c) {
  while ((UART[UART_LSR] & 0x20) == 0) {
  }
  UART[UART_DATA] = (uint8_t)c;
}
static inline void print(const char* text) {
  while (*text != '\0') put(*text++);
}
static inline void print_hex(uint32_t value) {
  for (int shift = 28; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 15]);
}
static inline void line(const char* name, uint32_t value) {
  print(name);
  put(' ');
  print_hex(value);
  put('\n');
}

/* mtime and mtimecmp of hart 0, halves apart as a 32-bit hart must. */
static inline uint64_t mtime(void) {
  uint32_t high, low;
  do {
    high = CLINT(0xbffc);
    low = CLINT(0xbff8);
  } while (CLINT(0xbffc) != high);
  return (uint64_t)high << 32 | low;
}
static inline void set_mtimecmp(uint64_t when) {
  CLINT(0x4004) = 0xffffffffu;
  CLINT(0x4000) = (uint32_t)when;
  CLINT(0x4004) = (uint32_t)(when >> 32);
}

#endif
