/* SPDX-License-Identifier: Apache-2.0 */
/* From reset to main(hart) on every hart, each with its own stack; main's result ends the run. */
    .section .text.init, "ax"
    .globl _start
_start:
    csrr a0, mhartid
    la sp, stacks + 2048
    slli t0, a0, 11
    add sp, sp, t0
    la t0, bss_is_clear
    bnez a0, 2f
    la t1, __bss_start
    la t2, __bss_end
1:  sw zero, 0(t1)
    addi t1, t1, 4
    bltu t1, t2, 1b
    li t1, 1
    fence rw, rw
    sw t1, 0(t0)
2:  lw t1, 0(t0)
    beqz t1, 2b
    fence rw, rw
    call main
    .globl finish
finish:                         /* a0: exit code */
    li t0, 0x100000
    li t1, 0x5555
    beqz a0, 3f
    slli t1, a0, 16
    li t2, 0x3333
    or t1, t1, t2
3:  sw t1, 0(t0)
    .globl park
park:
    wfi
    j park
    .data
    .balign 4
bss_is_clear: .word 0
    .bss
    .balign 16
stacks: .space 2048 * 8
