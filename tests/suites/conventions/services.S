/* SPDX-License-Identifier: Apache-2.0 */
/* Prints and ends as programs for the proxy kernel do: tohost receives the address of a block of
 * eight 64-bit words (number and arguments), fromhost tells that it is done and is taken back. */
    .data
text: .ascii "printed by a service\n"
    .equ LENGTH, 21

    .text
    .globl _start
_start:
    la sp, stack
    li a0, 64                   /* write */
    li a1, 1                    /* standard output */
    la a2, text
    li a3, LENGTH
    call service
    li t0, LENGTH
    bne a0, t0, wrong
    li a0, 4000                 /* no such call: -ENOSYS */
    call service
    li t0, -38
    bne a0, t0, wrong
    li a0, 93                   /* exit */
    li a1, 12
    call service
wrong:
    li a0, 93
    li a1, 1
    call service

service:
    la t0, block
    sw a0, 0(t0)
    sw zero, 4(t0)              /* a negative result stands here */
    sw a1, 8(t0)
    sw a2, 16(t0)
    sw a3, 24(t0)
    fence
    la t1, tohost
    sw t0, 0(t1)
    sw zero, 4(t1)
    la t2, fromhost
1:  lw t3, 0(t2)
    beqz t3, 1b
    sw zero, 0(t2)
    sw zero, 4(t2)
    fence
    lw a0, 0(t0)
    ret

    .data
    .balign 64
block: .dword 0, 0, 0, 0, 0, 0, 0, 0
    .globl tohost, fromhost
    .balign 64
tohost: .dword 0
    .balign 64
fromhost: .dword 0
    .balign 16
    .space 64
stack:
