/* SPDX-License-Identifier: Apache-2.0 */
/* Mesh network: its size, what stands where, and where an endpoint answers. */
#ifndef AIMC_HAL_NOC_H
#define AIMC_HAL_NOC_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/result.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uintptr_t base;
    uint32_t window_base;  /**< Bus address of endpoint 0. */
    uint32_t window_bytes; /**< Address space of one endpoint. */
    uint32_t irq_base;     /**< PLIC source of endpoint 0. */
} noc_t;

typedef struct {
    uint32_t columns;
    uint32_t rows;
    uint32_t endpoints; /**< Highest endpoint number + 1. */
} noc_geometry_t;

hal_result_t noc_geometry(const noc_t *noc, noc_geometry_t *geometry);

/** True if something answers at `endpoint`; touching the window of an absent one is a bus error. */
bool noc_present(const noc_t *noc, uint32_t endpoint);

/** Bus address of an endpoint's window, and its PLIC source. */
uint32_t noc_endpoint_base(const noc_t *noc, uint32_t endpoint);
uint32_t noc_endpoint_irq(const noc_t *noc, uint32_t endpoint);

/**
 * Searches for an endpoint of one kind.
 *
 * @param id     ENGINE_ID word, see ENGINE_ID_OF in hal/engine.h.
 * @param first  Endpoint to begin with.
 * @param found  Number of the first match.
 * @return HAL_OK, HAL_NOT_FOUND or HAL_BAD_ARG.
 */
hal_result_t noc_find(const noc_t *noc, uint32_t id, uint32_t first, uint32_t *found);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_NOC_H */
