/* SPDX-License-Identifier: Apache-2.0 */
/* What larger kernels do on QEMU's virt machine beyond rtos_tick.c: vectored interrupts, contexts
 * on the threads' stacks, float registers saved only when dirty, time slices, an idle thread that
 * spins, yielding inside a critical section, a queue from the serial port's interrupt to a thread,
 * a handler that is itself interrupted by the tick. What is printed does not depend on the
 * machine's speed. */
#include "rtos_queue.h"

#include <stddef.h>

#include "serial.h"

typedef struct {
  uint32_t sp, float_saves, fcsr;
  float f[32];
  uint32_t priority, turn, wake; /* tick */
  volatile uint32_t* wait;       /* ready when it is not zero */
  uint32_t stack[256] __attribute__((aligned(16)));
} task_t;
_Static_assert(offsetof(task_t, sp) == TASK_SP, "layout");
_Static_assert(offsetof(task_t, float_saves) == TASK_SAVES, "layout");
_Static_assert(offsetof(task_t, fcsr) == TASK_FCSR, "layout");
_Static_assert(offsetof(task_t, f) == TASK_FLOAT, "layout");

enum { SENDER, SERIAL, DOWN, UP, WHOLE, IDLE, TASKS };
enum { PERIOD = 10000 /* 1 ms of 10 MHz */, LINES = 3, TO_MINUS = 2, TO_PLUS = 3 };
static task_t tasks[TASKS];
task_t* current;
volatile uint32_t nesting;
static volatile uint32_t ticks, rounds[TASKS], received, nested, interrupts;
static uint32_t expected[TASKS];
static uint64_t first, next;
static char ring[32];
static uint32_t ring_in, ring_out;

extern char vectors[];
void resume(void) __attribute__((noreturn));
void finish(int) __attribute__((noreturn));

static void fail(const char* what) {
  csr_clear(mstatus, 8);
  UART[UART_MCR] = 0x0b;
  print(what);
  print(" failed\n");
  finish(1);
}

/* The ready thread of the highest priority; among equals the one that has waited longest. */
static void schedule(void) {
  static uint32_t turn;
  task_t* best = NULL;
  for (task_t* task = tasks; task != tasks + TASKS; ++task) {
    if (task->wake > ticks || (task->wait != NULL && *task->wait == 0)) continue;
    if (best == NULL || task->priority > best->priority ||
        (task->priority == best->priority && task->turn < best->turn))
      best = task;
  }
  best->turn = ++turn;
  current = best;
}

void on_timer(void) {
  do { /* words in the order that keeps an early interrupt away */
    next += PERIOD;
    CLINT(0x4000) = 0xffffffffu;
    CLINT(0x4004) = (uint32_t)(next >> 32);
    CLINT(0x4000) = (uint32_t)next;
    ++ticks;
  } while (mtime() >= next);
  if (nesting == 1) schedule();
}

void on_external(void) {
  const uint32_t source = PLIC(0x200004);
  if (source != UART_IRQ) fail("claim");
  ++interrupts;
  csr_clear(mie, 0x800);
  const uint32_t before = ticks;
  csr_set(mstatus, 8); /* the tick interrupts this handler */
  while (ticks == before) {
  }
  csr_clear(mstatus, 8);
  csr_set(mie, 0x800);
  ++nested;
  while (UART[UART_LSR] & 1) {
    ring[ring_in++ % sizeof ring] = (char)UART[UART_DATA];
    ++received;
  }
  PLIC(0x200004) = source;
  if (nesting == 1) schedule();
}

void on_exception(void) {
  if (csr_read(mcause) != 11) fail("cause");
  ((uint32_t*)current->sp)[FRAME_PC / 4] += 4;
  schedule();
}
void on_unexpected(void) { fail("vector"); }

static void yield(void) { __asm__ volatile("ecall" ::: "memory"); }
static void sleep(uint32_t for_ticks) {
  current->wake = ticks + for_ticks;
  yield();
}

/* Sends a line to itself through the loopback; in one piece, as far as the threads see. */
static void sender(void) {
  const char* const lines[LINES] = {"first\n", "second\n", "third\n"};
  for (int i = 0; i < LINES; ++i) {
    sleep(5);
    csr_clear(mstatus, 8);
    for (const char* c = lines[i]; *c != '\0'; ++c) UART[UART_DATA] = (uint8_t)*c;
    sleep(1); /* whoever runs next has interrupts on, this thread still has not when it goes on */
    if (csr_read(mstatus) & 8) fail("critical section");
    csr_set(mstatus, 8);
  }
  for (;;) sleep(1000);
}

