/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point is illegal until mstatus.FS says otherwise; then results and flags are exact. */
#include "riscv_test.h"
    begin machine=1
    li gp, 2
    li s2, 0
    fmv.w.x f1, zero
    beqz s2, failed             /* off after start-up: trapped */
    li t0, 0x2000
    csrs mstatus, t0
    csrwi fcsr, 0
    li a0, 0x3f800000           /* 1.0 / 3.0, rounded to nearest */
    fmv.w.x f1, a0
    li a0, 0x40400000
    fmv.w.x f2, a0
    fdiv.s f3, f1, f2
    fmv.x.w a0, f3
    csrr a1, fflags
    csrr a2, mstatus
    expect 3, a0, 0x3eaaaaab
    expect 4, a1, 1             /* inexact */
    srli a2, a2, 31
    expect 5, a2, 1             /* the registers are dirty */
    finish

    .text
    .balign 4
    .globl own_handler
own_handler:
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    li s2, 1
    mret
