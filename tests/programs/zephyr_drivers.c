/* SPDX-License-Identifier: Apache-2.0 */
/* How Zephyr's drivers for QEMU's virt machine set up and use the interrupt controllers, the timer
 * and the serial port, access by access: the order and width of what they read and write follow
 * those drivers, the code is our own. Each part runs with mtvec in direct and in vectored mode. */
#include "serial.h"

void finish(int) __attribute__((noreturn));

enum { TICK = 10000 /* 1 ms of 10 MHz */, FIFO = 16, SOURCES = 1024, UART_MCR_LOOP = 0x10 };
enum { IER_RX = 1, IER_TX = 2, IER_ERROR = 4, LSR_READY = 1, LSR_EMPTY = 0x20, LSR_IDLE = 0x40 };

static volatile uint32_t ticks, software, offloads, vectors;
static volatile uint32_t received, received_sum, timeouts, levels, overruns;
static const char* volatile output;
static uint64_t last_count;

/* --- Timer: compare values one tick after the last one that was counted. --- */
static void timer_isr(void) {
  const uint64_t now = mtime();
  const uint32_t passed = (uint32_t)(now - last_count) / TICK;
  last_count += passed * TICK;
  ticks += passed;
  set_mtimecmp(last_count + TICK);
}
static void timer_init(void) {
  last_count = mtime();
  set_mtimecmp(last_count + TICK);
  csr_set(mie, 0x80);
}
/* WFI with interrupts locked, then unlocked: the interrupt that wakes is taken behind it. */
static void idle(void) {
  csr_clear(mstatus, 8);
  __asm__ volatile("wfi");
  csr_set(mstatus, 8);
}
static void sleep_ticks(uint32_t count) {
  const uint32_t end = ticks + count + 1;
  while ((int32_t)(end - ticks) > 0) idle();
}

/* --- Serial port --- */
static void uart_init(void) {
  const uint8_t lcr = UART[UART_LCR];
  UART[UART_LCR] = 0x80 | lcr;
  UART[UART_DATA] = 2; /* 3686400 Hz / 16 / 115200 baud */
  UART[UART_IER] = 0;
  UART[UART_LCR] = lcr;
  UART[UART_LCR] = 0x03;
  UART[UART_MCR] = 0x0b;
  UART[UART_FCR] = 0x87; /* FIFO on, both cleared, trigger at 8 */
  const uint32_t fifo = UART[UART_IIR] & 0xc0;
  (void)UART[UART_DATA]; /* clears the port */
  UART[UART_IER] = 0;
  line("fifo", fifo);
  line("lsr", UART[UART_LSR]);
}
static void read_all(void) {
  while (UART[UART_LSR] & LSR_READY) {
    received_sum = received_sum * 31 + UART[UART_DATA];
    ++received;
  }
}
static void fill(void) {
  if (output != 0) { /* an interrupt for each FIFO of characters */
    for (int i = 0; i < FIFO && *output != '\0'; ++i) UART[UART_DATA] = (uint8_t)*output++;
    if (*output == '\0') output = 0;
  } else {
    UART[UART_IER] = UART[UART_IER] & (uint8_t)~IER_TX;
  }
}
/* Zephyr's callback: looks at the cached IIR until nothing is pending. */
static void uart_isr(void) {
  for (;;) {
    const uint32_t iir = UART[UART_IIR];
    if (iir & 1) return;
    switch (iir & 0x0f) {
      case 0x02:
        fill();
        break;
      case 0x04:
        ++levels;
        read_all();
        break;
      case 0x0c:
        ++timeouts;
        read_all();
        break;
      case 0x06:
        overruns += UART[UART_LSR] >> 1 & 1;
        break;
      default:
        (void)UART[UART_MSR];
    }
  }
}

/* --- Interrupt controller --- */
static void plic_init(void) {
  for (uint32_t word = 0; word < SOURCES / 32 + 1; ++word) PLIC(0x2000 + 4 * word) = 0;
  PLIC(0x200000) = 0;
  for (uint32_t source = 0; source < SOURCES; ++source) PLIC(4 * source) = 0;
  csr_set(mie, 0x800);
}
static void plic_enable(uint32_t source) {
  PLIC(0x2000 + source / 32 * 4) = PLIC(0x2000 + source / 32 * 4) | 1u << source % 32;
}
static void plic_isr(void) {
  const uint32_t source = PLIC(0x200004);
  if (source != UART_IRQ) finish(90);
  uart_isr();
  PLIC(0x200004) = source;
}

