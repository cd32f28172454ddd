/* SPDX-License-Identifier: Apache-2.0 */
/* The conventions of riscv-tests' environment p, in our own words: registers that may be absent are
 * tried with mtvec behind the access, memory protection opens all memory, mret enters the mode that
 * the program runs in, and ecall hands gp to tohost (1: passed, 2n+1: check n failed). */
    .macro try csr, value       /* an absent register traps, and the trap goes on behind it */
    la t0, 9f
    csrw mtvec, t0
    li t1, \value
    csrw \csr, t1
    .balign 4
9:
    .endm

    .macro begin machine=0
    .section .text.init, "ax"
    .globl _start
_start:
    j prepare
    .balign 4
on_trap:
    csrr t5, mcause
    addi t5, t5, -8             /* ecall in user mode */
    beqz t5, give_back
    addi t5, t5, -3             /* ecall in machine mode */
    beqz t5, give_back
    .weak own_handler
    la t5, own_handler
    beqz t5, no_handler
    jr t5
no_handler:
    ori gp, gp, 1337
give_back:
    sw gp, tohost, t5
    sw zero, tohost + 4, t5
    j give_back

prepare:
    csrr a0, mhartid
others_spin:
    bnez a0, others_spin
    try 0x744, 8                /* mnstatus.NMIE */
    try satp, 0
    try pmpaddr0, 0x7fffffff
    try pmpcfg0, 0x1f           /* NAPOT, readable, writable, executable */
    try mie, 0
    try medeleg, 0
    try mideleg, 0
    li gp, 0
    la t0, on_trap
    csrw mtvec, t0
    csrwi mstatus, 0
    .if \machine
    li t0, 0x1800
    csrs mstatus, t0
    .endif
    la t0, body
    csrw mepc, t0
    csrr a0, mhartid
    mret
    .text
body:
    .endm

    .macro expect number, register, value
    li gp, \number
    li t6, \value
    bne \register, t6, failed
    .endm

    .macro finish
    li gp, 1
    ecall
failed:
    slli gp, gp, 1
    ori gp, gp, 1
    ecall
    .section .tohost, "aw", @progbits
    .balign 64
    .globl tohost, fromhost
tohost: .dword 0
    .balign 64
fromhost: .dword 0
    .endm
