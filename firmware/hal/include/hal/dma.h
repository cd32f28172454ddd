/* SPDX-License-Identifier: Apache-2.0 */
/* DMA engine: descriptors, chains, channels, faults. */
#ifndef AIMC_HAL_DMA_H
#define AIMC_HAL_DMA_H

#include <stdbool.h>
#include <stdint.h>

#include "aimc/dma/dma_regs.h"
#include "hal/result.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One DMA engine. The driver keeps no other state. */
typedef struct {
    uintptr_t base;
} dma_t;

/** Where and why a chain stopped. */
typedef struct {
    uint32_t code;       /**< DMA_ERROR_*. */
    uint32_t address;    /**< Bus address at fault. */
    uint32_t descriptor; /**< Bus address of the descriptor in work. */
} dma_fault_t;

/** One side of a copy: where it begins and how its runs and rows follow each other. */
typedef struct {
    uint32_t address; /**< Bus address of the first byte. */
    int32_t stride1;  /**< Bytes from one run to the next. */
    int32_t stride2;  /**< Bytes from one row of runs to the next. */
} dma_view_t;

/**
 * Fills a descriptor that copies `bytes` contiguous bytes and ends its chain.
 * @return HAL_OK, or HAL_BAD_ARG if the descriptor is null or misaligned or `bytes` is 0.
 */
hal_result_t dma_copy_1d(dma_descriptor_t *descriptor, uint32_t destination, uint32_t source,
                         uint32_t bytes);

/** Likewise `runs` runs of `bytes` bytes; stride1 of each view leads from run to run. */
hal_result_t dma_copy_2d(dma_descriptor_t *descriptor, dma_view_t destination, dma_view_t source,
                         uint32_t bytes, uint32_t runs);

/** Likewise `rows` rows of `runs` runs. */
hal_result_t dma_copy_3d(dma_descriptor_t *descriptor, dma_view_t destination, dma_view_t source,
                         uint32_t bytes, uint32_t runs, uint32_t rows);

/** Lets `descriptor` be followed by `next`; null ends the chain. */
void dma_link(dma_descriptor_t *descriptor, const dma_descriptor_t *next);

/** Number of channels. */
uint32_t dma_channels(const dma_t *dma);

/**
 * Starts a chain and returns at once. The descriptors must stay as they are until it ends.
 *
 * @param channel     Below dma_channels().
 * @param descriptor  Bus address of the first descriptor, word-aligned.
 * @param irq         Interrupt at the end and on an error.
 * @return HAL_OK; HAL_BUSY while the channel runs; HAL_BAD_ARG. Nothing was written to the device
 *         unless the result is HAL_OK.
 */
hal_result_t dma_start(const dma_t *dma, uint32_t channel, uint32_t descriptor, bool irq);

/** dma_start with interrupt for a channel that is known to be idle with its events cleared: two
 * register writes. */
void dma_start_idle(const dma_t *dma, uint32_t channel, uint32_t descriptor);

/**
 * Tells how the channel's last chain went.
 *
 * @param fault  Filled in unless null when the result is HAL_BUS_FAULT or HAL_DEVICE_ERROR.
 * @return HAL_BUSY while it runs, HAL_OK, HAL_BUS_FAULT (an access failed), HAL_DEVICE_ERROR (bad
 *         descriptor), HAL_ABORTED. The events stay set.
 */
hal_result_t dma_poll(const dma_t *dma, uint32_t channel, dma_fault_t *fault);

/** Asks dma_poll until it does not answer HAL_BUSY. For short copies; else dma_wait_irq. */
hal_result_t dma_wait(const dma_t *dma, uint32_t channel, dma_fault_t *fault);

/**
 * Clears a channel's events and then looks: true if its chain has ended. In this order an end
 * between the two accesses is seen here or raises the event again, never lost.
 *
 * @param failed  Set if the chain ended with an error; its event is left standing for dma_poll.
 */
bool dma_acknowledge(const dma_t *dma, uint32_t channel, bool *failed);

/** Channels that drive the interrupt line, bit n for channel n. */
uint32_t dma_irq_pending(const dma_t *dma);

/** Takes the channel's enables away: it interrupts no more until its next start. */
void dma_mask_irq(const dma_t *dma, uint32_t channel);

/** Stops a chain after the present burst. */
void dma_abort(const dma_t *dma, uint32_t channel);

/** State of interrupt-driven waiting, one for each DMA engine. */
typedef struct {
    const dma_t *dma;
    volatile uint32_t finished; /**< Bit n: the chain of channel n has ended. */
} dma_waiter_t;

/** PLIC handler; the context is a dma_waiter_t. Also masks the channel's interrupt on an error, so
 * that the fault can be read at leisure. */
void dma_handle_irq(void *waiter);

/** Sleeps until the chain of `channel`, started with interrupt, has ended. Results as dma_poll. */
hal_result_t dma_wait_irq(dma_waiter_t *waiter, uint32_t channel, dma_fault_t *fault);

/** Name of a DMA_ERROR_* code. Never null. */
const char *dma_error_text(uint32_t code);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_DMA_H */
