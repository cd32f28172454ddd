/* SPDX-License-Identifier: Apache-2.0 */
/* It ends with a code of its own. */
#include "start.h"
RVTEST_ISA("RV32I")
RVTEST_CASE(0, "//check ISA:=regex(.*I.*); def TEST_CASE_1=True;", code)
    RVTEST_CODE_END
    li a0, 7
    la a1, tohost
1:  sw a0, 0(a1)
    j 1b
    RVTEST_DATA_BEGIN
    RVTEST_DATA_END
    RVMODEL_DATA_BEGIN
    .word 7, 8, 9, 10
    RVMODEL_DATA_END
