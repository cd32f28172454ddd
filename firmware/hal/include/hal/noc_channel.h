/* SPDX-License-Identifier: Apache-2.0 */
/* Channels of the network: vectors between endpoints with end-to-end credits, without host or DMA.
 * Engines send and receive with commands of their queue, built here too. */
#ifndef AIMC_HAL_NOC_CHANNEL_H
#define AIMC_HAL_NOC_CHANNEL_H

#include "aimc/noc/noc_regs.h"
#include "hal/engine.h"
#include "hal/noc.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint32_t kind;           /**< NOC_KIND_*. */
    uint32_t vector_bytes;   /**< A multiple of 4. */
    uint32_t slots;          /**< Vectors that fit into the buffer of each sink. */
    uint32_t buffer;         /**< Its address in local SRAM, the same in every sink. */
    const uint32_t *sources; /**< Endpoint numbers; none for NOC_KIND_WINDOW. */
    uint32_t source_count;
    const uint32_t *sinks;
    uint32_t sink_count;
} noc_channel_t;

typedef struct {
    bool open;
    uint32_t error; /**< NOC_ERROR_*: why it is closed. */
    uint32_t sent;
    uint32_t delivered;
    uint32_t credits;   /**< Vectors that the source with the fewest may send now. */
    uint32_t overflows; /**< NOC_KIND_REDUCE: lanes that wrapped. */
} noc_channel_status_t;

/** Channels that this network has. */
uint32_t noc_channels(const noc_t *noc);

/**
 * Opens a channel, which must be closed.
 *
 * @param error  NOC_ERROR_* if the network says no; may be null.
 * @return HAL_OK; HAL_BAD_ARG if a number is out of range or a member absent (nothing is opened);
 *         HAL_BUSY if it is open; HAL_DEVICE_ERROR with `*error`.
 */
hal_result_t noc_channel_open(const noc_t *noc, uint32_t channel, const noc_channel_t *setup,
                              uint32_t *error);

/** Closes a channel; vectors on the way are dropped, engines that wait for it fail. */
void noc_channel_close(const noc_t *noc, uint32_t channel);

void noc_channel_status(const noc_t *noc, uint32_t channel, noc_channel_status_t *status);

/** Where writes go to every sink of an open channel of kind NOC_KIND_WINDOW. */
uint32_t noc_channel_window(const noc_t *noc, uint32_t channel);

/** True once if packets or vectors have waited for each other in a circle. */
bool noc_was_stuck(const noc_t *noc);

/** Name of a NOC_ERROR_* code. Never null. */
const char *noc_error_text(uint32_t error);

/** Command: send the vector at `address` of local SRAM; waits for a credit. */
void engine_build_send(engine_stream_t *command, uint32_t channel, uint32_t address);

/** Command: wait for the next vector, copy it to `address` and give its slot back. */
void engine_build_receive(engine_stream_t *command, uint32_t channel, uint32_t address);

/** Command: execute the `entries` commands whose addresses stand at `list`, `count` times over. */
hal_result_t engine_build_repeat(engine_stream_t *command, uint32_t list, uint32_t entries,
                                 uint32_t count);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_NOC_CHANNEL_H */
