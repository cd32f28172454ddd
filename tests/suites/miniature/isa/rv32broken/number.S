/* SPDX-License-Identifier: Apache-2.0 */
/* The check with number 21 fails. */
#include "riscv_test.h"
    begin
    li a0, 5
    expect 20, a0, 5
    expect 21, a0, 6
    finish
