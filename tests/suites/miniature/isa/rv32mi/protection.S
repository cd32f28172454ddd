/* SPDX-License-Identifier: Apache-2.0 */
/* The start-up's entry opened all memory to user mode; without it user mode cannot fetch. */
#include "riscv_test.h"
    begin machine=1
    csrr a0, pmpcfg0
    andi a0, a0, 0xff
    expect 2, a0, 0x1f
    csrr a0, pmpaddr0
    expect 3, a0, 0x7fffffff
    li s2, 1                    /* cause to come: instruction access fault */
    csrwi pmpcfg0, 0
    la s3, in_user_mode
    csrw mepc, s3
    csrwi mstatus, 0
    mret
in_user_mode:
    ebreak
with_protection_off:
    finish

    .text
    .balign 4
    .globl own_handler
own_handler:
    csrr a0, mcause
    li gp, 4
    bne a0, s2, failed
    csrr a0, mepc
    li gp, 5
    bne a0, s3, failed
    csrr a0, mtval
    li gp, 6
    bne a0, s3, failed
    beqz s2, failed
    li a1, 3
    beq s2, a1, leave
    li s2, 3                    /* open it again: now the ebreak is reached */
    li a0, 0x1f
    csrw pmpcfg0, a0
    mret
leave:
    li a0, 0x1800
    csrs mstatus, a0
    la a0, with_protection_off
    csrw mepc, a0
    mret
