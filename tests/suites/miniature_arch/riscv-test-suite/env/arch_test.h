/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of riscv-arch-test use of its framework, as small as the runner's tests need it: own
 * words, own trap record (cause, epc and tval from the code's and the data's start). */
#define RVTEST_ISA(text)
#define RVTEST_CASE(number, text, name)

    .macro RVTEST_CODE_BEGIN
#ifdef rvtest_mtrap_routine
    la t0, mini_trap
    csrw mtvec, t0
    la t0, mtrap_sigptr
    csrw mscratch, t0
#endif
rvtest_code_begin:
    .endm

    .macro RVTEST_CODE_END
    j mini_end
    .balign 4
mini_trap:                      /* t0..t2 are the handler's own in these tests */
    csrr t0, mscratch
    csrr t1, mcause
    sw t1, 0(t0)
    csrr t1, mepc
    la t2, rvtest_code_begin
    sub t2, t1, t2
    sw t2, 4(t0)
    addi t1, t1, 4              /* compiled without C: an instruction has four bytes */
    csrw mepc, t1
    csrr t1, mtval
    la t2, rvtest_data_begin
    sub t2, t1, t2
    sw t2, 8(t0)
    addi t0, t0, 12
    csrw mscratch, t0
    mret
mini_end:
    .endm

    .macro RVTEST_DATA_BEGIN
    .data
    .balign 16
rvtest_data_begin:
    .endm
    .macro RVTEST_DATA_END
    .endm
