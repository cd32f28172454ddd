/* SPDX-License-Identifier: Apache-2.0 */
/* Executes what lies at a0 with given registers and records them all when it traps, as it must. */
#include "callers_registers.inc"

    .text
    .option norvc
    .equ FS, 128

/* void encoding_run(code): from encoding_before to encoding_after, 32 x and 32 f registers each. */
    .globl encoding_run
encoding_run:
    PUSH_CALLERS
    la t0, saved_sp
    sw sp, 0(t0)
    csrw mepc, a0
    la t0, landed
    csrw mtvec, t0
    la t0, encoding_after
    csrw mscratch, t0
    li t0, 0x1800
    csrs mstatus, t0
    csrw fcsr, zero
    la x31, encoding_before
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    flw f\n, FS+4*\n(x31)
    .endr
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    lw x\n, 4*\n(x31)
    .endr
    lw x31, 4*31(x31)
    mret

    .balign 4
landed:
    csrrw x31, mscratch, x31
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    sw x\n, 4*\n(x31)
    .endr
    csrr t0, mscratch
    sw t0, 4*31(x31)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsw f\n, FS+4*\n(x31)
    .endr
    lw sp, saved_sp
    POP_CALLERS
    ret

    .bss
    .balign 4
saved_sp:
    .skip 4
