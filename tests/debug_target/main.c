/* SPDX-License-Identifier: Apache-2.0 */
/* The program that the debugger's tests drive. Each part is a function with something to look at; the
 * `want_...` variables are zero unless a debugger sets them. */
#include <stdint.h>

#define MSIP(hart) (*(volatile uint32_t *)(0x02000000u + 4u * (hart)))
#define MTIMECMP ((volatile uint32_t *)0x02004000u)
#define MTIME_LOW (*(volatile uint32_t *)0x0200bff8u)
#define DMA(offset) (*(volatile uint32_t *)(0x10300000u + (offset)))
#define DMA_START 0x100u /* of channel 0 */
#define DMA_STATUS 0x104u
#define DMA_DESCRIPTOR 0x108u
#define MIE_MSIE 0x08u
#define MIE_MTIE 0x80u

volatile int table[8];
volatile int total;
volatile float radius = 1.5f, circle;
volatile uint32_t ticks;
volatile uint32_t other_count;
volatile uint32_t spins;
volatile uint32_t counted, untouched;
volatile int want_sleep, want_crash, want_spin, want_copy, want_print;
volatile uint32_t want_read; /* an address */
volatile uint32_t copied[4], copies;

int sum(const volatile int *values, int count) {
    int result = 0;
    for (int i = 0; i < count; ++i)
        result += values[i];
    return result;
}

void fill(int count) {
    for (int i = 0; i < count; ++i)
        table[i] = i * i;
    total = sum(table, count);
}

__attribute__((noinline)) float area(float r) {
    return 3.0f * r * r;
}

/* One atomic operation that writes, and a store-conditional that does not. */
void atomics(void) {
    uint32_t failed;
    __asm__ volatile("amoadd.w zero, %1, (%0)" ::"r"(&counted), "r"(5) : "memory");
    __asm__ volatile("sc.w %0, %2, (%1)"
                     : "=&r"(failed)
                     : "r"(&untouched), "r"(1)
                     : "memory");
}

/* A few instructions in user mode, which sees all of memory through PMP entry 0. */
void user_mode(void) {
    __asm__ volatile(
        "li t0, -1\n"
        "csrw pmpaddr0, t0\n"
        "li t0, 0x1f\n"
        "csrw pmpcfg0, t0\n"
        "la t0, user_return\n"
        "csrrw t1, mtvec, t0\n"
        "la t0, user_code\n"
        "csrw mepc, t0\n"
        "li t0, 0x1800\n"
        "csrc mstatus, t0\n"
        ".globl enter_user, user_code, user_return\n"
        "enter_user: mret\n"
        "user_code: li t2, 7\n"
        "ecall\n"
        ".align 2\n"
        "user_return: csrw mtvec, t1\n"
        "csrs mstatus, t0\n" ::
            : "t0", "t1", "t2", "memory");
}

void on_timer(void) {
    MTIMECMP[1] = 0xffffffffu; /* never again */
    ticks = ticks + 1;
}

/* Waits for one timer interrupt. */
void wait_for_tick(void) {
    MTIMECMP[1] = 0xffffffffu;
    MTIMECMP[0] = MTIME_LOW + 50;
    MTIMECMP[1] = 0;
    __asm__ volatile("csrw mie, %0" ::"r"(MIE_MTIE));
    __asm__ volatile(".globl enable_interrupts\nenable_interrupts: csrsi mstatus, 8");
    while (ticks == 0)
        __asm__ volatile(".globl wait_here\nwait_here: wfi");
    __asm__ volatile("csrci mstatus, 8");
}

/* Nothing can end this sleep but a debugger; want_sleep 2 leaves an alarm hours away. */
void sleep_for_ever(void) {
    if (want_sleep == 2) MTIMECMP[1] = 0x100;
    __asm__ volatile("csrw mie, zero");
    for (;;)
        __asm__ volatile("wfi");
}

/* Jumps into a hole, and the trap handler is in a hole too. */
void crash(void) {
    __asm__ volatile("csrw mtvec, %0" ::"r"(0x30000000));
    __asm__ volatile(".globl crash_here\ncrash_here: .word 0");
}

void spin(void) {
    while (want_spin)
        spins = spins + 1;
}

/* The DMA engine writes copied[] while this hart waits for nothing but the end of it. */
void copy(void) {
    static const uint32_t source[4] = {11, 22, 33, 44};
    static uint32_t descriptor[11];
    descriptor[2] = (uint32_t)source;
    descriptor[3] = (uint32_t)copied;
    descriptor[4] = sizeof source;
    descriptor[5] = descriptor[6] = 1;
    __asm__ volatile("fence" ::: "memory");
    DMA(DMA_DESCRIPTOR) = (uint32_t)descriptor;
    DMA(DMA_START) = 1;
    volatile uint32_t polls = 0;
    while (DMA(DMA_STATUS) & 1)
        polls = polls + 1;
    copies = polls;
}

/* Characters without end. */
void print_for_ever(void) {
    while (want_print)
        *(volatile uint8_t *)0x10000000u = '.';
}

/* Hart 1: counts its software interrupts. */
void other_hart(void) {
    __asm__ volatile("csrw mie, %0" ::"r"(MIE_MSIE));
    for (;;) {
        __asm__ volatile("wfi");
        MSIP(1) = 0;
        other_count = other_count + 1;
    }
}

int main(void) {
    fill(8);
    circle = area(radius);
    atomics();
    user_mode();
    MSIP(1) = 1;
    while (other_count == 0) {
    }
    wait_for_tick();
    spin();
    if (want_copy)
        copy();
    print_for_ever();
    for (uint32_t address; (address = want_read) != 0;)
        (void)*(volatile uint32_t *)address;
    if (want_sleep)
        sleep_for_ever();
    if (want_crash)
        crash();
    return 0;
}
