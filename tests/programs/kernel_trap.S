/* SPDX-License-Identifier: Apache-2.0 */
/* Trap entry of a small kernel: all registers of the thread go to the frame that mscratch points to,
 * trap_handler() returns the frame to go on with. Kernel code runs on its own stack. */
#define WORDS 34                /* x1 .. x31, mepc, mstatus, fcsr; then f0 .. f31 */

    .text
    .balign 4
    .globl trap_entry
trap_entry:
    csrrw t6, mscratch, t6
    sw x1, 0*4(t6)
    .irp n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    sw x\n, (\n-1)*4(t6)
    .endr
    mv a0, t6
    csrr t0, mscratch           /* the thread's t6 */
    sw t0, 30*4(a0)
    csrr t0, mepc
    sw t0, 31*4(a0)
    csrr t0, mstatus
    sw t0, 32*4(a0)
    csrr t0, fcsr
    sw t0, 33*4(a0)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsw f\n, (WORDS+\n)*4(a0)
    .endr
    la sp, __stack_top1
    call trap_handler
    .globl resume
resume:                         /* a0: frame */
    csrw mscratch, a0
    lw t0, 31*4(a0)
    csrw mepc, t0
    lw t0, 32*4(a0)
    csrw mstatus, t0
    lw t0, 33*4(a0)
    csrw fcsr, t0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    flw f\n, (WORDS+\n)*4(a0)
    .endr
    mv t6, a0
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    lw x\n, (\n-1)*4(t6)
    .endr
    lw t6, 30*4(t6)
    mret
