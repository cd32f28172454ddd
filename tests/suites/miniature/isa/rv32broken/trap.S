/* SPDX-License-Identifier: Apache-2.0 */
/* A trap that nobody expects, in the check with number 3. */
#include "riscv_test.h"
    begin
    li gp, 3
    .word 0xffffffff
    finish
