/* SPDX-License-Identifier: Apache-2.0 */
/* Memory protection: every access of user mode around a small region, for each kind of region and
 * each permission; then a locked region in machine mode, and in user mode when nothing opens the rest
 * of memory. For a setting the signature has a word for
 * the fetch, three loads and three stores, in which bit n says that the access to area - 4 + n
 * trapped, and a word that mixes cause and mtval of all these traps. Entry 1 is the region (with entry
 * 0 its lower end), entry 15 opens the rest. */
#include "start.h"
RVTEST_ISA("RV32I_Zicsr")
RVTEST_CASE(0, "//check ISA:=regex(.*I.*U.*); check hw_data_misaligned_support:=True; def TEST_CASE_1=True;", protection)
    .option norvc
#define ECALL   0x73
#define OFFSETS 23              /* from 4 bytes in front of 16 bytes to 3 behind */
#define MPP     0x1800
#define MPRV    0x20000
    /* s0 signature, s1 area, s2 kind, s3 permissions, s4 bits, s5 offset, s6 access, s7 mixed causes,
     * s8 mode of the access (0: user), s9 trapped, s10 region locked, s11 where to go on */
    la t0, on_trap
    csrw mtvec, t0
    la s0, results
    la s1, area
    li t0, -1
    csrw pmpaddr15, t0
    li t0, 0x1f << 24
    csrw pmpcfg3, t0
    li s8, 0
    li s2, 0
each_kind:
    la s3, permissions
each_permission:
    csrw pmpcfg0, zero
    srli t0, s1, 2
    csrw pmpaddr0, t0           /* matters to TOR only */
    slli t1, s2, 2
    la t2, addresses
    add t2, t2, t1
    lw t2, 0(t2)
    add t0, t0, t2
    csrw pmpaddr1, t0
    la t2, kinds
    add t2, t2, t1
    lw t2, 0(t2)
    lbu t0, 0(s3)
    or t0, t0, t2
    slli t0, t0, 8
    csrw pmpcfg0, t0
    jal a7, measure
    addi s3, s3, 1
    la t0, permissions + 6
    bne s3, t0, each_permission
    addi s2, s2, 1
    li t0, 4
    bne s2, t0, each_kind

    li t0, 0x9900               /* locked, 16 bytes, read-only: for machine mode, too */
    csrw pmpcfg0, t0
    li s8, MPP
    jal a7, measure
    csrw pmpcfg3, zero          /* user mode may do nothing where no entry fits */
    li s8, 0
    jal a7, measure_locked
    csrw pmpcfg0, zero          /* the lock withstands */
    csrw pmpaddr1, zero
    csrr t0, pmpcfg0
    sw t0, 0(s0)
    csrr t0, pmpaddr1
    srli t1, s1, 2
    sub t0, t0, t1
    sw t0, 4(s0)
    j done

/* One setting: all accesses at all offsets. Returns to a7. A locked region is not written. */
measure_locked:
    li s10, 1
    j 1f
measure:
    snez s10, s8
1:  li s7, 0
    li s6, 0
each_access:
    li s4, 0
    li s5, 0
each_offset:
    bnez s6, not_a_fetch
    andi t0, s5, 3
    bnez t0, next
not_a_fetch:
    bnez s10, prepared
    addi t0, s1, -8
    li t1, ECALL
    addi t2, s1, 32
1:  sw t1, 0(t0)
    addi t0, t0, 4
    bne t0, t2, 1b
prepared:
    li s9, 0
    la s11, accessed
    add t5, s1, s5
    addi t5, t5, -4
    li t0, MPP
    csrc mstatus, t0
    csrs mstatus, s8
    beqz s6, fetch
    la t0, accesses
    slli t1, s6, 3
    add t0, t0, t1
    li t1, MPRV
    csrs mstatus, t1
    jr t0
fetch:
    csrw mepc, t5               /* what is there is an ecall: cause 8 or 11 is no fault */
    mret
accessed:
    li t1, MPRV
    csrc mstatus, t1
    sll t0, s9, s5
    or s4, s4, t0
next:
    addi s5, s5, 1
    li t0, OFFSETS
    bne s5, t0, each_offset
    sw s4, 0(s0)
    addi s0, s0, 4
    addi s6, s6, 1
    li t0, 7
    bne s6, t0, each_access
    sw s7, 0(s0)
    addi s0, s0, 4
    jr a7

accesses:
    ebreak                      /* the fetch does not come here */
    ebreak
    lb t6, 0(t5)
    jr s11
    lh t6, 0(t5)
    jr s11
    lw t6, 0(t5)
    jr s11
    sb t1, 0(t5)
    jr s11
    sh t1, 0(t5)
    jr s11
    sw t1, 0(t5)
    jr s11

    .balign 4
on_trap:
    li t0, MPRV
    csrc mstatus, t0
    csrr t0, mcause
    li t1, 8
    beq t0, t1, leave
    li t1, 11
    beq t0, t1, leave
    li s9, 1
    csrr t1, mtval
    sub t1, t1, s1
    slli t0, t0, 8
    xor t0, t0, t1
    slli t1, s7, 5
    srli t2, s7, 27
    or s7, t1, t2
    xor s7, s7, t0
leave:
    li t0, MPP
    csrs mstatus, t0
    csrw mepc, s11
    mret

done:
    RVTEST_CODE_END
    RVMODEL_HALT
    RVTEST_DATA_BEGIN
kinds:                          /* TOR and NA4 of 4 bytes, NAPOT of 8 and of 16 */
    .word 0x08, 0x10, 0x18, 0x18
addresses:                      /* of pmpaddr1 behind area >> 2 */
    .word 1, 0, 0, 1
permissions:                    /* a region that may be written but not read is reserved */
    .byte 0, 1, 3, 4, 5, 7
    .balign 32
    .fill 8, 4, ECALL
area:
    .fill 8, 4, ECALL
    RVTEST_DATA_END
    RVMODEL_DATA_BEGIN
results:
    .fill 26 * 8 + 2, 4, 0xdeadbeef
    RVMODEL_DATA_END
