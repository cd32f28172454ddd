/* SPDX-License-Identifier: Apache-2.0 */
/* Ends well, but by the finisher, so it has not passed. */
#include "riscv_test.h"
    begin
    li a0, 0x00100000
    li a1, 0x5555
    sw a1, 0(a0)
    finish
