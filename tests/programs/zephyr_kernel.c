/* SPDX-License-Identifier: Apache-2.0 */
/* What Zephyr's kernel asks of the hart on QEMU's virt machine, in its order (the code is our own):
 * locked regions for code and the interrupt stack, a stack guard by MPRV for threads in machine
 * mode, preemption by the timer with the float unit handed over on first use, a thread in user mode
 * with system calls, faults that end their thread, and power-off. */
#include "serial.h"

enum { GUARD = 1024, STACK = 4096, TICK = 10000 /* 1 ms */, SLOTS = 16, THREADS = 7 };
enum { MIE = 0x8, MPIE = 0x80, MPP = 0x1800, FS = 0x6000, FS_CLEAN = 0x4000, MPRV = 0x20000 };
enum { R = 1, W = 2, X = 4, TOR = 0x08, NAPOT = 0x18, LOCKED = 0x80, GLOBAL = 3 /* slots */ };

typedef struct {
  uint32_t ra, t[3], a[8], t3[4], mepc, mstatus, s0, sp, pad[4];
} frame_t;
typedef struct {
  uint32_t sp, callee[13]; /* for switch_to */
  uint32_t dead, user;
  uint32_t f[32], fcsr; /* while another thread owns the unit */
  uint8_t* stack;
} thread_t;
typedef struct {
  uint32_t tmp[2], kernel_sp, nested, irq_sp;
  thread_t* current;
} hart_t;

void trap_entry(void);
void thread_start(void);
void switch_to(thread_t*);
extern char tohost_page[];

uint8_t irq_stack[STACK] __attribute__((aligned(STACK)));
static uint8_t stacks[THREADS][STACK] __attribute__((aligned(STACK)));
static uint8_t user_stack[STACK] __attribute__((aligned(STACK)));
static uint32_t partition[64] __attribute__((aligned(256))); /* what the user thread may touch */
static thread_t threads[THREADS], boot;
static hart_t hart;
static thread_t* owner; /* of the float unit */
static uint32_t unit_state, float_traps, skip_faults;
static volatile uint32_t count;
static volatile uint32_t ticks;
static uint32_t global_config;

/* --- Regions: addresses first, then the whole configuration words, as Zephyr writes them. --- */
#define EACH_SLOT(op)                                                                            \
  op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) op(14) \
      op(15)
#define WRITE_SLOT(n) \
  if (first <= (n) && (n) < end) csr_write(pmpaddr##n, addresses[n]);
static void write_regions(int first, int end, const uint32_t* addresses, const uint32_t* configs) {
  EACH_SLOT(WRITE_SLOT)
  if (first < 4) csr_write(pmpcfg0, configs[0]);
  if (end > 4) csr_write(pmpcfg1, configs[1]);
  if (end > 8) csr_write(pmpcfg2, configs[2]);
  if (end > 12) csr_write(pmpcfg3, configs[3]);
}
static uint32_t address[SLOTS], config[4];
static const uint32_t zeros[SLOTS];
/* Zephyr clears before it writes, because of transient regions that older QEMUs took amiss. */
static void clear_and_write(int first, int end) {
  write_regions(first, SLOTS, zeros, zeros);
  write_regions(first, end, address, config);
}
static uint32_t napot(const void* start, uint32_t size) {
  return ((uint32_t)start | ((size - 1) >> 1)) >> 2;
}
static void protect_kernel(void) {
  address[0] = 0x80000000u >> 2;
  address[1] = (uint32_t)tohost_page >> 2;
  address[2] = napot(irq_stack, GUARD);
  config[0] = (uint32_t)(R | X | TOR | LOCKED) << 8 | (uint32_t)(NAPOT | LOCKED) << 16;
  clear_and_write(0, GLOBAL);
  global_config = config[0];
  write_regions(0, SLOTS, zeros, zeros); /* cannot undo it */
  line("pmpcfg0", csr_read(pmpcfg0));
  line("pmpaddr0", csr_read(pmpaddr0));
  line("pmpaddr1 kept", csr_read(pmpaddr1) == address[1]);
  line("pmpaddr2 kept", csr_read(pmpaddr2) == address[2]);
}
/* The guard below the stack that the thread has in machine mode, and everything else open. */
static void guard(const thread_t* thread) {
  csr_clear(mstatus, MPRV | MPP);
  address[3] = napot(thread->stack, GUARD);
  address[4] = 0xffffffffu;
  config[0] = global_config | (uint32_t)NAPOT << 24;
  config[1] = R | W | X | NAPOT;
  clear_and_write(GLOBAL, 5);
  csr_set(mstatus, MPRV);
}
void guard_current(void) { guard(hart.current); }
void guard_user(void) {
  csr_clear(mstatus, MPRV);
  address[3] = napot(user_stack, STACK);
  address[4] = napot(partition, sizeof partition);
  config[0] = global_config | (uint32_t)(R | W | NAPOT) << 24;
  config[1] = R | W | NAPOT;
  clear_and_write(GLOBAL, 5);
}

/* --- The float unit: off in every trap, given to who uses it first. --- */
#define EACH_FLOAT(op)                                                                           \
  op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) op(14) \
      op(15) op(16) op(17) op(18) op(19) op(20) op(21) op(22) op(23) op(24) op(25) op(26) op(27) \
          op(28) op(29) op(30) op(31)
