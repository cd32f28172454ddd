/* SPDX-License-Identifier: Apache-2.0 */
/* Exercises the host side (hart, CLINT, PLIC, UART) and prints what happened: no times, no
 * addresses, so that every machine with this map prints the same. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "boot/exit_codes.h"
#include "boot/trap.h"
#include "hal/cpu.h"
#include "soc/soc.h"

/* Nothing answers here, neither on the platform nor on QEMU's virt machine. */
#define HOLE 0xf0000000u
#define TICKS_UNTIL_TIMER (SOC_MTIME_HZ / 10000u)

static int failures;

static void check(const char *name, bool good) {
    printf("%-24s %s\n", name, good ? "ok" : "FAILED");
    if (!good) ++failures;
}

/* ---- exceptions ---- */

static volatile struct { uint32_t count, mcause, mtval, mepc; } caught;
static uint32_t resume_at; /* 0: behind the instruction */

static bool catch_exception(trap_frame_t *frame, uint32_t mcause, uint32_t mtval) {
    ++caught.count;
    caught.mcause = mcause;
    caught.mtval = mtval;
    caught.mepc = frame->mepc;
    if (resume_at != 0) {
        frame->mepc = resume_at;
    } else {
        const uint16_t low = *(const volatile uint16_t *)(uintptr_t)frame->mepc;
        frame->mepc += (low & 3u) == 3u ? 4 : 2;
    }
    return true;
}

static void report_trap(const char *name, uint32_t mcause) {
    const bool good = caught.count == 1 && caught.mcause == mcause;
    printf("%-24s %s: %s\n", name, good ? "ok" : "FAILED", trap_cause_text(caught.mcause));
    if (!good) ++failures;
    caught.count = 0;
}

static void test_exceptions(void) {
    trap_set_exception_handler(catch_exception);
    __asm__ volatile("ecall");
    report_trap("ecall", 11);
    __asm__ volatile("ebreak");
    report_trap("ebreak", 3);
    __asm__ volatile(".balign 4\n .word 0xffffffff");
    report_trap("illegal instruction", 2);
    __asm__ volatile("csrw mvendorid, zero");
    report_trap("read-only CSR", 2);

    uint32_t kept = 0x12345678u;
    __asm__ volatile("lw %0, 0(%1)" : "+r"(kept) : "r"(HOLE));
    const bool load_address = caught.mtval == HOLE;
    report_trap("load from a hole", 5);
    check("its mtval", load_address);
    check("its register kept", kept == 0x12345678u);
    __asm__ volatile("sw zero, 8(%0)" ::"r"(HOLE) : "memory");
    const bool store_address = caught.mtval == HOLE + 8;
    report_trap("store to a hole", 7);
    check("its mtval", store_address);

    __asm__ volatile(
        "la t0, 1f\n"
        "sw t0, 0(%0)\n"
        "jr %1\n"
        "1:\n" ::"r"(&resume_at),
        "r"(HOLE)
        : "t0", "memory");
    resume_at = 0;
    const bool jump_address = caught.mepc == HOLE;
    report_trap("jump to a hole", 1);
    check("its mepc", jump_address);
    trap_set_exception_handler(NULL);
}

/* ---- interrupts ---- */

static volatile uint32_t timer_irqs, software_irqs, external_irqs;
static volatile uint64_t timer_set_for;
static volatile bool timer_early;

static void on_timer(void *context) {
    (void)context;
    ++timer_irqs;
    if (clint_time(&soc_clint0) < timer_set_for) timer_early = true;
    if (timer_irqs < 3) {
        timer_set_for = clint_time(&soc_clint0) + TICKS_UNTIL_TIMER;
        clint_set_timer(&soc_clint0, 0, timer_set_for);
    } else {
        clint_stop_timer(&soc_clint0, 0);
    }
}

static bool timer_is_done(void *context) {
    (void)context;
    return timer_irqs == 3;
}

static void test_timer(void) {
    trap_set_irq_handler(TRAP_IRQ_TIMER, on_timer, NULL);
    timer_set_for = clint_time(&soc_clint0) + TICKS_UNTIL_TIMER;
    clint_set_timer(&soc_clint0, 0, timer_set_for);
    cpu_enable_irq_sources(1u << TRAP_IRQ_TIMER);
    cpu_irq_enable();
    cpu_wait_until(timer_is_done, NULL);
    cpu_irq_disable();
    cpu_disable_irq_sources(1u << TRAP_IRQ_TIMER);
    check("timer interrupt", timer_irqs == 3 && !timer_early);
}

static void on_software(void *context) {
    (void)context;
    ++software_irqs;
    clint_clear_software_irq(&soc_clint0, 0);
}

static bool software_is_done(void *context) {
    (void)context;
    return software_irqs == 1;
}

static void test_software_irq(void) {
    trap_set_irq_handler(TRAP_IRQ_SOFTWARE, on_software, NULL);
    cpu_enable_irq_sources(1u << TRAP_IRQ_SOFTWARE);
    clint_raise_software_irq(&soc_clint0, 0);
    check("masked by mstatus.MIE", software_irqs == 0);
    cpu_wait_until(software_is_done, NULL); /* wakes although MIE is off: no lost wake-up */
    cpu_irq_enable();
    cpu_irq_disable();
    cpu_disable_irq_sources(1u << TRAP_IRQ_SOFTWARE);
    check("software interrupt", software_irqs == 1);
}

