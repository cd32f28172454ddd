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
#elif defined(STACK_AT)                 /* stack and frame lie where STACK_AT says */
    li sp, STACK_AT
    addi s0, sp, 16
    .word 0xffffffff
#elif defined(HANDLER_AT)               /* where HANDLER_AT says */
    li t0, HANDLER_AT
    csrw mtvec, t0
    .word 0xffffffff
#elif defined(HANDLER_PUSHES)           /* a stack overflow, and the handler uses that stack */
    la t0, handler
    csrw mtvec, t0
    la sp, _start
1:  addi sp, sp, -16
    sw ra, 0(sp)
    j 1b
    .balign 4
handler:
    addi sp, sp, -64
    sw t0, 0(sp)
    lw t0, 0(sp)
    addi sp, sp, 64
    mret
#elif defined(HANDLER_RETURNS)          /* to the instruction that traps */
    la t0, handler
    csrw mtvec, t0
    .word 0xffffffff
    .balign 4
handler:
    mret
#elif defined(HANDLER_CALLS)            /* the environment, which is itself */
    la t0, handler
    csrw mtvec, t0
    .word 0xffffffff
    .balign 4
handler:
    nop
    ecall
    j handler
#elif defined(USER_WITHOUT_PMP)         /* user mode may reach nothing */
    la t0, 1f
    csrw mepc, t0
    csrw mstatus, zero
    mret
1:  j 1b
#elif defined(EBREAK)
    ebreak
#elif defined(STORE_TO)
    li t0, STORE_TO
    sw t0, 0(t0)
#elif defined(ERASES_ITSELF)
    la t0, _start
    li t1, 64
1:  sw zero, 0(t0)
    addi t0, t0, 4
    addi t1, t1, -1
    bnez t1, 1b
#elif defined(FINISH)                   /* the finisher gets this value */
    li t0, 0x100000
    li t1, FINISH
    sw t1, 0(t0)
1:  j 1b
#elif defined(EXECUTE)                  /* this word */
    .word EXECUTE
#elif defined(SPIN)
1:  j 1b
#elif defined(PRINT)                    /* empty lines, for ever */
    li t0, 0x10000000
    li t1, 10
    sb t1, 3(t0)                        /* any line format but access to the divisor */
1:  lbu t2, 5(t0)
    andi t2, t2, 0x20
    beqz t2, 1b
    sb t1, 0(t0)
    j 1b
#elif defined(SLEEP)
    wfi
    j _start
#endif