/* --- Traps --- */
static void handle(uint32_t cause) {
  if (cause == 0x80000007u) {
    timer_isr();
  } else if (cause == 0x80000003u) {
    CLINT(0) = 0;
    ++software;
  } else if (cause == 0x8000000bu) {
    plic_isr();
  } else if (cause == 11) {
    csr_write(mepc, csr_read(mepc) + 4);
    ++offloads;
  } else {
    line("cause", cause);
    line("mtval", csr_read(mtval));
    finish(91);
  }
}
__attribute__((interrupt, aligned(64))) static void direct_entry(void) { handle(csr_read(mcause)); }
#define VECTOR(name, number)                          \
  __attribute__((interrupt)) static void name(void) { \
    if (csr_read(mcause) != (number)) finish(92);     \
    vectors |= 1u << ((number)&31);                   \
    handle(number);                                   \
  }
VECTOR(on_software, 0x80000003u)
VECTOR(on_timer, 0x80000007u)
VECTOR(on_external, 0x8000000bu)
__attribute__((naked, aligned(64))) static void vector_table(void) {
  __asm__ volatile(
      ".option push\n.option norvc\n"
      "j %0\n" /* exceptions */
      "j %0\nj %0\nj %1\nj %0\nj %0\nj %0\nj %2\nj %0\nj %0\nj %0\nj %3\n"
      ".option pop" ::"i"(direct_entry),
      "i"(on_software), "i"(on_timer), "i"(on_external));
}

static void exercise(void) {
  csr_set(mstatus, 8);
  const uint64_t begin = mtime();
  sleep_ticks(3);
  line("slept long enough", mtime() - begin >= 3 * TICK);

  CLINT(0) = 1; /* as one hart interrupts another, or itself */
  while (software == 0) {
  }
  line("software interrupts", software);
  line("msip", CLINT(0));
  __asm__ volatile("ecall" ::: "memory");
  line("calls", offloads);

  output = "sent by interrupts, sixteen characters at a time\n";
  UART[UART_IER] = UART[UART_IER] | IER_TX;
  while (UART[UART_IER] & IER_TX) idle();
  line("transmitter", UART[UART_LSR] & (LSR_IDLE | LSR_EMPTY));

  UART[UART_MCR] = 0x0b | UART_MCR_LOOP; /* what is sent comes in */
  UART[UART_IER] = IER_RX | IER_ERROR;
  for (int i = 0; i < 8; ++i) UART[UART_DATA] = (uint8_t)('a' + i); /* the trigger level */
  while (received < 8) idle();
  for (int i = 0; i < 3; ++i) UART[UART_DATA] = (uint8_t)('x' + i); /* below it */
  while (received < 11) idle();
  csr_clear(mstatus, 8); /* the FIFO runs over while interrupts are locked */
  for (int i = 0; i < 18; ++i) UART[UART_DATA] = (uint8_t)('A' + i);
  csr_set(mstatus, 8);
  while (received < 11 + FIFO) idle();
  UART[UART_IER] = 0;
  UART[UART_MCR] = 0x0b;
  line("received", received);
  line("sum", received_sum);
  line("by level or timeout", levels + timeouts >= 3); /* a busy host may stretch a burst */
  line("by timeout", timeouts >= 1);
  line("overruns", overruns);
  csr_clear(mstatus, 8);
  ticks = software = offloads = received = received_sum = timeouts = levels = overruns = 0;
}

int main(void) {
  csr_clear(mstatus, 8);
  csr_write(mie, 0);
  csr_write(mip, 0);
  line("mie", csr_read(mie));
  csr_write(mtvec, (uint32_t)direct_entry);
  line("mtvec mode", csr_read(mtvec) & 3);
  plic_init();
  uart_init();
  PLIC(4 * UART_IRQ) = 1;
  plic_enable(UART_IRQ);
  line("enabled", PLIC(0x2000));
  timer_init();
  line("mie", csr_read(mie));
  csr_set(mie, 8);
  exercise();
  csr_write(mtvec, (uint32_t)vector_table | 1);
  line("mtvec mode", csr_read(mtvec) & 3);
  timer_init();
  exercise();
  line("vectors", vectors);
  csr_write(mie, 0);
  return 0; /* start.S powers off by the test device */
}
