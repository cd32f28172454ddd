/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/uart.h"

#include <stddef.h>

#include "aimc/uart/uart_regs.h"
#include "hal/mmio.h"

hal_result_t uart_try_putc(const uart_t *uart, char c) {
    if ((mmio_read8(uart->base + UART_LSR_OFFSET) & UART_LSR_EMPTY_MASK) == 0) return HAL_BUSY;
    mmio_write8(uart->base + UART_DATA_OFFSET, (uint8_t)c);
    return HAL_OK;
}

void uart_putc(const uart_t *uart, char c) {
    while (uart_try_putc(uart, c) != HAL_OK) {
    }
}

void uart_puts(const uart_t *uart, const char *text) {
    for (; *text != '\0'; ++text) uart_putc(uart, *text);
}

hal_result_t uart_try_getc(const uart_t *uart, char *c) {
    if (c == NULL) return HAL_BAD_ARG;
    if ((mmio_read8(uart->base + UART_LSR_OFFSET) & UART_LSR_READY_MASK) == 0) return HAL_BUSY;
    *c = (char)mmio_read8(uart->base + UART_DATA_OFFSET);
    return HAL_OK;
}

char uart_getc(const uart_t *uart) {
    char c = 0;
    while (uart_try_getc(uart, &c) != HAL_OK) {
    }
    return c;
}

void uart_set_irq(const uart_t *uart, bool receive, bool transmit) {
    const uint32_t enables = UART_IER_RECEIVE_SET(receive) | UART_IER_TRANSMIT_SET(transmit);
    mmio_write8(uart->base + UART_IER_OFFSET, (uint8_t)enables);
}

uint32_t uart_irq_cause(const uart_t *uart) {
    return mmio_read8(uart->base + UART_IIR_OFFSET) & 0x0fu;
}
