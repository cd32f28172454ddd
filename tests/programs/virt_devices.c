/* SPDX-License-Identifier: Apache-2.0 */
/* What a program can see of QEMU's virt devices apart from their use: widths, holes, reset values,
 * what absent harts' registers do, and the corners of PLIC and serial port. Printed from a buffer,
 * because printing disturbs the port. */
#include "serial.h"

static struct {
  const char* name;
  uint32_t address, value;
} results[256];
static uint32_t used;
static volatile uint32_t faults;

__attribute__((interrupt, aligned(4))) static void handler(void) {
  const uint32_t cause = csr_read(mcause);
  faults = cause << 28 | (csr_read(mtval) & 0x0fffffff);
  if ((int32_t)cause < 0) csr_write(mie, 0);
  csr_write(mepc, csr_read(mepc) + 4);
}
static void note_at(const char* name, uint32_t address, uint32_t value) {
  results[used].name = name;
  results[used].address = address;
  results[used++].value = value;
}
static void note(const char* name, uint32_t value) { note_at(name, 0, value); }
static void show(void) {
  for (uint32_t i = 0; i < used; ++i) {
    if (results[i].address != 0) {
      print_hex(results[i].address);
      put(' ');
    }
    line(results[i].name, results[i].value);
  }
  used = 0;
}
#define LOAD(op)                                                                \
  __asm__ volatile(".option push\n.option norvc\n" op " %0, 0(%1)\n.option pop" \
                   : "=&r"(value)                                               \
                   : "r"(address), "0"(0)                                       \
                   : "memory")
/* A fault shows as its cause in the upper digit and the address below. */
static void byte_at(uint32_t address) {
  uint32_t value;
  faults = 0;
  LOAD("lbu");
  note_at("byte", address, faults != 0 ? faults : value);
}
static void half_at(uint32_t address) {
  uint32_t value;
  faults = 0;
  LOAD("lhu");
  note_at("half", address, faults != 0 ? faults : value);
}
static void word_at(uint32_t address) {
  uint32_t value;
  faults = 0;
  LOAD("lw");
  note_at("word", address, faults != 0 ? faults : value);
}
static void write_word(uint32_t address, uint32_t value) {
  faults = 0;
  __asm__ volatile("sw %0, 0(%1)" ::"r"(value), "r"(address) : "memory");
  if (faults != 0) note_at("write", address, faults);
  word_at(address);
}

static void clint(void) {
  note("mip at reset", csr_read(mip));
  note("mtimecmp at reset", CLINT(0x4000) | CLINT(0x4004));
  byte_at(0x02000000);
  half_at(0x02004000);
  write_word(0x02000000, 0xffffffff);
  note("mip", csr_read(mip));
  write_word(0x02000000, 0xfffffffe);
  /* Harts that are not there, and words that are nothing. */
  write_word(0x02000004, 1);
  write_word(0x02000ffc, 1);
  write_word(0x02004008, 5);
  write_word(0x0200bff0, 5);
  word_at(0x0200c000);
  set_mtimecmp(~0ull);
  note("mip", csr_read(mip));
  CLINT(0xbffc) = 0x12345678;
  note("high half", CLINT(0xbffc));
  note("timeh", csr_read(timeh));
  CLINT(0xbffc) = 0;
  CLINT(0x4004) = 0;
  CLINT(0x4000) = 0;
  note("compare in the past", csr_read(mip));
  set_mtimecmp(~0ull);
}

static void plic_registers(void) {
  byte_at(0x0c000028);
  half_at(0x0c000028);
  write_word(0x0c000000, 7); /* source 0 does not exist, but its word does */
  write_word(0x0c000028, 0xffffffff);
  write_word(0x0c000028, 8);
  write_word(0x0c001000, 0xffffffff);
  write_word(0x0c001080, 0xffffffff);
  write_word(0x0c002004, 0xffffffff);
  write_word(0x0c002084, 0xffffffff);
  write_word(0x0c002100, 0xffffffff); /* context 2: no such hart */
  write_word(0x0c002004, 0);
  write_word(0x0c002084, 0);
  write_word(0x0c200000, 0xffffffff);
  write_word(0x0c200000, 0);
  write_word(0x0c200008, 1);
  write_word(0x0c201000, 5);
  write_word(0x0c202000, 7);
  word_at(0x0c202004);
  word_at(0x0c5ffffc);
  word_at(0x0c600000);
}

