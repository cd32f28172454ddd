/* SPDX-License-Identifier: Apache-2.0 */
/* Only for a hart with C: the length of an instruction, from a return address. */
#include "start.h"
RVTEST_ISA("RV32IC")
RVTEST_CASE(0, "//check ISA:=regex(.*32.*); check ISA:=regex(.*I.*C.*); def TEST_CASE_1=True;", c)
#ifdef TEST_CASE_1
    .option push
    .option norelax
    la a0, results
    la a1, 2f
1:  c.jalr a1
    c.nop
2:  la a1, 1b
    sub a1, ra, a1
    sw a1, 0(a0)
    .option pop
#endif
    RVTEST_CODE_END
    RVMODEL_HALT
    RVTEST_DATA_BEGIN
    RVTEST_DATA_END
    RVMODEL_DATA_BEGIN
results:
    .fill 1, 4, 0xdeadbeef
    RVMODEL_DATA_END
