/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/plic.h"

#include <stddef.h>

#include "aimc/plic/plic_regs.h"
#include "hal/cpu.h"
#include "hal/mmio.h"

#define PRIORITY_MAX 7u
#define MIP_EXTERNAL (1u << 11)

static uintptr_t enable_word(const plic_t *plic, uint32_t source) {
    return plic->base + PLIC_ENABLE_OFFSET(0) + plic->context * PLIC_ENABLE_STRIDE +
           source / 32u * 4u;
}

void plic_set_threshold(const plic_t *plic, uint32_t threshold) {
    mmio_write32(plic->base + PLIC_THRESHOLD_OFFSET(plic->context), threshold);
}

hal_result_t plic_attach(const plic_t *plic, uint32_t source, uint32_t priority,
                         plic_handler_t handler, void *context) {
    if (plic == NULL || handler == NULL || source == 0 || source >= PLIC_SOURCES) {
        return HAL_BAD_ARG;
    }
    if (priority == 0 || priority > PRIORITY_MAX) return HAL_BAD_ARG;
    plic->slots[source].handler = handler;
    plic->slots[source].context = context;
    mmio_write32(plic->base + PLIC_PRIORITY_OFFSET(source), priority);
    const uintptr_t word = enable_word(plic, source);
    mmio_write32(word, mmio_read32(word) | 1u << source % 32u);
    return HAL_OK;
}

hal_result_t plic_detach(const plic_t *plic, uint32_t source) {
    if (plic == NULL || source == 0 || source >= PLIC_SOURCES) return HAL_BAD_ARG;
    const uintptr_t word = enable_word(plic, source);
    mmio_write32(word, mmio_read32(word) & ~(1u << source % 32u));
    plic->slots[source].handler = NULL;
    return HAL_OK;
}

uint32_t plic_claim(const plic_t *plic) {
    return mmio_read32(plic->base + PLIC_CLAIM_OFFSET(plic->context));
}

void plic_complete(const plic_t *plic, uint32_t source) {
    mmio_write32(plic->base + PLIC_CLAIM_OFFSET(plic->context), source);
}

void plic_dispatch(const plic_t *plic) {
    /* Reading mip is cheaper than a claim that finds nothing, and a new trap dearer than both. */
    do {
        const uint32_t source = plic_claim(plic);
        if (source == 0) return; /* taken back by its device meanwhile */
        if (source < PLIC_SOURCES && plic->slots[source].handler != NULL) {
            plic->slots[source].handler(plic->slots[source].context);
        }
        plic_complete(plic, source);
    } while ((cpu_irq_pending() & MIP_EXTERNAL) != 0);
}
