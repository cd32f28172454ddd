/* SPDX-License-Identifier: Apache-2.0 */
/* What a small real-time kernel does on QEMU's virt machine: a timer tick from the CLINT, preemption
 * with a change of the whole context, yielding by ecall and by software interrupt, sleeping in WFI.
 * The order of what is printed depends on ticks only, not on the speed of the machine. */
#include "serial.h"

typedef struct {
  uint32_t x[31], pc, mstatus, fcsr, f[32];
} frame_t;

typedef struct {
  frame_t frame;
  uint32_t wake; /* tick */
  uint32_t stack[512];
} task_t;

enum { TASKS = 4, IDLE = 3, PERIOD = 20000 /* 2 ms of 10 MHz */, LAST_TICK = 24 };
static task_t tasks[TASKS];
static task_t *current;
static volatile uint32_t ticks, software, yields;
static uint64_t next;

void trap_entry(void);
void resume(frame_t *) __attribute__((noreturn));
void finish(int) __attribute__((noreturn));

static task_t *schedule(void) {
  task_t *best = &tasks[IDLE];
  for (int i = 0; i < IDLE; ++i)
    if (tasks[i].wake <= ticks && (best == &tasks[IDLE] || tasks[i].wake < best->wake))
      best = &tasks[i];
  return best;
}

frame_t *trap_handler(frame_t *frame) {
  const uint32_t cause = csr_read(mcause);
  if (cause == 0x80000007u) {
    next += PERIOD;
    set_mtimecmp(next);
    ++ticks;
  } else if (cause == 0x80000003u) {
    CLINT(0) = 0;
    ++software;
  } else if (cause == 11) {
    frame->pc += 4;
    ++yields;
  } else {
    line("unexpected cause", cause);
    finish(99);
  }
  current = schedule();
  return &current->frame;
}

/* Gives way at least once, so that who has waited longer comes first on a slow machine too. */
static void sleep_until(uint32_t tick) {
  current->wake = tick;
  if (tick & 1) CLINT(0) = 1; /* taken at once or after a moment */
  do {
    __asm__ volatile("ecall" ::: "memory");
  } while (ticks < tick);
}

static void task_even(void) {
  for (uint32_t tick = 2;; tick += 2) {
    sleep_until(tick);
    line("even", tick);
  }
}
static void task_third(void) {
  for (uint32_t tick = 3;; tick += 3) {
    sleep_until(tick);
    line("third", tick);
    if (tick == LAST_TICK) finish(0);
  }
}
/* Keeps integer and floating-point registers busy; a wrong context shows in the sums. */
static void task_busy(void) {
  for (uint32_t round = 1;; ++round) {
    uint32_t sum = 0;
    float value = 1.0f, scale = 1.0001f;
    const uint32_t until = 5 * round;
    for (int i = 0; i < 20000; ++i) {
      sum = sum * 31u + (uint32_t)i;
      value = value * scale + 0.5f;
      if (value > 1000.0f) value *= 0.001f;
    }
    union {
      float f;
      uint32_t u;
    } bits = {value};
    sleep_until(until);
    line("sum", sum);
    line("value", bits.u);
  }
}
static void task_idle(void) {
  for (;;) __asm__ volatile("wfi");
}

static void start(task_t *task, void (*entry)(void)) {
  task->frame.x[1] = (uint32_t)&task->stack[512]; /* sp */
  task->frame.pc = (uint32_t)entry;
  task->frame.mstatus = 0x3880; /* FS dirty enough, MPP machine, MPIE */
}

int main(void) {
  csr_write(mtvec, (uint32_t)trap_entry);
  csr_set(mstatus, 0x2000);
  start(&tasks[0], task_even);
  start(&tasks[1], task_third);
  start(&tasks[2], task_busy);
  start(&tasks[IDLE], task_idle);
  next = mtime() + PERIOD;
  set_mtimecmp(next);
  csr_set(mie, 0x88);
  print("tick kernel\n");
  current = &tasks[2];
  resume(&current->frame);
}
