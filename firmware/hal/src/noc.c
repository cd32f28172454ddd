/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/noc.h"

#include <stddef.h>

#include "aimc/common/engine_regs.h"
#include "aimc/noc/noc_regs.h"
#include "hal/mmio.h"

hal_result_t noc_geometry(const noc_t *noc, noc_geometry_t *geometry) {
    if (noc == NULL || geometry == NULL) return HAL_BAD_ARG;
    const uint32_t size = mmio_read32(noc->base + NOC_GEOMETRY_OFFSET);
    geometry->columns = NOC_GEOMETRY_COLUMNS_GET(size);
    geometry->rows = NOC_GEOMETRY_ROWS_GET(size);
    geometry->endpoints = mmio_read32(noc->base + NOC_ENDPOINTS_OFFSET);
    return HAL_OK;
}

bool noc_present(const noc_t *noc, uint32_t endpoint) {
    mmio_write32(noc->base + NOC_SELECT_OFFSET, endpoint);
    return mmio_read32(noc->base + NOC_PRESENT_OFFSET) != 0;
}

uint32_t noc_endpoint_base(const noc_t *noc, uint32_t endpoint) {
    return noc->window_base + endpoint * noc->window_bytes;
}

uint32_t noc_endpoint_irq(const noc_t *noc, uint32_t endpoint) { return noc->irq_base + endpoint; }

hal_result_t noc_find(const noc_t *noc, uint32_t id, uint32_t first, uint32_t *found) {
    if (noc == NULL || found == NULL) return HAL_BAD_ARG;
    const uint32_t endpoints = mmio_read32(noc->base + NOC_ENDPOINTS_OFFSET);
    for (uint32_t endpoint = first; endpoint < endpoints; ++endpoint) {
        if (!noc_present(noc, endpoint)) continue;
        if (mmio_read32((uintptr_t)noc_endpoint_base(noc, endpoint) + ENGINE_ID_OFFSET) == id) {
            *found = endpoint;
            return HAL_OK;
        }
    }
    return HAL_NOT_FOUND;
}
