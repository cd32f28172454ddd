/* SPDX-License-Identifier: Apache-2.0 */
/* Reads where nothing is: ends with "trap: load access fault" and exit code 3. */
#include <stdint.h>
#include <stdio.h>

int main(void) {
    printf("touching a hole in the map\n");
    const uint32_t value = *(volatile uint32_t *)(uintptr_t)0xf0000010u;
    printf("this is never printed: %u\n", (unsigned)value);
    return 0;
}
