/* SPDX-License-Identifier: Apache-2.0 */
/* What picolibc asks of the machine: a terminal and an end. */
#include <stdio.h>
#include <unistd.h>

#include "hal/cpu.h"
#include "hal/finisher.h"
#include "hal/uart.h"
#include "soc/soc.h"

static int put_character(char c, FILE *file) {
    (void)file;
    uart_putc(&soc_uart0, c);
    return (unsigned char)c;
}

static int get_character(FILE *file) {
    (void)file;
    return (unsigned char)uart_getc(&soc_uart0);
}

static FILE terminal = FDEV_SETUP_STREAM(put_character, get_character, NULL, _FDEV_SETUP_RW);

FILE *const stdin = &terminal;
FILE *const stdout = &terminal;
FILE *const stderr = &terminal;

void _exit(int code) {
    finisher_exit(&soc_finisher, (uint32_t)code);
    for (;;) cpu_wfi();
}
