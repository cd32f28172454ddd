/* SPDX-License-Identifier: Apache-2.0 */
/* It is for a hart with supervisor mode. */
#include "start.h"
RVTEST_ISA("RV32I")
RVTEST_CASE(0, "//check ISA:=regex(.*I.*); def rvtest_strap_routine=True; def TEST_CASE_1=True;", supervisor)
    RVTEST_CODE_END
    RVMODEL_HALT
    RVTEST_DATA_BEGIN
    RVTEST_DATA_END
    RVMODEL_DATA_BEGIN
    .word 7, 8, 9, 10
    RVMODEL_DATA_END
