/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/dma.h"

#include <stddef.h>

#include "hal/cpu.h"
#include "hal/mmio.h"

#define ALL_EVENTS (DMA_CH_STATUS_DONE_MASK | DMA_CH_STATUS_ERROR_MASK | DMA_CH_STATUS_ABORTED_MASK)
#define IRQ_ENABLES (DMA_CH_CTRL_IRQ_DONE_MASK | DMA_CH_CTRL_IRQ_ERROR_MASK)

hal_result_t dma_copy_1d(dma_descriptor_t *descriptor, uint32_t destination, uint32_t source,
                         uint32_t bytes) {
    const dma_view_t to = {destination, 0, 0};
    const dma_view_t from = {source, 0, 0};
    return dma_copy_3d(descriptor, to, from, bytes, 1, 1);
}

hal_result_t dma_copy_2d(dma_descriptor_t *descriptor, dma_view_t destination, dma_view_t source,
                         uint32_t bytes, uint32_t runs) {
    return dma_copy_3d(descriptor, destination, source, bytes, runs, 1);
}

hal_result_t dma_copy_3d(dma_descriptor_t *descriptor, dma_view_t destination, dma_view_t source,
                         uint32_t bytes, uint32_t runs, uint32_t rows) {
    if (descriptor == NULL || mmio_bus_address(descriptor) % 4u != 0) return HAL_BAD_ARG;
    if (bytes == 0 || runs == 0 || rows == 0) return HAL_BAD_ARG;
    descriptor->control = 0;
    descriptor->next = 0;
    descriptor->source = source.address;
    descriptor->destination = destination.address;
    descriptor->bytes = bytes;
    descriptor->count1 = runs;
    descriptor->count2 = rows;
    descriptor->source_stride1 = (uint32_t)source.stride1;
    descriptor->source_stride2 = (uint32_t)source.stride2;
    descriptor->destination_stride1 = (uint32_t)destination.stride1;
    descriptor->destination_stride2 = (uint32_t)destination.stride2;
    return HAL_OK;
}

void dma_link(dma_descriptor_t *descriptor, const dma_descriptor_t *next) {
    descriptor->next = next == NULL ? 0 : mmio_bus_address(next);
}

uint32_t dma_channels(const dma_t *dma) { return mmio_read32(dma->base + DMA_CHANNELS_OFFSET); }

hal_result_t dma_start(const dma_t *dma, uint32_t channel, uint32_t descriptor, bool irq) {
    if (dma == NULL || channel >= DMA_CHANNELS_MAX) return HAL_BAD_ARG;
    if (descriptor == 0 || descriptor % 4u != 0) return HAL_BAD_ARG;
    if (channel >= dma_channels(dma)) return HAL_BAD_ARG;
    const uint32_t status = mmio_read32(dma->base + DMA_CH_STATUS_OFFSET(channel));
    if ((status & DMA_CH_STATUS_BUSY_MASK) != 0) return HAL_BUSY;
    mmio_fence();
    mmio_write32(dma->base + DMA_CH_STATUS_OFFSET(channel), ALL_EVENTS);
    mmio_write32(dma->base + DMA_CH_DESCRIPTOR_OFFSET(channel), descriptor);
    mmio_write32(dma->base + DMA_CH_CTRL_OFFSET(channel),
                 DMA_CH_CTRL_START_MASK | (irq ? IRQ_ENABLES : 0));
    return HAL_OK;
}

void dma_start_idle(const dma_t *dma, uint32_t channel, uint32_t descriptor) {
    mmio_fence();
    mmio_write32(dma->base + DMA_CH_DESCRIPTOR_OFFSET(channel), descriptor);
    mmio_write32(dma->base + DMA_CH_CTRL_OFFSET(channel), DMA_CH_CTRL_START_MASK | IRQ_ENABLES);
}

