/* SPDX-License-Identifier: Apache-2.0 */
/* Jumps to where nothing is: ends with "trap: instruction access fault" and exit code 3. */
#include <stdint.h>
#include <stdio.h>

int main(void) {
    printf("jumping to nowhere\n");
    ((void (*)(void))(uintptr_t)0xf0000000u)();
    printf("this is never printed\n");
    return 0;
}
