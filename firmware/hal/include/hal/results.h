/* SPDX-License-Identifier: Apache-2.0 */
/* Streaming output: result records for the host. */
#ifndef AIMC_HAL_RESULTS_H
#define AIMC_HAL_RESULTS_H

#include <stdint.h>

#include "hal/result.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RESULTS_NO_CLASS 0xffffffffu

typedef struct {
    uintptr_t base;
} results_t;

/** Bus address of the record under construction. */
uint32_t results_window(const results_t *results);

/** Sets the predicted class of the record, RESULTS_NO_CLASS for none. DMA may do it as well. */
void results_set_class(const results_t *results, uint32_t predicted);

/**
 * Hands the record in the window to the host.
 *
 * @param frame  Number of the input record it belongs to.
 * @param bytes  Length of the record.
 * @return HAL_OK, or HAL_BAD_ARG if `bytes` exceeds the window; then nothing is committed.
 */
hal_result_t results_commit(const results_t *results, uint32_t frame, uint32_t bytes);

/** Records committed since reset. */
uint32_t results_committed(const results_t *results);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_RESULTS_H */
