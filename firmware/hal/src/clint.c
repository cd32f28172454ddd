/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/clint.h"

#include <stddef.h>

#include "aimc/clint/clint_regs.h"
#include "hal/mmio.h"

uint64_t clint_time(const clint_t *clint) {
    uint32_t high, low, again = mmio_read32(clint->base + CLINT_MTIME_HIGH_OFFSET);
    do {
        high = again;
        low = mmio_read32(clint->base + CLINT_MTIME_LOW_OFFSET);
        again = mmio_read32(clint->base + CLINT_MTIME_HIGH_OFFSET);
    } while (high != again);
    return (uint64_t)high << 32 | low;
}

hal_result_t clint_set_timer(const clint_t *clint, uint32_t hart, uint64_t when) {
    if (clint == NULL || hart >= CLINT_MTIMECMP_LOW_COUNT) return HAL_BAD_ARG;
    mmio_write32(clint->base + CLINT_MTIMECMP_HIGH_OFFSET(hart), 0xffffffffu);
    mmio_write32(clint->base + CLINT_MTIMECMP_LOW_OFFSET(hart), (uint32_t)when);
    mmio_write32(clint->base + CLINT_MTIMECMP_HIGH_OFFSET(hart), (uint32_t)(when >> 32));
    return HAL_OK;
}

hal_result_t clint_stop_timer(const clint_t *clint, uint32_t hart) {
    return clint_set_timer(clint, hart, UINT64_MAX);
}

hal_result_t clint_raise_software_irq(const clint_t *clint, uint32_t hart) {
    if (clint == NULL || hart >= CLINT_MSIP_COUNT) return HAL_BAD_ARG;
    mmio_write32(clint->base + CLINT_MSIP_OFFSET(hart), 1);
    return HAL_OK;
}

hal_result_t clint_clear_software_irq(const clint_t *clint, uint32_t hart) {
    if (clint == NULL || hart >= CLINT_MSIP_COUNT) return HAL_BAD_ARG;
    mmio_write32(clint->base + CLINT_MSIP_OFFSET(hart), 0);
    return HAL_OK;
}