/* The transmitter's interrupt is the source; each part leaves it off and completed. */
static void raise(void) { UART[UART_IER] = 2; }
static void drop(void) {
  UART[UART_IER] = 0;
  const uint32_t source = PLIC(0x200004);
  if (source != 0) PLIC(0x200004) = source;
}
static void plic_interrupts(void) {
  PLIC(40) = 1;
  PLIC(0x2000) = 1u << UART_IRQ;
  drop(); /* what the serial port has asked for above */
  note("claim of nothing", PLIC(0x200004));
  raise();
  note("pending", PLIC(0x1000));
  note("mip", csr_read(mip));
  note("claim", PLIC(0x200004));
  note("pending while served", PLIC(0x1000));
  note("second claim", PLIC(0x200004));
  note("mip while served", csr_read(mip));
  UART[UART_IER] = 0;
  for (uint32_t wrong = 9; wrong < 12; wrong += 2) PLIC(0x200004) = wrong;
  PLIC(0x200004) = 0;
  PLIC(0x200004) = 5000;
  raise();
  note("not completed", csr_read(mip));
  UART[UART_IER] = 0;
  PLIC(0x200004) = UART_IRQ;
  drop();

  raise();
  UART[UART_IER] = 0;
  note("kept when the line drops", PLIC(0x200004));
  PLIC(0x200004) = UART_IRQ;

  raise();
  note("claim", PLIC(0x200004));
  UART[UART_IER] = 0;
  PLIC(0x2000) = 0;
  PLIC(0x200004) = UART_IRQ; /* disabled in the meantime */
  PLIC(0x2000) = 1u << UART_IRQ;
  raise();
  note("again after a disabled completion", PLIC(0x200004));
  UART[UART_IER] = 0;
  PLIC(0x201004) = UART_IRQ; /* by another context */
  raise();
  note("again after a foreign completion", PLIC(0x200004));
  UART[UART_IER] = 0;
  PLIC(0x200004) = UART_IRQ;

  PLIC(0x200000) = 1;
  raise();
  note("at the threshold", csr_read(mip));
  PLIC(0x200000) = 0;
  note("above the threshold", csr_read(mip));
  drop();
  PLIC(40) = 0;
  raise();
  note("priority 0 is pending", PLIC(0x1000));
  note("but interrupts not", csr_read(mip));
  note("nor is claimed", PLIC(0x200004));
  PLIC(40) = 1;
  note("until it has one", csr_read(mip));
  drop();
  PLIC(0x2000) = 0;
  raise();
  note("disabled is pending", PLIC(0x1000));
  note("but interrupts not", csr_read(mip));
  note("nor is claimed", PLIC(0x200004));
  PLIC(0x2000) = 1u << UART_IRQ;
  note("until enabled", PLIC(0x200004));
  UART[UART_IER] = 0;
  PLIC(0x200004) = UART_IRQ;
}

static void uart(void) {
  for (uint32_t i = 1; i < 7; ++i) byte_at(0x10000000 + i);
  half_at(0x10000004); /* one register for each access */
  word_at(0x10000004);
  byte_at(0x10000008);
  UART[7] = 0xa5;
  note("scratch", UART[7]);
  UART[UART_LCR] = 0xff;
  note("divisor", UART[1] << 8 | (uint32_t)UART[0]);
  UART[UART_LCR] = 3;
  UART[UART_IER] = 0xff;
  note("ier", UART[UART_IER]);
  UART[UART_IER] = 0;
  UART[UART_LSR] = 0xff;
  UART[UART_MSR] = 0xff;
  note("lsr, msr", UART[UART_LSR] << 8 | (uint32_t)UART[UART_MSR]);
  for (uint32_t fcr = 0; fcr < 0x100; fcr += 0x41) {
    UART[UART_FCR] = (uint8_t)fcr;
    note_at("iir after fcr", fcr, UART[UART_IIR]);
  }
  UART[UART_FCR] = 0;
  UART[UART_MCR] = 0xff;
  note("mcr", UART[UART_MCR]);
  UART[UART_MCR] = 0x18; /* loopback */
  UART[UART_DATA] = 'a';
  UART[UART_DATA] = 'b';
  note("overrun", UART[UART_LSR]);
  note("forgotten", UART[UART_LSR]);
  note("the new one stays", UART[UART_DATA]);
  note("and can be read again", UART[UART_DATA]);
  UART[UART_IER] = 7;
  UART[UART_DATA] = 'c';
  UART[UART_DATA] = 'd';
  note("line status first", UART[UART_IIR]);
  (void)UART[UART_LSR];
  note("then data", UART[UART_IIR]);
  (void)UART[UART_DATA];
  note("then transmitter", UART[UART_IIR]);
  note("then nothing", UART[UART_IIR]);
  UART[UART_IER] = 7;
  note("nor after the same ier", UART[UART_IIR]);
  UART[UART_IER] = 5;
  UART[UART_IER] = 7;
  note("but when enabled anew", UART[UART_IIR]);
  UART[UART_IER] = 0;
  UART[UART_FCR] = 7;
  UART[UART_DATA] = 'e';
  (void)UART[UART_DATA];
  note("an empty fifo", UART[UART_DATA]);
  UART[UART_FCR] = 0;
  note("behind the fifo", UART[UART_DATA]);
  UART[UART_MCR] = 8;
}

int main(void) {
  csr_write(mtvec, (uint32_t)handler);
  clint();
  uart();
  plic_registers();
  plic_interrupts();
  half_at(0x00100000); /* the test device reads 0 */
  word_at(0x00100000);
  byte_at(0x00100000);
  word_at(0x00000000); /* nothing there */
  for (uint32_t offset = 0; offset < 0x14; offset += 4) word_at(0x10001000 + offset);
  byte_at(0x10008000); /* virtio without devices */
  write_word(0x10008070, 1);
  word_at(0x10008200);
  word_at(0x10009000);
  word_at(0x90000000);
  show();
  return 0;
}
