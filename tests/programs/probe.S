/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of which a trap is a result: whatever happens in a probe, the caller goes on behind it. */
#include "callers_registers.inc"

    .text
    .option norvc

/* uint32_t probe_call(function, a0, a1, level): what a0 holds at the end, by return or trap. */
    .globl probe_call
probe_call:
    PUSH_CALLERS
    la t0, probe_stack
    sw sp, 0(t0)
    lw t0, probe_handler
    csrw mtvec, t0
    mv t0, a0
    mv a0, a1
    mv a1, a2
    bnez a3, 1f
    jalr t0
    la t0, probe_trap           /* it returned */
    li t1, -1
    sw t1, 0(t0)
    j restore
1:  li t1, 0x1800               /* in user mode it ends by an ecall */
    csrc mstatus, t1
    csrw mepc, t0
    la ra, user_return
    mret

    .balign 4
user_return:
    ecall

    .balign 4
    .globl probe_trapped
probe_trapped:
    li t1, 0x20000              /* with MPRV this handler would load with the rights of MPP */
    csrrc t2, mstatus, t1
    la t0, probe_trap
    csrr t1, mcause
    sw t1, 0(t0)
    csrr t1, mtval
    sw t1, 4(t0)
    csrr t1, mepc
    sw t1, 8(t0)
    sw t2, 12(t0)
restore:
    la t0, probe_stack
    lw sp, 0(t0)
    POP_CALLERS
    ret

    .data
    .balign 4
probe_stack:
    .word 0
    .globl probe_handler
probe_handler:                  /* what mtvec holds during a probe */
    .word probe_trapped
