/* SPDX-License-Identifier: Apache-2.0 */
/* The head of every test. */
#include "model_test.h"
#include "arch_test.h"
    .section .text.init, "ax"
    .globl rvtest_entry_point
rvtest_entry_point:
    RVMODEL_BOOT
    RVTEST_CODE_BEGIN
