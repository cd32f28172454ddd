/* SPDX-License-Identifier: Apache-2.0 */
/* misa, which the ISA file for riscof describes, too. */
#include "start.h"
RVTEST_ISA("RV32I_Zicsr")
RVTEST_CASE(1, "// check ISA:=regex(RV32IMAFCU.*); def TEST_CASE_1=True", identity)
    csrr a1, misa
    la a0, results
    sw a1, 0(a0)
    RVTEST_CODE_END
    RVMODEL_HALT
    RVTEST_DATA_BEGIN
    RVTEST_DATA_END
    RVMODEL_DATA_BEGIN
results:
    .fill 1, 4, 0xdeadbeef
    RVMODEL_DATA_END