static const char *transmit_next;

static void on_uart(void *context) {
    (void)context;
    ++external_irqs;
    (void)uart_irq_cause(&soc_uart0);
    if (*transmit_next == '\0') {
        uart_set_irq(&soc_uart0, false, false);
        return;
    }
    if (uart_try_putc(&soc_uart0, *transmit_next) == HAL_OK) ++transmit_next;
}

static bool text_is_sent(void *context) {
    (void)context;
    return *transmit_next == '\0';
}

static void test_uart_irq(void) {
    fflush(stdout);
    transmit_next = "this line went out by transmit interrupts\n";
    soc_enable_external_interrupts();
    plic_attach(&soc_plic0, SOC_UART0_IRQ, 1, on_uart, NULL);
    uart_set_irq(&soc_uart0, false, true);
    cpu_wait_until(text_is_sent, NULL);
    uart_set_irq(&soc_uart0, false, false);
    plic_detach(&soc_plic0, SOC_UART0_IRQ);
    cpu_disable_irq_sources(1u << TRAP_IRQ_EXTERNAL);
    check("external interrupt", external_irqs >= 42);
}

/* ---- arithmetic ---- */

static void test_atomics(void) {
    static atomic_int counter;
    static atomic_uint bits;
    for (int i = 0; i < 100; ++i) atomic_fetch_add(&counter, i);
    atomic_fetch_or(&bits, 0xf0f0u);
    atomic_fetch_and(&bits, 0xff00u);
    atomic_fetch_xor(&bits, 0x0ff0u);
    check("atomic add", atomic_load(&counter) == 4950);
    check("atomic logic", atomic_load(&bits) == 0xfff0u);
    int expected = 4950;
    check("compare and swap", atomic_compare_exchange_strong(&counter, &expected, 7));
    expected = 8;
    check("its failure", !atomic_compare_exchange_strong(&counter, &expected, 9) && expected == 7);
    uint32_t old, word = 5;
    __asm__ volatile("amomaxu.w %0, %2, (%1)" : "=r"(old) : "r"(&word), "r"(-1) : "memory");
    check("amomaxu", old == 5 && word == 0xffffffffu);
}

static uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits;
}

static void test_float(void) {
    volatile float one = 1.0f, three = 3.0f, zero = 0.0f, big = 3e9f, half = 2.5f;
    check("divide", bits_of(one / three) == 0x3eaaaaabu);
    check("square root", bits_of(__builtin_sqrtf(three)) == 0x3fddb3d7u);
    check("fused multiply-add", bits_of(__builtin_fmaf(three, one / three, -one)) == 0x33000000u);
    check("infinity", bits_of(one / zero) == 0x7f800000u);
    const float not_a_number = zero / zero;
    check("not a number", bits_of(not_a_number) == 0x7fc00000u);
    int32_t converted;
    __asm__ volatile("fcvt.w.s %0, %1, rtz" : "=r"(converted) : "f"(big));
    check("saturating convert", converted == INT32_MAX);
    __asm__ volatile("fcvt.w.s %0, %1, rne" : "=r"(converted) : "f"(half));
    check("round to even", converted == 2);
    uint32_t flags;
    __asm__ volatile("fsflags zero");
    volatile float quotient = one / zero;
    (void)quotient;
    __asm__ volatile("frflags %0" : "=r"(flags));
    check("divide-by-zero flag", flags == 8);
}

static void test_integer(void) {
    volatile int32_t low = INT32_MIN, minus = -1, seven = 7, zero = 0;
    int32_t quotient, remainder;
    __asm__ volatile("div %0, %1, %2" : "=r"(quotient) : "r"(low), "r"(minus));
    __asm__ volatile("rem %0, %1, %2" : "=r"(remainder) : "r"(low), "r"(minus));
    check("division overflow", quotient == INT32_MIN && remainder == 0);
    __asm__ volatile("div %0, %1, %2" : "=r"(quotient) : "r"(seven), "r"(zero));
    __asm__ volatile("rem %0, %1, %2" : "=r"(remainder) : "r"(seven), "r"(zero));
    check("division by zero", quotient == -1 && remainder == 7);
    check("64-bit product", (int64_t)low * minus == 2147483648LL);
    /* Code that a store has changed is seen after fence.i: "li a0, 1; ret" becomes "li a0, 2". */
    static uint32_t code[] = {0x00100513u, 0x00008067u};
    int (*function)(void) = (int (*)(void))(uintptr_t)code;
    __asm__ volatile("fence.i" ::: "memory");
    const int before = function();
    *(volatile uint32_t *)code = 0x00200513u;
    __asm__ volatile("fence.i" ::: "memory");
    check("fence.i", before == 1 && function() == 2);
}

static void test_counters(void) {
    const uint64_t cycles = cpu_cycles(), instructions = cpu_instructions();
    const uint64_t time = clint_time(&soc_clint0);
    while (clint_time(&soc_clint0) == time) {
    }
    check("mcycle counts", cpu_cycles() > cycles);
    check("minstret counts", cpu_instructions() > instructions);
    check("hart 0", cpu_hart_id() == 0);
}

int main(void) {
    printf("selftest of the host side\n");
    test_integer();
    test_float();
    test_atomics();
    test_counters();
    test_exceptions();
    test_timer();
    test_software_irq();
    test_uart_irq();
    printf("selftest: %s\n", failures == 0 ? "passed" : "FAILED");
    return failures == 0 ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}
