/* SPDX-License-Identifier: Apache-2.0 */
/* How many nanoseconds after the moment that mtimecmp names does the first instruction of the
 * handler begin? One line for each kind of code that is interrupted, for a clock of 1 GHz and a timer
 * of 10 MHz. Last: how many bytes behind the store to MSIP is mepc? */
    .section .text.init, "ax"
    .globl _start
    .option norvc
    .option norelax
_start:
    csrr t0, mhartid
    bnez t0, others
    la sp, __stack_top
    la t0, handler
    csrw mtvec, t0
    li s0, 0x02004000           /* mtimecmp */
    li s1, 0x0200bff8           /* mtime */
    li s2, 0x02000000           /* MSIP */
    la s3, table
    li t0, 0x88
    csrw mie, t0
next:
    csrw mstatus, zero
    li t0, -1
    sw t0, 0(s0)
    sw t0, 4(s0)
    sw zero, 0(s2)
    lw s4, 0(s3)
    addi s3, s3, 4
    li a0, 0
    beqz s4, finish
    lw s5, 0(s1)
    addi s5, s5, 130            /* the tick at which it is due: 13 us, more than a quantum */
    sw s5, 0(s0)
    sw zero, 4(s0)
    csrsi mstatus, 8
    jr s4
    .balign 4
handler:
    csrr s6, mcycle
    csrr a1, mcause
    csrr a2, mepc
    andi a1, a1, 7
    li t0, 3
    beq a1, t0, 1f
    li t0, 100
    mul t0, s5, t0
    sub a0, s6, t0
    j 2f
1:  la t0, after
    sub a0, a2, t0
2:  la t0, show
    csrw mepc, t0
    li t0, 0x1800
    csrw mstatus, t0            /* without interrupts, to */
    mret
show:
    li t0, 0x10000000
    li t1, 28
1:  srl t2, a0, t1
    andi t2, t2, 15
    addi t2, t2, 48
    li t3, 58
    blt t2, t3, 2f
    addi t2, t2, 39
2:  lbu t4, 5(t0)
    andi t4, t4, 0x20
    beqz t4, 2b
    sb t2, 0(t0)
    addi t1, t1, -4
    bgez t1, 1b
3:  lbu t4, 5(t0)
    andi t4, t4, 0x20
    beqz t4, 3b
    li t2, 10
    sb t2, 0(t0)
    j next

long_block:
    .rept 200
    nop
    .endr
    j long_block
tight:
    j tight
memory:
    lw t0, 0(s3)
    lw t1, 0(s3)
    lw t2, 4(s3)
    sw t1, -4(sp)
    j memory
asleep:
    wfi
    j asleep
registers:
    csrr t0, mcycle
    csrr t1, mip
    csrr t2, mscratch
    j registers
divisions:
    div t0, s3, s5
    div t1, s3, t0
    j divisions
device:
    lw t0, 0(s1)
    lw t1, 4(s1)
    j device
software:
    li t1, 1
    sw t1, 0(s2)
after:
    nop
1:  j 1b

finish:
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
1:  j 1b
others:                         /* busy, so that slices end at turns */
    addi t1, t1, 1
    j others
    .data
table:
    .word long_block, tight, memory, asleep, registers, divisions, device, software, 0
