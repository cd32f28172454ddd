/* SPDX-License-Identifier: Apache-2.0 */
/* From reset to main() on hart 0; other harts sleep. main's result ends the run by the finisher. */
    .section .text.init, "ax"
    .globl _start
_start:
    csrr t0, mhartid
    bnez t0, park
    li t0, 0x2000               /* floating point on */
    csrs mstatus, t0
    la sp, __stack_top
    la t0, __bss_start
    la t1, __bss_end
1:  bgeu t0, t1, 2f
    sw zero, 0(t0)
    addi t0, t0, 4
    j 1b
2:  call main
    .globl finish
finish:                         /* a0: exit code */
    li t0, 0x100000
    li t1, 0x5555
    beqz a0, 3f
    slli t1, a0, 16
    li t2, 0x3333
    or t1, t1, t2
3:  sw t1, 0(t0)
park:
    wfi
    j park
