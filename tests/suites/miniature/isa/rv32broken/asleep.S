/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeps, and nothing wakes it. */
#include "riscv_test.h"
    begin
    wfi
    j failed
    finish
