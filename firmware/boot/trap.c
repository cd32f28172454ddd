/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/trap.h"

#include <stddef.h>

#include "boot/exit_codes.h"
#include "hal/cpu.h"
#include "hal/finisher.h"
#include "hal/uart.h"
#include "soc/soc.h"

#define IRQ_COUNT 16u
#define MCAUSE_INTERRUPT 0x80000000u
#define STACK_CANARY 0x5afec0deu

static struct {
    trap_irq_handler_t handler;
    void *context;
} irq_handlers[IRQ_COUNT];
static trap_exception_handler_t exception_handler;

extern const uint32_t __stack_bottom;

void trap_set_irq_handler(uint32_t number, trap_irq_handler_t handler, void *context) {
    if (number >= IRQ_COUNT) return;
    irq_handlers[number].handler = handler;
    irq_handlers[number].context = context;
}

void trap_set_exception_handler(trap_exception_handler_t handler) { exception_handler = handler; }

const char *trap_cause_text(uint32_t mcause) {
    static const char *const kExceptions[] = {
        "instruction address misaligned",
        "instruction access fault",
        "illegal instruction",
        "breakpoint",
        "load address misaligned",
        "load access fault",
        "store address misaligned",
        "store access fault",
        "environment call from U-mode",
        "environment call from S-mode",
        "unknown exception",
        "environment call from M-mode",
    };
    if ((mcause & MCAUSE_INTERRUPT) != 0) return "unexpected interrupt";
    if (mcause >= sizeof kExceptions / sizeof kExceptions[0]) return "unknown exception";
    return kExceptions[mcause];
}

/* stdio may be what is broken, so these messages go to the UART alone. */
static void put_field(const char *name, uint32_t value) {
    char text[9];
    for (int i = 0; i < 8; ++i) text[i] = "0123456789abcdef"[(value >> (28 - 4 * i)) & 0xfu];
    text[8] = '\0';
    uart_puts(&soc_uart0, name);
    uart_puts(&soc_uart0, text);
}

_Noreturn static void park(void) {
    for (;;) cpu_wfi();
}

void trap_fatal(uint32_t mcause, uint32_t mepc, uint32_t mtval) {
    /* A trap while reporting one (no UART, no finisher on this platform) must not report again. */
    static volatile int reporting;
    if (reporting) park();
    reporting = 1;
    uart_puts(&soc_uart0, "trap: ");
    uart_puts(&soc_uart0, trap_cause_text(mcause));
    put_field(" mcause=0x", mcause);
    put_field(" mepc=0x", mepc);
    put_field(" mtval=0x", mtval);
    uart_puts(&soc_uart0, "\n");
    if (__stack_bottom != STACK_CANARY) uart_puts(&soc_uart0, "trap: the stack has overflowed\n");
    finisher_exit(&soc_finisher, EXIT_CODE_TRAP);
    park();
}

/* Called by trap.S on the emergency stack. */
void trap_stack_overflow(void);
void trap_stack_overflow(void) {
    uart_puts(&soc_uart0, "trap: stack overflow\n");
    trap_fatal(CPU_CSR_READ(mcause), CPU_CSR_READ(mepc), CPU_CSR_READ(mtval));
}

void trap_dispatch(trap_frame_t *frame) {
    const uint32_t mcause = CPU_CSR_READ(mcause);
    if ((mcause & MCAUSE_INTERRUPT) != 0) {
        const uint32_t number = mcause & ~MCAUSE_INTERRUPT;
        if (number < IRQ_COUNT && irq_handlers[number].handler != NULL) {
            irq_handlers[number].handler(irq_handlers[number].context);
            return;
        }
    } else if (exception_handler != NULL && exception_handler(frame, mcause, CPU_CSR_READ(mtval))) {
        return;
    }
    trap_fatal(mcause, frame->mepc, CPU_CSR_READ(mtval));
}
