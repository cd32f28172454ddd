/* SPDX-License-Identifier: Apache-2.0 */
/* Cause, address from the code's start and value from the data's start of two traps. */
#include "start.h"
RVTEST_ISA("RV32I_Zicsr")
RVTEST_CASE(1, "// check ISA:=regex(.*I.*Zicsr.*); def rvtest_mtrap_routine=True; def TEST_CASE_1=True", traps)
#ifdef TEST_CASE_1
    la a0, rvtest_data_begin
    li a2, 0x7f800000
    sub a0, a0, a2              /* no memory there */
    lw a1, 0x10(a0)
    sw a1, 0x20(a0)
#endif
    RVTEST_CODE_END
    RVMODEL_HALT
    RVTEST_DATA_BEGIN
    RVTEST_DATA_END
    RVMODEL_DATA_BEGIN
mtrap_sigptr:
    .fill 6, 4, 0xdeadbeef
    RVMODEL_DATA_END
