/* SPDX-License-Identifier: Apache-2.0 */
/* The environment's macros for interrupts: what mip shows before, while and after. */
#include "start.h"
RVTEST_ISA("RV32I_Zicsr")
RVTEST_CASE(1, "// check ISA:=regex(.*I.*Zicsr.*); def TEST_CASE_1=True", interrupts)
    la a0, results
    RVMODEL_CLR_MTIMER_INT      /* some platforms start with an expired timer */
    csrr a1, mip
    sw a1, 0(a0)
    RVMODEL_SET_MSW_INT
1:  csrr a1, mip
    andi a2, a1, 8
    beqz a2, 1b
    sw a1, 4(a0)
    RVMODEL_CLEAR_MSW_INT
2:  csrr a1, mip
    andi a2, a1, 8
    bnez a2, 2b
    sw a1, 8(a0)
    li a3, 0x2004000
    sw zero, 0(a3)
    sw zero, 4(a3)
3:  csrr a1, mip
    andi a2, a1, 0x80
    beqz a2, 3b
    sw a1, 12(a0)
    RVMODEL_CLEAR_MTIMER_INT
4:  csrr a1, mip
    andi a2, a1, 0x80
    bnez a2, 4b
    sw a1, 16(a0)
    RVMODEL_CLR_MEXT_INT
    RVTEST_CODE_END
    RVMODEL_HALT
    RVTEST_DATA_BEGIN
    RVTEST_DATA_END
    RVMODEL_DATA_BEGIN
results:
    .fill 5, 4, 0xdeadbeef
    RVMODEL_DATA_END
