/* SPDX-License-Identifier: Apache-2.0 */
/* A load from an odd address: the hart does it, or traps; the case says which. The signature is the
 * same for both. */
#include "start.h"
RVTEST_ISA("RV32I_Zicsr")
RVTEST_CASE(0, "//check ISA:=regex(.*I.*Zicsr.*); check hw_data_misaligned_support:=True; def IN_HARDWARE=True; def rvtest_mtrap_routine=True;", crossing)
RVTEST_CASE(1, "//check ISA:=regex(.*I.*Zicsr.*); check hw_data_misaligned_support:=False; def rvtest_mtrap_routine=True;", crossing)
    la a1, rvtest_data_begin
    la a3, mtrap_sigptr
    li a2, 0x77
    lw a2, 1(a1)
#ifdef IN_HARDWARE
    li a4, 0x55443322           /* the word that crosses */
    lw a5, 0(a3)                /* no trap has been recorded */
    li a6, 0xdeadbeef
#else
    li a4, 0x77                 /* the register is as it was */
    lw a5, 0(a3)
    li a6, 4                    /* load address misaligned */
#endif
    xor a2, a2, a4
    xor a5, a5, a6
    la a0, results
    sw a2, 0(a0)
    sw a5, 4(a0)
    RVTEST_CODE_END
    RVMODEL_HALT
    RVTEST_DATA_BEGIN
    .word 0x44332211, 0x88776655
mtrap_sigptr:
    .fill 3, 4, 0xdeadbeef
    RVTEST_DATA_END
    RVMODEL_DATA_BEGIN
results:
    .fill 2, 4, 0xdeadbeef
    RVMODEL_DATA_END
