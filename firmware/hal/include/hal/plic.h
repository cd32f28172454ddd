/* SPDX-License-Identifier: Apache-2.0 */
/* External interrupts: enables, priorities and a table of handlers. */
#ifndef AIMC_HAL_PLIC_H
#define AIMC_HAL_PLIC_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/result.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PLIC_SOURCES 1024u /* source 0 does not exist */

/** Runs between claim and complete, with interrupts off. */
typedef void (*plic_handler_t)(void *context);

typedef struct {
    plic_handler_t handler;
    void *context;
} plic_slot_t;

typedef struct {
    uintptr_t base;
    uint32_t context;   /**< 2 * hart for machine mode. */
    plic_slot_t *slots; /**< PLIC_SOURCES handlers, indexed by source. */
} plic_t;

/** Lets only priorities above `threshold` through to this context. */
void plic_set_threshold(const plic_t *plic, uint32_t threshold);

/**
 * Sets handler and priority of `source` and enables it for this context.
 *
 * @param priority  1 (low) .. 7; 0 would never interrupt and is refused.
 * @return HAL_OK, or HAL_BAD_ARG for no handler, source 0 or beyond PLIC_SOURCES, a bad priority.
 */
hal_result_t plic_attach(const plic_t *plic, uint32_t source, uint32_t priority,
                         plic_handler_t handler, void *context);

/** Disables `source` for this context and forgets its handler. */
hal_result_t plic_detach(const plic_t *plic, uint32_t source);

/** Takes the best pending source, 0 if there is none. */
uint32_t plic_claim(const plic_t *plic);

/** Says that `source` is dealt with, so that it can interrupt again. */
void plic_complete(const plic_t *plic, uint32_t source);

/** Handles every external interrupt that is pending: claim, handler, complete. */
void plic_dispatch(const plic_t *plic);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_PLIC_H */
