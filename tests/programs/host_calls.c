/* SPDX-License-Identifier: Apache-2.0 */
/* Calls to the host that write and read memory: semihosting, and a system call by HTIF. The debugger's
 * tests watch what they touch. */
#include <stdint.h>

volatile uint32_t elapsed[2], line[3];
volatile char text[] = "hello\n", arguments[64];
volatile uint64_t message[8];
volatile uint32_t answers;

volatile uint32_t tohost[2] __attribute__((section(".tohost"), aligned(64)));
volatile uint32_t fromhost[2] __attribute__((section(".tohost"), aligned(64)));

enum { SYS_WRITE0 = 0x04, SYS_GET_CMDLINE = 0x15, SYS_ELAPSED = 0x30, PROXY_WRITE = 64 };

__attribute__((noinline)) uint32_t host_call(uint32_t operation, volatile void *block) {
    register uint32_t a0 __asm__("a0") = operation;
    register volatile void *a1 __asm__("a1") = block;
    __asm__ volatile(
        ".option push\n.option norvc\n.balign 16\n"
        "slli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop"
        : "+r"(a0)
        : "r"(a1)
        : "memory");
    return a0;
}

/* Two stores, as every RV32 program does it; the host takes the word when it is whole. */
__attribute__((noinline)) void to_host(uint32_t value) {
    tohost[0] = value;
    tohost[1] = 0;
    while (tohost[0] != 0) {
    }
}

int main(void) {
    host_call(SYS_ELAPSED, elapsed);
    line[0] = (uint32_t)arguments;
    line[1] = sizeof arguments;
    host_call(SYS_GET_CMDLINE, line);
    host_call(SYS_WRITE0, text);
    message[0] = PROXY_WRITE;
    message[1] = 1;
    message[2] = (uint32_t)text;
    message[3] = sizeof text - 1;
    to_host((uint32_t)message);
    answers = fromhost[0];
    return 0;
}