/* Ticks missed or invented; a slow machine gets a second to catch up. */
static uint32_t drift(void) {
  const uint32_t begin = (uint32_t)mtime();
  uint32_t difference;
  do {
    const uint32_t before = ticks;
    difference = before - (uint32_t)(mtime() - first) / PERIOD;
  } while (difference != 0 && (uint32_t)mtime() - begin < 10000000u);
  return difference;
}

static void serial(void) {
  char text[3 * 8];
  uint32_t length = 0;
  for (int lines = 0; lines < LINES;) {
    current->wait = &received;
    yield();
    current->wait = NULL;
    csr_clear(mstatus, 8);
    while (received != 0) {
      --received;
      const char c = ring[ring_out++ % sizeof ring];
      text[length++] = c;
      lines += c == '\n';
    }
    csr_set(mstatus, 8);
  }
  while (rounds[DOWN] < 3 || rounds[UP] < 3 || rounds[WHOLE] < 3) sleep(1);
  UART[UART_MCR] = 0x0b;
  for (uint32_t i = 0; i < length; ++i) put(text[i]);
  line("every handler interrupted", nested == interrupts && nested != 0);
  line("drift", drift());
  line("float threads saved", tasks[DOWN].float_saves != 0 && tasks[UP].float_saves != 0);
  line("other threads saved", tasks[SENDER].float_saves + tasks[SERIAL].float_saves +
                                  tasks[WHOLE].float_saves + tasks[IDLE].float_saves);
  finish(0);
}

/* The same each time, whatever interrupts, in one rounding mode. */
static uint32_t series(void) {
  volatile float start = 1.0f;
  union {
    float f;
    uint32_t u;
  } value = {start};
  for (int i = 0; i < 5000; ++i) value.f = value.f * 0.75f + 0.1f / (value.f + 1.0f);
  return value.u;
}
static uint32_t sum(void) {
  volatile uint32_t start = 7;
  uint32_t value = start;
  for (uint32_t i = 0; i < 20000; ++i) value = value * 31u + i;
  return value;
}
static void set_rounding(uint32_t mode) { __asm__ volatile("fsrm %0" ::"r"(mode) : "memory"); }

static void floats(uint32_t id, uint32_t rounding) {
  set_rounding(rounding);
  for (;;) {
    if (series() != expected[id] || csr_read(frm) != rounding) fail("float thread");
    ++rounds[id];
  }
}
static void down(void) { floats(DOWN, TO_MINUS); }
static void up(void) { floats(UP, TO_PLUS); }
static void whole(void) {
  for (;;) {
    if (sum() != expected[WHOLE]) fail("integer thread");
    ++rounds[WHOLE];
  }
}
/* Undisturbed, before there are interrupts. */
static void expect(void) {
  set_rounding(TO_MINUS);
  expected[DOWN] = series();
  set_rounding(TO_PLUS);
  expected[UP] = series();
  expected[WHOLE] = sum();
  line("down", expected[DOWN]);
  line("up", expected[UP]);
  line("sum", expected[WHOLE]);
}
static void idle(void) {
  for (;;) {
  }
}

static void start(uint32_t id, uint32_t priority, void (*entry)(void)) {
  task_t* task = &tasks[id];
  uint32_t* frame = &task->stack[256 - FRAME / 4];
  task->sp = (uint32_t)frame;
  task->priority = priority;
  frame[FRAME_PC / 4] = (uint32_t)entry;
  frame[FRAME_STATUS / 4] = 0x3880; /* FS initial, MPP machine, MPIE */
}

int main(void) {
  print("queue kernel\n");
  expect();
  csr_write(mtvec, (uint32_t)vectors | 1);
  start(SENDER, 2, sender);
  start(SERIAL, 3, serial);
  start(DOWN, 1, down);
  start(UP, 1, up);
  start(WHOLE, 1, whole);
  start(IDLE, 0, idle);
  PLIC(4 * UART_IRQ) = 1;
  PLIC(0x2000) = 1u << UART_IRQ;
  PLIC(0x200000) = 0;
  UART[UART_FCR] = 7;
  UART[UART_IER] = 1;
  UART[UART_MCR] = 0x1b; /* loopback */
  first = mtime();
  next = first + PERIOD;
  set_mtimecmp(next);
  csr_set(mie, 0x880);
  schedule();
  resume();
}
