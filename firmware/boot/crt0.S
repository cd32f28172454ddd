/* SPDX-License-Identifier: Apache-2.0 */
/* From reset to main(): hart 0 sets up stack, traps, floating point and memory; any other hart
 * sleeps for good. */

#define MSTATUS_FS_INITIAL 0x2000
#define STACK_CANARY 0x5afec0de

    .section .text.start, "ax"
    .globl _start
_start:
    csrw mie, zero
    csrci mstatus, 8
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la t0, trap_entry
    csrw mtvec, t0
    csrr t0, mhartid
    bnez t0, park

    la sp, __stack_top
    la tp, __tls_base
    li t0, MSTATUS_FS_INITIAL
    csrs mstatus, t0
    fscsr zero

    la a0, __bss_start
    la a1, __bss_end
    j 2f
1:  sw zero, 0(a0)
    addi a0, a0, 4
2:  bltu a0, a1, 1b

    la a0, __stack_bottom
    li a1, STACK_CANARY
    sw a1, 0(a0)

    call __libc_init_array
    li a0, 0
    li a1, 0
    call main
    call exit

park:
    wfi
    j park
