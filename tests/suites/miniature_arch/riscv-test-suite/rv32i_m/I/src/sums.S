/* SPDX-License-Identifier: Apache-2.0 */
/* Fibonacci numbers: 13 words, so that a line of 16 bytes is not filled. */
#include "start.h"
RVTEST_ISA("RV32I_Zicsr,RV64I_Zicsr")
RVTEST_CASE(0, "//check ISA:=regex(.*32.*); check ISA:=regex(.*I.*); def TEST_CASE_1=True;", sums)
#ifdef TEST_CASE_1
    la a0, results
    li a1, 13
    li a2, 1
    li a3, 1
1:  sw a2, 0(a0)
    add a4, a2, a3
    mv a2, a3
    mv a3, a4
    addi a0, a0, 4
    addi a1, a1, -1
    bnez a1, 1b
#endif
    RVTEST_CODE_END
    RVMODEL_HALT
    RVTEST_DATA_BEGIN
    .word 0
    RVTEST_DATA_END
    RVMODEL_DATA_BEGIN
results:
    .fill 13, 4, 0xdeadbeef
    RVMODEL_DATA_END
