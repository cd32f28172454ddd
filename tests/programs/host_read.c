/* SPDX-License-Identifier: Apache-2.0 */
/* Waits for the user by semihosting: a character, then a line, and says what it got. */
#include <stdint.h>

enum { SYS_OPEN = 0x01, SYS_WRITEC = 0x03, SYS_WRITE0 = 0x04, SYS_READ = 0x06, SYS_READC = 0x07 };

char line[16];
volatile uint32_t character, left, beats;

__attribute__((noinline)) uint32_t host_call(uint32_t operation, const volatile void *block) {
    register uint32_t a0 __asm__("a0") = operation;
    register const volatile void *a1 __asm__("a1") = block;
    __asm__ volatile(
        ".option push\n.option norvc\n.balign 16\n"
        "slli x0, x0, 0x1f\n.globl at_host\nat_host: ebreak\nsrai x0, x0, 7\n.option pop"
        : "+r"(a0)
        : "r"(a1)
        : "memory");
    return a0;
}

int main(void) {
    static const char console[] = ":tt";
    const volatile uint32_t console_block[3] = {(uint32_t)console, 0, sizeof console - 1};
    const uint32_t handle = host_call(SYS_OPEN, console_block);
    character = host_call(SYS_READC, 0);
    beats = beats + 1;
    const volatile uint32_t read_block[3] = {handle, (uint32_t)line, sizeof line - 1};
    left = host_call(SYS_READ, read_block);
    host_call(SYS_WRITE0, line);
    return character == 'a' ? 0 : 1;
}
