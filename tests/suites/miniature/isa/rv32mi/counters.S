/* SPDX-License-Identifier: Apache-2.0 */
/* A write of either half of a counter keeps the writing instruction uncounted. */
#include "riscv_test.h"
    begin machine=1
    csrwi minstret, 7
    csrr a0, minstret
    expect 2, a0, 7
    li t0, -1
    csrw minstreth, zero
    csrw minstret, t0
    csrr a0, minstret
    csrr a1, minstreth
    expect 3, a0, -1
    expect 4, a1, 1
    li t0, -2
    csrw minstret, t0           /* ...fffffffe, and the next write keeps this half */
    csrwi minstreth, 9
    csrr a0, minstret
    csrr a1, minstreth          /* ...ffffffff here, the carry comes behind it */
    csrr a2, minstreth
    expect 5, a0, -2
    expect 6, a1, 9
    expect 7, a2, 10
    csrwi minstreth, 3
    li t0, -1
    csrw minstret, t0           /* ...ffffffff, which does not carry under a write */
    csrwi minstret, 5
    csrr a1, minstreth
    expect 8, a1, 3
    li gp, 9                    /* counters run and are readable by their user names */
    csrr a0, cycle
    csrr a1, cycleh
    nop
    csrr a2, cycle
    csrr a3, cycleh
    sltu t0, a0, a2
    slt t1, a1, a3
    or t0, t0, t1
    beqz t0, failed
    csrr a0, instret
    csrr a1, instreth
    finish