hal_result_t dma_poll(const dma_t *dma, uint32_t channel, dma_fault_t *fault) {
    if (dma == NULL || channel >= DMA_CHANNELS_MAX) return HAL_BAD_ARG;
    const uint32_t status = mmio_read32(dma->base + DMA_CH_STATUS_OFFSET(channel));
    if ((status & DMA_CH_STATUS_BUSY_MASK) != 0) return HAL_BUSY;
    mmio_fence();
    if ((status & DMA_CH_STATUS_ERROR_MASK) != 0) {
        const uint32_t code = mmio_read32(dma->base + DMA_CH_FAULT_CODE_OFFSET(channel));
        if (fault != NULL) {
            fault->code = code;
            fault->address = mmio_read32(dma->base + DMA_CH_FAULT_ADDRESS_OFFSET(channel));
            fault->descriptor = mmio_read32(dma->base + DMA_CH_CURRENT_OFFSET(channel));
        }
        return code == DMA_ERROR_DESCRIPTOR_BAD ? HAL_DEVICE_ERROR : HAL_BUS_FAULT;
    }
    return (status & DMA_CH_STATUS_ABORTED_MASK) != 0 ? HAL_ABORTED : HAL_OK;
}

hal_result_t dma_wait(const dma_t *dma, uint32_t channel, dma_fault_t *fault) {
    hal_result_t result;
    do {
        result = dma_poll(dma, channel, fault);
    } while (result == HAL_BUSY);
    return result;
}

bool dma_acknowledge(const dma_t *dma, uint32_t channel, bool *failed) {
    mmio_write32(dma->base + DMA_CH_STATUS_OFFSET(channel), DMA_CH_STATUS_DONE_MASK);
    const uint32_t status = mmio_read32(dma->base + DMA_CH_STATUS_OFFSET(channel));
    *failed = (status & (DMA_CH_STATUS_ERROR_MASK | DMA_CH_STATUS_ABORTED_MASK)) != 0;
    mmio_fence();
    return (status & DMA_CH_STATUS_BUSY_MASK) == 0;
}

uint32_t dma_irq_pending(const dma_t *dma) {
    return mmio_read32(dma->base + DMA_IRQ_PENDING_OFFSET);
}

void dma_mask_irq(const dma_t *dma, uint32_t channel) {
    mmio_write32(dma->base + DMA_CH_CTRL_OFFSET(channel), 0);
}

void dma_abort(const dma_t *dma, uint32_t channel) {
    const uintptr_t address = dma->base + DMA_CH_CTRL_OFFSET(channel);
    mmio_write32(address, (mmio_read32(address) & IRQ_ENABLES) | DMA_CH_CTRL_ABORT_MASK);
}

void dma_handle_irq(void *context) {
    dma_waiter_t *waiter = (dma_waiter_t *)context;
    uint32_t pending = dma_irq_pending(waiter->dma);
    for (uint32_t channel = 0; pending != 0; ++channel, pending >>= 1) {
        if ((pending & 1u) == 0) continue;
        bool failed = false;
        if (!dma_acknowledge(waiter->dma, channel, &failed)) continue;
        if (failed) dma_mask_irq(waiter->dma, channel);
        waiter->finished |= 1u << channel;
    }
}

typedef struct {
    dma_waiter_t *waiter;
    uint32_t mask;
} wait_condition_t;

static bool has_finished(void *context) {
    const wait_condition_t *condition = (const wait_condition_t *)context;
    return (condition->waiter->finished & condition->mask) != 0;
}

hal_result_t dma_wait_irq(dma_waiter_t *waiter, uint32_t channel, dma_fault_t *fault) {
    if (waiter == NULL || channel >= DMA_CHANNELS_MAX) return HAL_BAD_ARG;
    wait_condition_t condition = {waiter, 1u << channel};
    cpu_wait_until(has_finished, &condition);
    const bool enabled = cpu_irq_disable();
    waiter->finished &= ~condition.mask;
    cpu_irq_restore(enabled);
    return dma_poll(waiter->dma, channel, fault);
}

const char *dma_error_text(uint32_t code) {
    switch (code) {
        case DMA_ERROR_NONE: return "no error";
        case DMA_ERROR_DESCRIPTOR_READ: return "descriptor cannot be read";
        case DMA_ERROR_DESCRIPTOR_BAD: return "bad descriptor";
        case DMA_ERROR_READ: return "source access failed";
        case DMA_ERROR_WRITE: return "destination access failed";
        default: return "unknown error";
    }
}
