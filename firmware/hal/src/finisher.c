/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/finisher.h"

#include "aimc/finisher/finisher_regs.h"
#include "hal/mmio.h"

void finisher_exit(const finisher_t *finisher, uint32_t code) {
    const uint32_t word = code == 0
                              ? FINISHER_COMMAND_PASS
                              : FINISHER_COMMAND_CODE_SET(code & 0xffffu) | FINISHER_COMMAND_FAIL;
    mmio_write32(finisher->base + FINISHER_COMMAND_OFFSET, word);
}
