/* SPDX-License-Identifier: Apache-2.0 */
/* Never ends. */
#include "riscv_test.h"
    begin
again:
    j again
    finish
