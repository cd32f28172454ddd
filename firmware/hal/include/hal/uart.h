/* SPDX-License-Identifier: Apache-2.0 */
/* Serial port (NS16550A). Bytes go out as they are: no carriage return is added. */
#ifndef AIMC_HAL_UART_H
#define AIMC_HAL_UART_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/result.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uintptr_t base;
} uart_t;

/** Sends one byte; waits while the transmit register is full. */
void uart_putc(const uart_t *uart, char c);

/** Sends a string. */
void uart_puts(const uart_t *uart, const char *text);

/** Sends one byte if that is possible at once. @return HAL_OK or HAL_BUSY. */
hal_result_t uart_try_putc(const uart_t *uart, char c);

/** Waits for a byte and returns it. */
char uart_getc(const uart_t *uart);

/** Fetches a byte that has arrived. @return HAL_OK, or HAL_BUSY if there is none. */
hal_result_t uart_try_getc(const uart_t *uart, char *c);

/** Chooses what interrupts: a byte has arrived, the transmit register is empty. */
void uart_set_irq(const uart_t *uart, bool receive, bool transmit);

/** Reads (and so acknowledges) the interrupt identification: 1 none, 2 transmit, 4 receive. */
uint32_t uart_irq_cause(const uart_t *uart);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_UART_H */
