/* SPDX-License-Identifier: Apache-2.0 */
/* Registers that a machine- and user-mode hart has not got: each access traps, precisely. */
#include "riscv_test.h"
    .macro absent number, csr
    li gp, \number
    li s2, 0
    csrr a0, \csr
    beqz s2, failed
    li s2, 0
    csrwi \csr, 0
    beqz s2, failed
    .endm

    begin machine=1
    absent 2, 0x744             /* mnstatus */
    absent 3, 0x180             /* satp */
    absent 4, 0x302             /* medeleg */
    absent 5, 0x303             /* mideleg */
    absent 6, 0x105             /* stvec */
    absent 7, 0x100             /* sstatus */
    absent 8, 0x7c0             /* custom */
    absent 9, 0x008             /* vstart */
    csrr a0, misa
    srli a1, a0, 30
    expect 10, a1, 1            /* 32 bit */
    srli a1, a0, 18
    andi a1, a1, 1
    expect 11, a1, 0            /* no supervisor mode */
    finish

    .text
    .balign 4
    .globl own_handler
own_handler:
    csrr t0, mcause
    addi t0, t0, -2
    bnez t0, failed
    csrr t0, mepc
    lw t1, 0(t0)
    csrr t2, mtval
    bne t1, t2, failed
    addi t0, t0, 4
    csrw mepc, t0
    li s2, 1
    mret
