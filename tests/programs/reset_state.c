/* SPDX-License-Identifier: Apache-2.0 */
/* What start-up code finds on QEMU's virt machine when it asks before it writes, at first and after
 * a reset by the program. Teaching kernels or their bits to the mstatus of reset and trust that MPP
 * is user there. */
#include "serial.h"

void finish(int) __attribute__((noreturn));

static volatile uint32_t initial = 0x11;
#define BOOTS (*(volatile uint32_t*)0x80700000) /* memory that no segment fills */

/* What a reset has to take back. */
static void leave_traces(void) {
  ++initial;
  csr_write(mscratch, 1);
  csr_write(mcounteren, 7);
  csr_write(fcsr, 0xe1);
  CLINT(0) = 1;
  set_mtimecmp(5);
  PLIC(4 * UART_IRQ) = 2;
  PLIC(0x2000) = 1u << UART_IRQ;
  PLIC(0x200000) = 3;
  UART[UART_IER] = 2;
  UART[UART_LCR] = 3;
  UART[UART_MCR] = 0x0b;
}

__attribute__((interrupt("machine"), aligned(4))) static void trap(void) {
  line("trap", csr_read(mcause));
  line("mpp", csr_read(mstatus) >> 11 & 3);
  if (BOOTS++ != 0) finish(0);
  leave_traces();
  *(volatile uint32_t*)0x100000 = 0x7777; /* reset */
  for (;;) {
  }
}

static void user(void) {
  __asm__ volatile("ecall");
  for (;;) {
  }
}

/* At power-on only: a reset leaves most of them as they are on QEMU. */
static void csrs(void) {
  line("mstatus", csr_read(mstatus)); /* start.S switched floating point on */
  line("mie", csr_read(mie));
  line("mip", csr_read(mip)); /* mtime is past the compare value */
  line("mtvec", csr_read(mtvec));
  line("mscratch", csr_read(mscratch));
  line("mepc", csr_read(mepc));
  line("mcause", csr_read(mcause));
  line("mtval", csr_read(mtval));
  line("mcounteren", csr_read(mcounteren));
  line("mcountinhibit", csr_read(mcountinhibit));
  line("fcsr", csr_read(fcsr));
  line("pmpcfg0", csr_read(pmpcfg0));
  line("pmpaddr0", csr_read(pmpaddr0));
  line("mtimecmp", CLINT(0x4000) | CLINT(0x4004));
}

int main(void) {
  line("initial", initial);
  if (BOOTS == 0) csrs();
  line("msip", CLINT(0));
  line("priority", PLIC(4 * UART_IRQ));
  line("enable", PLIC(0x2000));
  line("threshold", PLIC(0x200000));
  line("claim", PLIC(0x200004));
  line("ier", UART[UART_IER]);
  line("iir", UART[UART_IIR]);
  line("lcr", UART[UART_LCR]);
  line("mcr", UART[UART_MCR]);
  csr_write(mtvec, (uint32_t)trap);
  csr_write(pmpaddr0, 0xffffffffu);
  csr_write(pmpcfg0, 0x0f);
  csr_write(mepc, (uint32_t)user);
  __asm__ volatile("mret");
  return 1;
}
