/* SPDX-License-Identifier: Apache-2.0 */
/* Trap entry (direct mode). Saves what a C function may clobber as a trap_frame_t on the stack,
 * calls trap_dispatch(frame) and returns to frame->mepc. Floating-point registers are saved only
 * if the interrupted code has touched them (mstatus.FS is Dirty). */

#define FRAME_BYTES 160
#define FRAME_MEPC 64
#define FRAME_MSTATUS 68
#define FRAME_FCSR 72
#define FRAME_F 80
#define MSTATUS_FS_MASK 0x6000

    .text
    .balign 4
    .globl trap_entry
trap_entry:
    csrw mscratch, t0
    la t0, __stack_guard
    bltu sp, t0, stack_overflow
    csrr t0, mscratch
    addi sp, sp, -FRAME_BYTES
    sw ra, 0(sp)
    sw t0, 4(sp)
    sw t1, 8(sp)
    sw t2, 12(sp)
    sw a0, 16(sp)
    sw a1, 20(sp)
    sw a2, 24(sp)
    sw a3, 28(sp)
    sw a4, 32(sp)
    sw a5, 36(sp)
    sw a6, 40(sp)
    sw a7, 44(sp)
    sw t3, 48(sp)
    sw t4, 52(sp)
    sw t5, 56(sp)
    sw t6, 60(sp)
    csrr t0, mepc
    csrr t1, mstatus
    sw t0, FRAME_MEPC(sp)
    sw t1, FRAME_MSTATUS(sp)
    li t2, MSTATUS_FS_MASK
    and t1, t1, t2
    bne t1, t2, 1f
    csrr t0, fcsr
    sw t0, FRAME_FCSR(sp)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    fsw ft\n, FRAME_F + 4 * \n(sp)
    fsw fa\n, FRAME_F + 32 + 4 * \n(sp)
    .endr
    fsw ft8, FRAME_F + 64(sp)
    fsw ft9, FRAME_F + 68(sp)
    fsw ft10, FRAME_F + 72(sp)
    fsw ft11, FRAME_F + 76(sp)

1:  mv a0, sp
    call trap_dispatch

    lw t1, FRAME_MSTATUS(sp)
    li t2, MSTATUS_FS_MASK
    and t0, t1, t2
    bne t0, t2, 2f
    lw t0, FRAME_FCSR(sp)
    csrw fcsr, t0
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    flw ft\n, FRAME_F + 4 * \n(sp)
    flw fa\n, FRAME_F + 32 + 4 * \n(sp)
    .endr
    flw ft8, FRAME_F + 64(sp)
    flw ft9, FRAME_F + 68(sp)
    flw ft10, FRAME_F + 72(sp)
    flw ft11, FRAME_F + 76(sp)

2:  lw t0, FRAME_MEPC(sp)
    csrw mepc, t0
    csrw mstatus, t1
    lw ra, 0(sp)
    lw t0, 4(sp)
    lw t1, 8(sp)
    lw t2, 12(sp)
    lw a0, 16(sp)
    lw a1, 20(sp)
    lw a2, 24(sp)
    lw a3, 28(sp)
    lw a4, 32(sp)
    lw a5, 36(sp)
    lw a6, 40(sp)
    lw a7, 44(sp)
    lw t3, 48(sp)
    lw t4, 52(sp)
    lw t5, 56(sp)
    lw t6, 60(sp)
    addi sp, sp, FRAME_BYTES
    mret

stack_overflow:
    la sp, trap_emergency_stack_top
    tail trap_stack_overflow

    .bss
    .balign 16
    .space 1024
trap_emergency_stack_top:
