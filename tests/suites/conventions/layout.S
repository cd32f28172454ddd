/* SPDX-License-Identifier: Apache-2.0 */
/* Segments lie at their physical addresses, and the first instruction is the ELF's entry. */
    .section .trap, "ax"
    .word 0, 0, 0, 0            /* whoever starts at the begin of RAM traps */

    .text
    nop
    .globl entry
entry:
    li gp, 2*2+1
    la a0, data_load
    lw a1, 0(a0)
    li a2, 0x5eed5eed
    bne a1, a2, end             /* 2: not loaded at the physical address */
    li gp, 2*3+1
    la a0, data_begin
    lw a1, 0(a0)
    bnez a1, end                /* 3: loaded at the virtual address too */
    li gp, 2*4+1
    csrr a1, mhartid
    bnez a1, end                /* 4 */
    li gp, 2*5+1
    csrr a1, mcause
    bnez a1, end                /* 5: a trap before the first instruction */
    li gp, 1
end:
    la t0, tohost
    sw gp, 0(t0)
    sw zero, 4(t0)
1:  j 1b

    .section .tohost, "aw", @progbits
    .globl tohost
tohost: .dword 0
    .data
    .word 0x5eed5eed
