/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of line that a commit log has: registers, CSRs, loads and stores of each size, aligned
 * or not, atomics, floating point with each flag, calls, traps, interrupts, user mode.
 *   ROUNDS  of the loop */
    .equ MTIMECMP, 0x2004000
    .equ MTIME, 0x200bff8
    .section .text.init, "ax"
    .globl _start
_start:
    csrr t0, mhartid
    bnez t0, park
    la sp, __stack_top
    la t0, trap
    csrw mtvec, t0
    csrwi mscratch, 0
    li t0, -1                   /* user mode may touch all memory */
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li t0, 0x2000               /* FS = Initial: dirty with the first number */
    csrs mstatus, t0
    li s0, 0x12345678           /* random numbers */
    li s1, ROUNDS
    la s2, buffer
    call next_alarm
    li t0, 0x80
    csrw mie, t0
    csrsi mstatus, 8
loop:
    call random
    call memory
    call random
    call atomics
    call random
    call numbers
    andi t0, s1, 15
    bnez t0, 1f
    csrw fcsr, zero
    csrwi frm, 2
    call user
1:  addi s1, s1, -1
    bnez s1, loop
    csrci mstatus, 8
    j finish

random:                         /* a0, also s0: a linear congruence */
    li t0, 1664525
    li t1, 1013904223
    mul s0, s0, t0
    add s0, s0, t1
    srli a0, s0, 5
    xor a0, a0, s0
    ret

memory:                         /* addresses of all alignments in 64 bytes */
    andi t0, a0, 31
    add t0, t0, s2
    sw a0, 0(t0)
    sh a0, 5(t0)
    sb a0, 9(t0)
    lw t1, 1(t0)
    lh t2, 4(t0)
    lhu t3, 7(t0)
    lb t4, 8(t0)
    lbu t5, 3(t0)
    lw zero, 0(t0)
    addi sp, sp, -16
    sw t1, 4(sp)
    lw t6, 4(sp)
    sw t2, 8(s2)
    lw a1, 8(s2)
    addi sp, sp, 16
    ret

atomics:
    addi t0, s2, 64
    sw s1, 0(t0)
    amoadd.w t1, a0, (t0)
    amoswap.w t2, t1, (t0)
    amoxor.w zero, a0, (t0)
    amoand.w t3, a0, (t0)
    amoor.w t4, t1, (t0)
    amomin.w t5, a0, (t0)
    amomaxu.w t6, t1, (t0)
    amominu.w zero, t2, (t0)
    amomax.w a1, a0, (t0)
    lr.w a2, (t0)
    sc.w a3, a0, (t0)           /* fails if an interrupt comes between */
    sc.w a4, a0, (t0)           /* fails */
    lw a5, 0(t0)
    ret

numbers:                        /* random patterns: overflow, underflow, NaN, all of them */
    fmv.s fa0, fa1
    fmv.s fa1, fa2
    fmv.w.x fa2, a0
    fadd.s fa3, fa0, fa1
    fmul.s ft2, fa1, fa2
    fdiv.s fa4, fa0, fa2, rup
    fsqrt.s fa5, fa0, rdn
    csrr a1, fflags
    fmadd.s ft0, fa0, fa1, fa2
    fnmsub.s ft1, fa0, fa1, fa3, rmm
    fmin.s ft3, fa0, fa1
    fmax.s ft4, fa0, fa4
    csrr a1, fflags
    csrw fflags, zero
    fcvt.w.s a1, fa2
    fcvt.wu.s a2, fa1, rtz
    fcvt.s.w ft5, a0
    fcvt.s.wu ft6, a0, rup
    csrr a1, fcsr
    csrwi fflags, 0
    feq.s a1, fa0, fa4
    flt.s a2, fa0, fa1
    fle.s a3, fa4, fa5
    csrr a1, fflags
    csrrwi a1, fflags, 0
    fclass.s a2, fa0
    fsgnjx.s ft7, fa0, fa1
    fsw ft0, 16(s2)
    flw ft8, 17(s2)
    fsw fa0, 20(s2)
    flw fa0, 16(s2)
    csrr a4, fflags
    ret

user:                           /* to user mode and back by ecall */
    li t0, 0x1800
    csrc mstatus, t0
    csrsi mstatus, 0
    la t0, 1f
    csrrw t1, mepc, t0
    csrr t2, mepc
    mret
1:  mul t3, a0, a0
    sw t3, 24(s2)
    lw t4, 22(s2)
    fadd.s fa0, fa0, fa1
    csrr t5, fflags
    ecall
    li t0, 0x1800
    csrr t1, mstatus
    ret

next_alarm:
    li t0, MTIME
    lw t1, 0(t0)
    addi t1, t1, 3
    li t0, MTIMECMP
    sw zero, 4(t0)
    sw t1, 0(t0)
    ret

    .balign 4
trap:                           /* an alarm, or an ecall that goes on in machine mode */
    csrrw t0, mscratch, t0
    csrr t0, mcause
    bltz t0, 1f
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    li t0, 0x1800
    csrs mstatus, t0
    csrrw t0, mscratch, zero
    mret
1:  addi sp, sp, -16
    sw ra, 0(sp)
    sw t1, 4(sp)
    call next_alarm
    lw ra, 0(sp)
    lw t1, 4(sp)
    addi sp, sp, 16
    csrrw t0, mscratch, zero
    mret

finish:
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
park:
    wfi
    j park

    .bss
    .balign 8
buffer:
    .skip 128