#define SAVE(n) __asm__ volatile("fsw f" #n ", %0" : "=m"(owner->f[n]));
#define LOAD(n) __asm__ volatile("flw f" #n ", %0" ::"m"(hart.current->f[n]));
void float_off(void) {
  const uint32_t state = csr_read(mstatus) & FS;
  if (state != 0) unit_state = state;
  csr_clear(mstatus, FS);
}
static int is_float(uint32_t code) {
  const uint32_t opcode = code & 0x7f;
  if ((code & 3) != 3) return (code & 1) == 0 && (code >> 13 & 1) != 0; /* flw, fsw, with sp too */
  if (opcode == 0x73) return (code >> 12 & 3) != 0 && code >> 20 <= 3 && code >> 20 != 0;
  return opcode == 0x07 || opcode == 0x27 || opcode == 0x53 || (opcode & 0x73) == 0x43;
}
int float_trap(frame_t* frame) {
  uint32_t code = csr_read(mtval); /* QEMU leaves it 0 for some */
  if (code == 0)
    code = *(const uint16_t*)frame->mepc | (uint32_t)((const uint16_t*)frame->mepc)[1] << 16;
  if (!is_float(code)) return 0;
  ++float_traps;
  csr_set(mstatus, FS_CLEAN);
  if (owner != 0 && unit_state == FS) {
    EACH_FLOAT(SAVE)
    owner->fcsr = csr_read(fcsr);
  }
  owner = hart.current;
  EACH_FLOAT(LOAD)
  csr_write(fcsr, owner->fcsr);
  unit_state = FS_CLEAN;
  csr_clear(mstatus, FS);
  frame->mstatus |= FS_CLEAN;
  return 1;
}
void float_leave(frame_t* frame) {
  frame->mstatus &= ~(uint32_t)FS;
  if (owner == hart.current && hart.nested == 0) frame->mstatus |= unit_state;
}

/* --- Threads --- */
static thread_t* create(void (*entry)(void), int user) {
  thread_t* const thread = &threads[count];
  thread->stack = stacks[count];
  frame_t* const frame = (frame_t*)(thread->stack + STACK - sizeof(frame_t));
  if (user) {
    frame->mstatus = MPIE;
    frame->sp = (uint32_t)user_stack + STACK;
    thread->user = 1;
  } else {
    frame->mstatus = MPIE | MPP | MPRV;
  }
  frame->mepc = (uint32_t)entry;
  thread->sp = (uint32_t)frame;
  thread->callee[0] = (uint32_t)thread_start;
  __asm__ volatile("" ::: "memory");
  ++count; /* from here on a tick may start it */
  return thread;
}
thread_t* next_thread(void) {
  uint32_t at = (uint32_t)(hart.current - threads);
  do {
    at = at + 1 == count ? 0 : at + 1;
  } while (threads[at].dead);
  return &threads[at] == hart.current ? 0 : &threads[at];
}
static void join(const thread_t* thread) {
  while (!thread->dead) __asm__ volatile("wfi" ::: "memory");
}
static void end_current(void) {
  hart.current->dead = 1;
  if (owner == hart.current) owner = 0;
}
static void exit_thread(void) {
  register uint32_t t0 __asm__("t0") = 1;
  __asm__ volatile("ecall" ::"r"(t0) : "memory");
  __builtin_unreachable();
}

void interrupt(uint32_t number) {
  if (number != 7) {
    line("interrupt", number);
    PLIC(0) = 0;
  }
  set_mtimecmp(mtime() + TICK);
  ++ticks;
}

/* --- System calls of the user thread, and everything that goes wrong --- */
enum { SYS_VALUE = 16, SYS_SLEEP, SYS_EXIT };
static void system_call(frame_t* frame) {
  guard(hart.current);
  csr_set(mstatus, MIE); /* the kernel can be interrupted while it works for the thread */
  frame->mepc += 4;
  switch (frame->t[0]) {
    case SYS_VALUE:
      line("user says", frame->a[0]);
      break;
    case SYS_SLEEP:
      for (const uint32_t end = ticks + frame->a[0]; (int32_t)(end - ticks) > 0;)
        __asm__ volatile("wfi" ::: "memory");
      break;
    case SYS_EXIT:
      csr_clear(mstatus, MIE);
      end_current();
      return;
    default:
      frame->a[0] = 0xffffffdau; /* not implemented */
      csr_clear(mstatus, MIE);
      return;
  }
  frame->a[0] = 0;
  csr_clear(mstatus, MIE);
}
static void fault(frame_t* frame, uint32_t cause) {
  line("fault", cause);
  if (cause == 1 || cause == 5 || cause == 7) {
    const uint32_t where = csr_read(mtval) - (uint32_t)hart.current->stack;
    if (where < GUARD) {
      print("in the guard of the stack\n");
    } else {
      line("address", csr_read(mtval));
    }
  }
  if (skip_faults != 0 || hart.current->user) {
    frame->mepc += (*(const uint16_t*)frame->mepc & 3) == 3 ? 4 : 2;
  } else {
    print("thread ended\n");
    end_current();
  }
}
void exception(frame_t* frame) {
  const uint32_t cause = csr_read(mcause);
  if (cause == 8) {
    system_call(frame);
  } else if (cause == 11) {
    if (frame->t[0] == 0) print("panic\n");
    end_current();
  } else {
    fault(frame, cause);
  }
}

