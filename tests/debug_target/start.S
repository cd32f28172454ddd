/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up of the debugger's test program: hart 0 runs main(), every other one other_hart(). */
    .section .text.start, "ax"
    .globl _start
_start:
    .option push
    .option norelax             /* relaxing would compute gp from gp */
    la gp, __global_pointer$
    .option pop
    la t0, trap_entry
    csrw mtvec, t0
    li t0, 0x2000               /* mstatus.FS: initial */
    csrs mstatus, t0
    csrr a0, mhartid
    la sp, stacks
    addi t0, a0, 1
    slli t0, t0, 12             /* 4 KiB of stack each */
    add sp, sp, t0
    bnez a0, 1f
    call main
    j finish
1:  call other_hart
2:  wfi
    j 2b

    .globl finish
finish:                         /* the test finisher: pass */
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
    j finish

    .globl trap_entry, trap_return
    .align 2
trap_entry:
    addi sp, sp, -64
    sw ra, 0(sp)
    sw t0, 4(sp)
    sw t1, 8(sp)
    sw t2, 12(sp)
    sw a0, 16(sp)
    sw a1, 20(sp)
    sw a2, 24(sp)
    sw a3, 28(sp)
    sw a4, 32(sp)
    sw a5, 36(sp)
    call on_timer
    lw ra, 0(sp)
    lw t0, 4(sp)
    lw t1, 8(sp)
    lw t2, 12(sp)
    lw a0, 16(sp)
    lw a1, 20(sp)
    lw a2, 24(sp)
    lw a3, 28(sp)
    lw a4, 32(sp)
    lw a5, 36(sp)
    addi sp, sp, 64
trap_return:
    mret

    .bss
    .align 4
stacks:
    .space 8192
