/* SPDX-License-Identifier: Apache-2.0 */
/* Vectored trap entry of a kernel whose contexts lie on the threads' own stacks. Float registers go to
 * a save area of the thread, and only when mstatus.FS says that they changed. Handlers run on the
 * interrupt stack; one may enable interrupts again, and a trap then goes on from that stack. */
#include "rtos_queue.h"

    .text
    .balign 256
    .option push
    .option norvc
    .globl vectors
vectors:
    j exception                 /* and cause 0, which no interrupt has */
    j unexpected
    j unexpected
    j unexpected                /* machine software interrupt */
    j unexpected
    j unexpected
    j unexpected
    j timer
    j unexpected
    j unexpected
    j unexpected
    j external
    .option pop

    .macro enter handler
    addi sp, sp, -FRAME
    sw x1, 0*4(sp)
    .irp n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sw x\n, (\n-1)*4(sp)
    .endr
    csrr t0, mepc
    sw t0, FRAME_PC(sp)
    la a0, \handler
    j trap
    .endm

exception:
    enter on_exception
timer:
    enter on_timer
external:
    enter on_external
unexpected:
    enter on_unexpected

trap:                           /* a0: the handler */
    la t1, current
    lw t2, 0(t1)
    csrr t0, mstatus
    sw t0, FRAME_STATUS(sp)
    li t3, 0x6000
    and t4, t0, t3
    bne t4, t3, 1f              /* not dirty: the save area is up to date */
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsw f\n, (TASK_FLOAT+4*\n)(t2)
    .endr
    frcsr t4
    sw t4, TASK_FCSR(t2)
    lw t4, TASK_SAVES(t2)
    addi t4, t4, 1
    sw t4, TASK_SAVES(t2)
    li t3, 0x2000
    csrc mstatus, t3            /* clean */
    xor t0, t0, t3
    sw t0, FRAME_STATUS(sp)
1:  mv s0, sp
    la s1, nesting
    lw t0, 0(s1)
    addi t3, t0, 1
    sw t3, 0(s1)
    bnez t0, 2f
    sw sp, TASK_SP(t2)
    la sp, __stack_top1
2:  jalr a0
    lw t0, 0(s1)
    addi t0, t0, -1
    sw t0, 0(s1)
    mv sp, s0                   /* of an interrupted handler */
    bnez t0, leave
    .globl resume
resume:                         /* continues the current thread */
    la t1, current
    lw t2, 0(t1)
    lw sp, TASK_SP(t2)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    flw f\n, (TASK_FLOAT+4*\n)(t2)
    .endr
    lw t0, TASK_FCSR(t2)
    fscsr t0
leave:
    lw t0, FRAME_PC(sp)
    csrw mepc, t0
    lw t0, FRAME_STATUS(sp)
    csrw mstatus, t0
    lw x1, 0*4(sp)
    .irp n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    lw x\n, (\n-1)*4(sp)
    .endr
    addi sp, sp, FRAME
    mret