/* --- What the threads do --- */
static float mix(float value, uint32_t rounds) {
  for (uint32_t i = 0; i < rounds; ++i) {
    value = value * 1.0001f + 0.37f;
    if (value > 500.0f) value *= 0.003f;
  }
  return value;
}
static uint32_t bits(float value) {
  union {
    float f;
    uint32_t u;
  } both = {value};
  return both.u;
}
static volatile uint32_t results[2];
static void worker0(void) {
  results[0] = bits(mix(1.0f, 400000));
  exit_thread();
}
static void worker1(void) {
  csr_write(fcsr, 1 << 5); /* towards zero, this thread only */
  results[1] = bits(mix(2.0f, 300000));
  exit_thread();
}
static uint32_t call(uint32_t number, uint32_t argument) {
  register uint32_t t0 __asm__("t0") = number;
  register uint32_t a0 __asm__("a0") = argument;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(t0) : "memory");
  return a0;
}
static void user(void) {
  volatile uint32_t own = 0x1234;
  partition[3] = own;
  call(SYS_VALUE, partition[3]);
  call(SYS_VALUE, bits((float)(int)own / (float)(int)partition[3] + (float)(int)(own & 3)));
  call(SYS_SLEEP, 2);
  call(SYS_VALUE, call(99, 0));
  __asm__ volatile("lw t1, 0(%0)" ::"r"(0x02000000) : "t1", "memory"); /* the CLINT */
  __asm__ volatile("sw zero, 0(%0)" ::"r"(0x80000000) : "memory");     /* code */
  __asm__ volatile("csrr t1, mstatus" ::: "t1");
  __asm__ volatile("mret");
  call(SYS_EXIT, 0);
}
static uint32_t dig(uint32_t depth) {
  volatile uint32_t hole[16];
  hole[depth & 15] = depth;
  return depth == 0xffffffffu ? 0 : dig(depth + 1) + hole[depth & 15];
}
static void overflow(void) {
  results[0] = dig(0);
  exit_thread();
}
static void panic(void) {
  register uint32_t t0 __asm__("t0") = 0;
  __asm__ volatile("ecall" ::"r"(t0) : "memory");
}
static void jump_to_null(void) {
  void (*volatile nowhere)(void) = 0;
  nowhere();
}

static void main_thread(void) {
  line("mprv", csr_read(mstatus) >> 17 & 1);
  skip_faults = 1;
  print("code and the interrupt stack's guard are locked\n");
  __asm__ volatile("sw zero, 0(%0)" ::"r"(0x80000000) : "memory");
  __asm__ volatile("lw t1, 0(%0)" ::"r"(hart.current->stack + GUARD - 4) : "t1", "memory");
  csr_clear(mstatus, MPRV);
  __asm__ volatile("sw zero, 0(%0)" ::"r"(0x80000000) : "memory");
  __asm__ volatile("lw t1, 0(%0)" ::"r"(hart.current->stack + GUARD - 4) : "t1", "memory");
  __asm__ volatile("lw t1, 0(%0)" ::"r"(irq_stack) : "t1", "memory");
  csr_set(mstatus, MPRV);
  __asm__ volatile("ebreak");
  skip_faults = 0;

  thread_t* const first = create(worker0, 0);
  thread_t* const second = create(worker1, 0);
  join(first);
  join(second);
  line("first", results[0]);
  line("second", results[1]);
  line("float unit handed over", float_traps >= 2);
  join(create(user, 1));
  print("overflow\n");
  join(create(overflow, 0));
  join(create(panic, 0));
  print("null\n");
  join(create(jump_to_null, 0));
  print("power off\n");
  *(volatile uint32_t*)0x00100000 = 0x5555;
  for (;;) __asm__ volatile("wfi");
}

void kernel_main(void) {
  csr_clear(mstatus, MIE);
  csr_write(mie, 0);
  csr_write(mip, 0);
  csr_write(mtvec, (uint32_t)trap_entry);
  csr_write(mscratch, (uint32_t)&hart);
  hart.irq_sp = (uint32_t)irq_stack + STACK;
  hart.current = &boot;
  boot.stack = stacks[0];
  protect_kernel();
  set_mtimecmp(mtime() + TICK);
  csr_set(mie, 0x80);
  switch_to(create(main_thread, 0));
}
