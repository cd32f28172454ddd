/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/results.h"

#include <stddef.h>

#include "aimc/results/results_regs.h"
#include "hal/mmio.h"

uint32_t results_window(const results_t *results) {
    return (uint32_t)results->base + RESULTS_WINDOW_OFFSET;
}

void results_set_class(const results_t *results, uint32_t predicted) {
    mmio_write32(results->base + RESULTS_CLASS_OFFSET, predicted);
}

hal_result_t results_commit(const results_t *results, uint32_t frame, uint32_t bytes) {
    if (results == NULL || bytes > RESULTS_WINDOW_BYTES) return HAL_BAD_ARG;
    mmio_write32(results->base + RESULTS_FRAME_OFFSET, frame);
    mmio_write32(results->base + RESULTS_BYTES_OFFSET, bytes);
    mmio_write32(results->base + RESULTS_COMMIT_OFFSET, 1);
    return HAL_OK;
}

uint32_t results_committed(const results_t *results) {
    return mmio_read32(results->base + RESULTS_COMMITTED_OFFSET);
}
