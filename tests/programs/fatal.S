/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that go wrong, one for each macro. */
    .section .text.init, "ax"
    .globl _start
_start:
#if defined(NO_HANDLER)                 /* mtvec is 0, where nothing is */
    .word 0xffffffff
#elif defined(HANDLER_IS_ILLEGAL)       /* its first instruction traps */
    la t0, handler
    csrw mtvec, t0
    ecall
    .balign 4
handler:
    .word 0xffffffff
#elif defined(DOUBLE_FAULT)             /* it traps later */
    la t0, handler
    csrw mtvec, t0
    lw t1, 4(zero)
    .balign 4
handler:
    nop
    lw t1, 8(zero)
    j handler
#elif defined(JUMP)                     /* to where JUMP says */
    li t0, JUMP
    jr t0
#elif defined(JUMP_HANDLED)             /* the same, and the handler tells the cause */
    la t0, handler
    csrw mtvec, t0
    li t0, JUMP_HANDLED
    jr t0
    .balign 4
handler:
    csrr a0, mcause
    csrr t1, mtval
    slli a0, a0, 16
    li t2, 0x3333
    or a0, a0, t2
    bne t1, t0, handler
    li t0, 0x100000
    sw a0, 0(t0)
1:  j 1b
#elif defined(STACK)                    /* grows out of memory */
    la sp, _start
1:  addi sp, sp, -1024
    sw ra, 0(sp)
    j 1b
#elif defined(SPIN)
1:  j 1b
#elif defined(SLEEP)
    wfi
    j _start
#endif
