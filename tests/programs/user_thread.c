/* SPDX-License-Identifier: Apache-2.0 */
/* What a kernel with memory protection does: a thread in user mode that sees its code and its stack
 * only, calls the kernel by ecall, is interrupted by the timer, and is caught at each thing it may
 * not do. */
#include "serial.h"

typedef struct {
  uint32_t x[31], pc, mstatus, fcsr, f[32];
} frame_t;

void trap_entry(void);
void resume(frame_t *) __attribute__((noreturn));
void finish(int) __attribute__((noreturn));

static frame_t thread;
uint32_t kernel_secret = 0x5ec7e7;
static volatile uint32_t interrupts;
uint32_t user_stack[1024] __attribute__((aligned(4096)));

enum { SYS_PRINT = 1, SYS_EXIT = 2, SYS_WAIT = 3 };

static uint32_t call(uint32_t number, uint32_t argument) {
  register uint32_t a0 __asm__("a0") = argument;
  register uint32_t a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
  return a0;
}

/* Each try traps; the kernel prints why and goes on behind the instruction, four bytes long. */
#define TRY(text) __asm__ volatile(".option push\n.option norvc\n" text "\n.option pop" ::: "memory", "t0", "t1")

static void user(void) {
  call(SYS_PRINT, 0x1111);
  user_stack[10] = 7; /* its own memory */
  call(SYS_PRINT, user_stack[10]);
  TRY("la t0, kernel_secret\nlw t1, 0(t0)");
  TRY("la t0, kernel_secret\nsw zero, 0(t0)");
  TRY("li t0, 0x10000000\nlbu t1, 0(t0)");
  TRY("li t0, 0x02000000\nsw zero, 0(t0)");
  TRY("csrr t0, mstatus");
  TRY("csrw mscratch, zero");
  TRY("mret");
  TRY("la t0, user_stack\nsw zero, -4(t0)"); /* one word below */
  TRY("la t0, main\nsw zero, 0(t0)");        /* code is not writable */
  call(SYS_WAIT, 3);
  TRY("la t0, user_stack\nla ra, 1f\njr t0\n1: nop"); /* data is not code */
  call(SYS_EXIT, 0);
}

static int in_kernel_copy;

frame_t *trap_handler(frame_t *frame) {
  const uint32_t cause = csr_read(mcause);
  const uint32_t mode = frame->mstatus >> 11 & 3;
  if (cause == 0x80000007u) {
    set_mtimecmp(mtime() + 10000);
    ++interrupts;
    return frame;
  }
  if (in_kernel_copy) { /* MPRV: the kernel's access had the thread's rights */
    line("kernel as user, cause", cause);
    frame->pc += 4;
    frame->mstatus &= ~(1u << 17);
    in_kernel_copy = 0;
    return frame;
  }
  if (cause == 8) {
    frame->pc += 4;
    const uint32_t argument = frame->x[9];
    switch (frame->x[16]) {
      case SYS_PRINT:
        line("thread says", argument);
        break;
      case SYS_WAIT:
        /* The timer interrupts a thread whatever mstatus.MIE is. */
        interrupts = 0;
        csr_set(mie, 0x80);
        set_mtimecmp(mtime() + 1000);
        frame->pc -= 4;
        frame->x[16] = 4;
        break;
      case 4:
        if (interrupts < argument) {
          frame->pc -= 4;
        } else {
          csr_clear(mie, 0x80);
          print("interrupted in user mode\n");
        }
        break;
      default:
        line("secret", kernel_secret);
        finish(0);
    }
    return frame;
  }
  line("cause", cause);
  line("mode", mode);
  if (cause == 2 || cause == 5 || cause == 7) {
    if (cause != 2) line("mtval", csr_read(mtval));
    frame->pc += 4;
  } else if (cause == 1) {
    frame->pc = frame->x[0]; /* back by ra */
  } else {
    finish(98);
  }
  return frame;
}

int main(void) {
  csr_write(mtvec, (uint32_t)trap_entry);
  csr_write(mscratch, (uint32_t)&thread);
  csr_set(mstatus, 0x2000);
  /* 0: the thread's stack, NAPOT, read and write; 1, 2: from 0x80000000 to the end of the first
   * page(s) of code, TOR, read and execute. */
  extern char tohost_page[];
  csr_write(pmpaddr0, ((uint32_t)user_stack >> 2) | (4096 / 8 - 1));
  csr_write(pmpaddr1, 0x80000000u >> 2);
  csr_write(pmpaddr2, (uint32_t)tohost_page >> 2);
  csr_write(pmpcfg0, 0x1b | 0x00 << 8 | 0x0d << 16);
  line("pmpcfg0", csr_read(pmpcfg0));
  line("pmpaddr2", csr_read(pmpaddr2));
  line("misa U", csr_read(misa) >> 20 & 1);
  /* The kernel reads with the thread's rights. */
  in_kernel_copy = 1;
  __asm__ volatile(
      ".option push\n.option norvc\n"
      "li t0, 0x1800\ncsrc mstatus, t0\n" /* MPP = user */
      "la t1, kernel_secret\nli t0, 0x20000\ncsrs mstatus, t0\nlw t1, 0(t1)\ncsrc mstatus, t0\n"
      ".option pop" ::: "t0", "t1", "memory");
  thread.x[1] = (uint32_t)&user_stack[1024];
  thread.pc = (uint32_t)user;
  thread.mstatus = 0x2080; /* user mode */
  resume(&thread);
}
