/* SPDX-License-Identifier: Apache-2.0 */
/* Traps: who handles interrupts and exceptions, and what happens if nobody does. */
#ifndef AIMC_BOOT_TRAP_H
#define AIMC_BOOT_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Registers of the interrupted code as trap.S saves them; a handler may change them. */
typedef struct {
    uint32_t ra, t0, t1, t2;
    uint32_t a[8];
    uint32_t t3, t4, t5, t6;
    uint32_t mepc;    /**< Where execution goes on. */
    uint32_t mstatus; /**< Restored on return. */
    uint32_t fcsr;    /**< Valid, as is `f`, only if mstatus.FS is Dirty. */
    uint32_t reserved;
    float f[20]; /**< ft0-7, fa0-7, ft8-11. */
} trap_frame_t;

/** Interrupt numbers of machine mode: bit numbers in mie and mip. */
enum { TRAP_IRQ_SOFTWARE = 3, TRAP_IRQ_TIMER = 7, TRAP_IRQ_EXTERNAL = 11 };

/** Runs with interrupts off; must make the cause go away. */
typedef void (*trap_irq_handler_t)(void *context);

/** @return true if the exception is dealt with and execution goes on at frame->mepc. */
typedef bool (*trap_exception_handler_t)(trap_frame_t *frame, uint32_t mcause, uint32_t mtval);

/** Sets the handler of interrupt `number` (below 16). Null takes it away: the interrupt is fatal.
 */
void trap_set_irq_handler(uint32_t number, trap_irq_handler_t handler, void *context);

/** Sets who sees exceptions first. Null: every exception is fatal. */
void trap_set_exception_handler(trap_exception_handler_t handler);

/** What an mcause means, e.g. "load access fault". Never null. */
const char *trap_cause_text(uint32_t mcause);

/** Prints "trap: <cause> mcause=.. mepc=.. mtval=.." and exits with EXIT_CODE_TRAP. */
void trap_fatal(uint32_t mcause, uint32_t mepc, uint32_t mtval) __attribute__((noreturn));

/** Called by trap.S. */
void trap_dispatch(trap_frame_t *frame);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_BOOT_TRAP_H */
