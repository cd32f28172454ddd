/* SPDX-License-Identifier: Apache-2.0 */
/* What all command engines (CIM tile, activation engine) share: queue, status, errors, SRAM. */
#ifndef AIMC_HAL_ENGINE_H
#define AIMC_HAL_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "aimc/common/engine_regs.h"
#include "hal/result.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The ID word of four letters, e.g. ENGINE_ID_OF('C', 'I', 'M', 'T'). */
#define ENGINE_ID_OF(a, b, c, d) \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define ENGINE_ID_CIM ENGINE_ID_OF('C', 'I', 'M', 'T')
#define ENGINE_ID_ACTIVATION ENGINE_ID_OF('A', 'C', 'T', 'E')

/** A command engine; fill it with engine_open(). */
typedef struct {
    uintptr_t base;       /**< Of its window. */
    uint32_t sram_bytes;  /**< Size of local SRAM. */
    uint32_t queue_depth; /**< Commands that can be queued or running. */
} engine_t;

/** Why the queue stands still. */
typedef struct {
    uint32_t code;    /**< ENGINE_ERROR_*. */
    uint32_t command; /**< SRAM address of the failed command. */
    uint32_t address; /**< Address or word offset at fault, see the code. */
} engine_error_t;

/**
 * Reads what the engine can do. The endpoint must be present, see noc_present().
 *
 * @param id  Expected kind, e.g. ENGINE_ID_CIM; 0 takes any.
 * @return HAL_OK, HAL_BAD_ARG, or HAL_NOT_FOUND if it is of another kind.
 */
hal_result_t engine_open(engine_t *engine, uint32_t base, uint32_t id);

/**
 * Queues the command whose descriptor stands at `command` in local SRAM.
 *
 * @return HAL_OK; HAL_BUSY if the queue is full; HAL_BAD_ARG if the address is misaligned or
 *         outside SRAM; HAL_DEVICE_ERROR if the queue stands still after an error.
 */
hal_result_t engine_push(const engine_t *engine, uint32_t command);

/** engine_push for a caller that keeps count of the queue: one register write. Pushing to a full
 * queue is a bus error. */
void engine_push_unchecked(const engine_t *engine, uint32_t command);

/** Commands completed since reset; wraps. */
uint32_t engine_done_count(const engine_t *engine);

/** HAL_OK if nothing is queued or runs, HAL_BUSY, or HAL_DEVICE_ERROR with `*error` filled in
 * (unless null). */
hal_result_t engine_poll(const engine_t *engine, engine_error_t *error);

/** Asks engine_poll at most `polls` times until it is not busy. @return also HAL_TIMEOUT. */
hal_result_t engine_wait(const engine_t *engine, uint32_t polls, engine_error_t *error);

/** Reads the error registers. */
void engine_read_error(const engine_t *engine, engine_error_t *error);

/** Drops all commands and clears the error; SRAM and array keep their contents. */
void engine_reset(const engine_t *engine);

/** Chooses what interrupts: a command ended, a command failed. */
void engine_set_irq(const engine_t *engine, bool done, bool error);

/** Clears the done event. Read engine_done_count() after it, so that no end is missed. */
void engine_acknowledge_done(const engine_t *engine);

/** True if a command has failed. */
bool engine_has_failed(const engine_t *engine);

/** Bus address of a place in local SRAM, e.g. for DMA. */
uint32_t engine_sram_address(const engine_t *engine, uint32_t offset);

/** Copies into local SRAM. `offset` word-aligned. @return HAL_OK or HAL_BAD_ARG. */
hal_result_t engine_sram_write(const engine_t *engine, uint32_t offset, const void *data,
                               uint32_t bytes);

/** Copies out of local SRAM. `offset` word-aligned. @return HAL_OK or HAL_BAD_ARG. */
hal_result_t engine_sram_read(const engine_t *engine, uint32_t offset, void *data, uint32_t bytes);

/** Name of an ENGINE_ERROR_* code. Never null. */
const char *engine_error_text(uint32_t code);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_ENGINE_H */
