/* SPDX-License-Identifier: Apache-2.0 */
/* Never ends: for the --until option and for watchdogs of scripts. */
#include <stdio.h>

int main(void) {
    printf("spinning\n");
    for (;;) __asm__ volatile("");
}
