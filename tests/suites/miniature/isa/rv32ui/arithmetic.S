/* SPDX-License-Identifier: Apache-2.0 */
/* User mode computes, and machine mode is out of its reach. */
#include "riscv_test.h"
#include "test_macros.h"
    begin
    expect_sum 2, 40, 2, 42
    expect_sum 3, 0x7fffffff, 1, 0x80000000
    expect_sum 4, -1, 1, 0
    la a0, word
    lw a1, 0(a0)
    expect 5, a1, 0x00c0ffee
    li gp, 6                    /* only the handler leads on */
    csrr a1, mscratch
    j failed
behind:
    finish

    .text
    .balign 4
    .globl own_handler
own_handler:
    csrr a0, mcause
    expect 7, a0, 2
    csrr a0, mtval
    expect 8, a0, 0x340025f3    /* csrr a1, mscratch */
    csrr a0, mstatus
    srli a0, a0, 11
    andi a0, a0, 3
    expect 9, a0, 0             /* from user mode */
    la a0, behind
    csrw mepc, a0
    mret

    .data
    .balign 4
word: .word 0x00c0ffee
