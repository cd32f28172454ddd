/* SPDX-License-Identifier: Apache-2.0 */
/* Reset, traps and thread switches in the manner of Zephyr's kernel on QEMU's virt machine: frames on
 * the stack of the thread, interrupts on a stack of their own, mscratch holding the hart's record,
 * and the stack guard that works in machine mode by MPRV: a trap from machine mode sets MPP to
 * machine, which lifts the guard; mret leaves MPP at user, which puts it back. Own code. */
    .equ FRAME, 96
    .equ MPP, 0x1800
    .equ MPRV, 0x20000
    /* hart_t */
    .equ TMP0, 0
    .equ TMP1, 4
    .equ KERNEL_SP, 8
    .equ NESTED, 12
    .equ IRQ_SP, 16
    .equ CURRENT, 20

    .macro each_saved op
    \op ra, 0(sp)
    \op t0, 4(sp)
    \op t1, 8(sp)
    \op t2, 12(sp)
    \op a0, 16(sp)
    \op a1, 20(sp)
    \op a2, 24(sp)
    \op a3, 28(sp)
    \op a4, 32(sp)
    \op a5, 36(sp)
    \op a6, 40(sp)
    \op a7, 44(sp)
    \op t3, 48(sp)
    \op t4, 52(sp)
    \op t5, 56(sp)
    \op t6, 60(sp)
    .endm

    .section .text.init, "ax"
    .globl _start
_start:
    csrr a0, mhartid
    bnez a0, park
    li t0, 0x2000               /* FS initial */
    csrs mstatus, t0
    fscsr zero
    la t0, __bss_start
    la t1, __bss_end
1:  bgeu t0, t1, 2f
    sw zero, 0(t0)
    addi t0, t0, 4
    j 1b
2:  la t0, irq_stack            /* Zephyr fills its stacks with 0xaa */
    li t1, 4096
    add t1, t1, t0
    li t2, 0xaaaaaaaa
3:  sw t2, 0(t0)
    addi t0, t0, 4
    blt t0, t1, 3b
    mv sp, t0
    call kernel_main
park:
    wfi
    j park

    .text
    .balign 64
    .globl trap_entry
trap_entry:
    csrrw s0, mscratch, s0
    sw t0, TMP0(s0)
    sw t1, TMP1(s0)
    csrr t0, mstatus
    li t1, MPP
    and t0, t0, t1
    bnez t0, 1f
    mv t0, sp                   /* from user mode: to the thread's kernel stack */
    lw sp, KERNEL_SP(s0)
    sw t0, (76 - FRAME)(sp)
1:  lw t0, TMP0(s0)
    lw t1, TMP1(s0)
    csrrw s0, mscratch, s0
    addi sp, sp, -FRAME
    each_saved sw
    sw s0, 72(sp)
    csrr s0, mscratch
    csrr t0, mepc
    sw t0, 64(sp)
    csrr t2, mstatus
    sw t2, 68(sp)

    /* A float instruction while the unit is off: hand it over and return at once. */
    li t1, 0x6000
    and t1, t1, t2
    bnez t1, 2f
    csrr t1, mcause
    li t0, 2
    bne t0, t1, 2f
    mv a0, sp
    call float_trap
    bnez a0, restore
2:  call float_off
    csrr t0, mcause
    bltz t0, is_interrupt
    mv a0, sp
    call exception
    j reschedule

is_interrupt:
    li t1, MPP                  /* the guard on again: as user, with the kernel's regions */
    csrc mstatus, t1
    call guard_current
    lw t1, NESTED(s0)
    addi t2, t1, 1
    sw t2, NESTED(s0)
    bnez t1, 3f
    mv t0, sp
    lw sp, IRQ_SP(s0)
    addi sp, sp, -16
    sw t0, 0(sp)
3:  csrr a0, mcause
    slli a0, a0, 1
    srli a0, a0, 1
    call interrupt
    lw t2, NESTED(s0)
    addi t2, t2, -1
    sw t2, NESTED(s0)
    bnez t2, leave
    lw sp, 0(sp)

reschedule:
    call next_thread            /* 0: the current one goes on */
    beqz a0, leave
    call switch_to
    .globl thread_start
thread_start:
leave:
    csrr s0, mscratch
    mv a0, sp
    call float_leave
restore:
    csrr s0, mscratch
    lw t0, 64(sp)
    lw t2, 68(sp)
    csrw mepc, t0
    csrw mstatus, t2
    addi t0, sp, FRAME
    li t1, MPP
    and t1, t1, t2
    bnez t1, 4f
    sw t0, KERNEL_SP(s0)        /* to user mode */
    call guard_user             /* leaves MPRV and MPP clear */
    j 5f
4:  sw t0, 76(sp)
5:  lw s0, 72(sp)
    each_saved lw
    lw sp, 76(sp)
    mret

/* switch_to(new): saves the callee's registers in the record of the thread that runs. */
    .globl switch_to
switch_to:
    csrr t0, mscratch
    lw a1, CURRENT(t0)
    sw a0, CURRENT(t0)
    sw sp, 0(a1)
    sw ra, 4(a1)
    sw s0, 8(a1)
    sw s1, 12(a1)
    sw s2, 16(a1)
    sw s3, 20(a1)
    sw s4, 24(a1)
    sw s5, 28(a1)
    sw s6, 32(a1)
    sw s7, 36(a1)
    sw s8, 40(a1)
    sw s9, 44(a1)
    sw s10, 48(a1)
    sw s11, 52(a1)
    lw sp, 0(a0)
    mv s0, a0
    call guard_current
    lw ra, 4(s0)
    lw s1, 12(s0)
    lw s2, 16(s0)
    lw s3, 20(s0)
    lw s4, 24(s0)
    lw s5, 28(s0)
    lw s6, 32(s0)
    lw s7, 36(s0)
    lw s8, 40(s0)
    lw s9, 44(s0)
    lw s10, 48(s0)
    lw s11, 52(s0)
    lw s0, 8(s0)
    ret
