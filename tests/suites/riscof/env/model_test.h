// SPDX-License-Identifier: Apache-2.0
// What riscv-arch-test asks of a platform (framework 3.x): start, end, console, interrupts.
#ifndef AIMC_MODEL_TEST_H
#define AIMC_MODEL_TEST_H

// All harts start at the entry point; one runs the test.
#define RVMODEL_BOOT      \
  csrr t0, mhartid;       \
  aimc_other_hart:        \
  bnez t0, aimc_other_hart;

// The host interface ends the run: 1 in tohost is exit code 0. The loop guards against a run
// that goes on; fence orders the signature's stores before the end.
#define RVMODEL_HALT           \
  fence;                       \
  li x1, 1;                    \
  aimc_end_of_test:            \
  la t0, tohost;               \
  sw x1, 0(t0);                \
  j aimc_end_of_test;

// The signature lies between begin_signature and end_signature.
#define RVMODEL_DATA_BEGIN                     \
  .pushsection .tohost, "aw", @progbits;       \
  .align 6;                                    \
  .global tohost;                              \
  tohost: .dword 0;                            \
  .align 6;                                    \
  .global fromhost;                            \
  fromhost: .dword 0;                          \
  .popsection;                                 \
  .align 4;                                    \
  .global begin_signature;                     \
  begin_signature:

#define RVMODEL_DATA_END  \
  .global end_signature;  \
  end_signature:

// The signature is compared; nothing is printed or asserted while a test runs.
#define RVMODEL_IO_INIT
#define RVMODEL_IO_WRITE_STR(_SP, _STR)
#define RVMODEL_IO_CHECK()
#define RVMODEL_IO_ASSERT_GPR_EQ(_SP, _R, _I)
#define RVMODEL_IO_ASSERT_SFPR_EQ(_F, _R, _I)
#define RVMODEL_IO_ASSERT_DFPR_EQ(_D, _R, _I)

// Interrupts of the CLINT. The handlers of old and new frameworks leave only t2 free for both, so the
// address is also the value that is written. Frameworks before 2023 say CLEAR for CLR.
#define RVMODEL_SET_MSW_INT  \
  li t2, 0x2000001;          \
  sw t2, -1(t2);
#define RVMODEL_CLR_MSW_INT  \
  li t2, 0x2000000;          \
  sw zero, 0(t2);
#define RVMODEL_CLEAR_MSW_INT RVMODEL_CLR_MSW_INT

// The upper half of the compare register gets a time that is centuries away.
#define RVMODEL_CLR_MTIMER_INT  \
  li t2, 0x2004000;             \
  sw t2, 4(t2);
#define RVMODEL_CLEAR_MTIMER_INT RVMODEL_CLR_MTIMER_INT

// Nothing in these tests raises a line of the interrupt controller.
#define RVMODEL_CLR_MEXT_INT
#define RVMODEL_CLEAR_MEXT_INT

#endif
