/* SPDX-License-Identifier: Apache-2.0 */
/* The hart itself: counters, interrupt enables, sleep. */
#ifndef AIMC_HAL_CPU_H
#define AIMC_HAL_CPU_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef AIMC_HOST_TEST

bool cpu_irq_disable(void);
void cpu_irq_enable(void);
void cpu_wfi(void);
uint32_t cpu_irq_pending(void);
uint64_t cpu_cycles(void);
void cpu_enable_irq_sources(uint32_t mask);

#else

#define CPU_CSR_READ(name)                                         \
    __extension__({                                                \
        uint32_t cpu_csr_value;                                    \
        __asm__ volatile("csrr %0, " #name : "=r"(cpu_csr_value)); \
        cpu_csr_value;                                             \
    })
#define CPU_CSR_SET(name, bits) __asm__ volatile("csrs " #name ", %0" ::"r"(bits) : "memory")
#define CPU_CSR_CLEAR(name, bits) __asm__ volatile("csrc " #name ", %0" ::"r"(bits) : "memory")

#define CPU_MSTATUS_MIE 8u

/** Turns interrupts off. @return true if they were on. */
static inline bool cpu_irq_disable(void) {
    uint32_t before;
    __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(before)::"memory");
    return (before & CPU_MSTATUS_MIE) != 0;
}

/** Turns interrupts on; pending ones are taken before this returns. */
static inline void cpu_irq_enable(void) { __asm__ volatile("csrsi mstatus, 8" ::: "memory"); }

/** Sleeps until an interrupt that is enabled in mie is pending, whether or not it can be taken. */
static inline void cpu_wfi(void) { __asm__ volatile("wfi" ::: "memory"); }

/** Interrupts that are pending and enabled in mie: bit numbers as in boot/trap.h. */
static inline uint32_t cpu_irq_pending(void) { return CPU_CSR_READ(mip) & CPU_CSR_READ(mie); }

/** Lets the interrupts in `mask` through (mie). */
static inline void cpu_enable_irq_sources(uint32_t mask) { CPU_CSR_SET(mie, mask); }
static inline void cpu_disable_irq_sources(uint32_t mask) { CPU_CSR_CLEAR(mie, mask); }

static inline uint32_t cpu_hart_id(void) { return CPU_CSR_READ(mhartid); }

/** Clock cycles since reset, sleep included. */
static inline uint64_t cpu_cycles(void) {
    uint32_t high, low, again;
    do {
        high = CPU_CSR_READ(mcycleh);
        low = CPU_CSR_READ(mcycle);
        again = CPU_CSR_READ(mcycleh);
    } while (high != again);
    return (uint64_t)high << 32 | low;
}

/** Instructions retired since reset. */
static inline uint64_t cpu_instructions(void) {
    uint32_t high, low, again;
    do {
        high = CPU_CSR_READ(minstreth);
        low = CPU_CSR_READ(minstret);
        again = CPU_CSR_READ(minstreth);
    } while (high != again);
    return (uint64_t)high << 32 | low;
}

#endif

/** Puts the global interrupt enable back to what cpu_irq_disable() found. */
static inline void cpu_irq_restore(bool enabled) {
    if (enabled) cpu_irq_enable();
}

typedef bool (*cpu_condition_t)(void *context);

/**
 * Sleeps until `done(context)` is true; only interrupt handlers can make it so.
 *
 * The condition is checked with interrupts off: an interrupt between check and WFI would else be
 * handled too early and its wake-up be lost. WFI goes on with a pending interrupt even though it
 * cannot be taken; it is taken when interrupts come on right after. On return the global enable is
 * what it was before.
 */
void cpu_wait_until(cpu_condition_t done, void *context);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_CPU_H */
