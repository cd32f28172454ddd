/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up, end and signature in the manner of the RISC-V test suites. Assembled with
 *   VALUE       what tohost receives at the end (odd: exit code * 2 + 1)
 *   LOW_ONLY    as riscv-arch-test: only the low word, again and again
 *   HIGH_FIRST  console characters with the high word first */
    .section .text.init, "ax"
    .globl _start
_start:
    j reset_vector
    .balign 4
trap_vector:
    csrr t5, mcause
    li t6, 11
    beq t5, t6, write_tohost
    li t6, 8
    beq t5, t6, write_tohost
    li gp, 1337
    j write_tohost
reset_vector:
    la t0, 1f                   /* what may be missing is tried with a trap behind it */
    csrw mtvec, t0
    csrwi 0x744, 8              /* mnstatus */
    .balign 4
1:  la t0, 1f
    csrw mtvec, t0
    csrwi satp, 0
    .balign 4
1:  la t0, 1f
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    .balign 4
1:  la t0, 1f
    csrw mtvec, t0
    csrwi medeleg, 0
    csrwi mideleg, 0
    .balign 4
1:  la t0, trap_vector
    csrw mtvec, t0
    csrr a0, mhartid
2:  bnez a0, 2b                 /* other harts spin */
    li a0, 0x1800
    csrc mstatus, a0            /* MPP = user, if there is one */
    la t0, 3f
    csrw mepc, t0
    mret
3:  la s0, text
4:  lbu a1, 0(s0)
    beqz a1, 6f
    la a0, tohost
    li a2, 0x01010000
#ifdef HIGH_FIRST
    sw a2, 4(a0)
    sw a1, 0(a0)
#else
    sw a1, 0(a0)
    sw a2, 4(a0)
#endif
5:  lw a1, 0(a0)                /* taken when it is zero again */
    bnez a1, 5b
    addi s0, s0, 1
    j 4b
6:  la a0, begin_signature
    li a1, 0xdeadbeef
    sw a1, 0(a0)
    li gp, VALUE
    fence
    ecall
write_tohost:
    la t5, tohost
    sw gp, 0(t5)
#ifndef LOW_ONLY
    sw zero, 4(t5)
#endif
    j write_tohost

    .section .tohost, "aw", @progbits
    .balign 64
    .globl tohost
tohost: .dword 0
    .balign 64
    .globl fromhost
fromhost: .dword 0

    .data
text: .asciz "htif console\n"
    .balign 16
    .globl begin_signature, end_signature
begin_signature:
    .word 0, 0x01234567, 0x89abcdef
end_signature:
