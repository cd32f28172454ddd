/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/engine.h"

#include <stddef.h>
#include <string.h>

#include "hal/mmio.h"

hal_result_t engine_open(engine_t *engine, uint32_t base, uint32_t id) {
    if (engine == NULL || base % ENGINE_WINDOW_BYTES != 0) return HAL_BAD_ARG;
    const uint32_t present = mmio_read32((uintptr_t)base + ENGINE_ID_OFFSET);
    if (id != 0 && present != id) return HAL_NOT_FOUND;
    engine->base = base;
    engine->sram_bytes = mmio_read32(engine->base + ENGINE_SRAM_BYTES_OFFSET);
    engine->queue_depth = mmio_read32(engine->base + ENGINE_QUEUE_DEPTH_OFFSET);
    return HAL_OK;
}

hal_result_t engine_push(const engine_t *engine, uint32_t command) {
    if (engine == NULL || command % 4u != 0 || command >= engine->sram_bytes) return HAL_BAD_ARG;
    const uint32_t status = mmio_read32(engine->base + ENGINE_STATUS_OFFSET);
    if ((status & ENGINE_STATUS_HALTED_MASK) != 0) return HAL_DEVICE_ERROR;
    if (ENGINE_STATUS_LEVEL_GET(status) >= engine->queue_depth) return HAL_BUSY;
    engine_push_unchecked(engine, command);
    return HAL_OK;
}

void engine_push_unchecked(const engine_t *engine, uint32_t command) {
    mmio_write32(engine->base + ENGINE_QUEUE_PUSH_OFFSET, command);
}

uint32_t engine_done_count(const engine_t *engine) {
    return mmio_read32(engine->base + ENGINE_DONE_COUNT_OFFSET);
}

hal_result_t engine_poll(const engine_t *engine, engine_error_t *error) {
    const uint32_t status = mmio_read32(engine->base + ENGINE_STATUS_OFFSET);
    if ((status & ENGINE_STATUS_HALTED_MASK) != 0) {
        if (error != NULL) engine_read_error(engine, error);
        return HAL_DEVICE_ERROR;
    }
    return (status & ENGINE_STATUS_BUSY_MASK) != 0 ? HAL_BUSY : HAL_OK;
}

hal_result_t engine_wait(const engine_t *engine, uint32_t polls, engine_error_t *error) {
    for (uint32_t i = 0; i < polls; ++i) {
        const hal_result_t result = engine_poll(engine, error);
        if (result != HAL_BUSY) return result;
    }
    return HAL_TIMEOUT;
}

void engine_read_error(const engine_t *engine, engine_error_t *error) {
    error->code = mmio_read32(engine->base + ENGINE_ERROR_CODE_OFFSET);
    error->command = mmio_read32(engine->base + ENGINE_ERROR_COMMAND_OFFSET);
    error->address = mmio_read32(engine->base + ENGINE_ERROR_ADDRESS_OFFSET);
}

void engine_reset(const engine_t *engine) {
    mmio_write32(engine->base + ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
}

void engine_set_irq(const engine_t *engine, bool done, bool error) {
    mmio_write32(engine->base + ENGINE_IRQ_ENABLE_OFFSET,
                 ENGINE_IRQ_ENABLE_DONE_SET(done) | ENGINE_IRQ_ENABLE_ERROR_SET(error));
}

void engine_acknowledge_done(const engine_t *engine) {
    mmio_write32(engine->base + ENGINE_IRQ_STATUS_OFFSET, ENGINE_IRQ_STATUS_DONE_MASK);
}

bool engine_has_failed(const engine_t *engine) {
    return (mmio_read32(engine->base + ENGINE_STATUS_OFFSET) & ENGINE_STATUS_HALTED_MASK) != 0;
}

uint32_t engine_sram_address(const engine_t *engine, uint32_t offset) {
    return (uint32_t)engine->base + ENGINE_SRAM_OFFSET + offset;
}

static bool sram_range_is_good(const engine_t *engine, uint32_t offset, const void *data,
                               uint32_t bytes) {
    return engine != NULL && data != NULL && offset % 4u == 0 && offset <= engine->sram_bytes &&
           bytes <= engine->sram_bytes - offset;
}

hal_result_t engine_sram_write(const engine_t *engine, uint32_t offset, const void *data,
                               uint32_t bytes) {
    if (!sram_range_is_good(engine, offset, data, bytes)) return HAL_BAD_ARG;
    const uint8_t *from = (const uint8_t *)data;
    const uintptr_t to = engine->base + ENGINE_SRAM_OFFSET + offset;
    uint32_t done = 0;
    for (; bytes - done >= 4; done += 4) {
        uint32_t word;
        memcpy(&word, from + done, 4);
        mmio_write32(to + done, word);
    }
    for (; done < bytes; ++done) mmio_write8(to + done, from[done]);
    return HAL_OK;
}

hal_result_t engine_sram_read(const engine_t *engine, uint32_t offset, void *data, uint32_t bytes) {
    if (!sram_range_is_good(engine, offset, data, bytes)) return HAL_BAD_ARG;
    uint8_t *to = (uint8_t *)data;
    const uintptr_t from = engine->base + ENGINE_SRAM_OFFSET + offset;
    uint32_t done = 0;
    for (; bytes - done >= 4; done += 4) {
        const uint32_t word = mmio_read32(from + done);
        memcpy(to + done, &word, 4);
    }
    for (; done < bytes; ++done) to[done] = mmio_read8(from + done);
    return HAL_OK;
}

const char *engine_error_text(uint32_t code) {
    switch (code) {
        case ENGINE_ERROR_NONE: return "no error";
        case ENGINE_ERROR_BAD_DESCRIPTOR: return "bad descriptor address";
        case ENGINE_ERROR_BAD_OPCODE: return "bad opcode";
        case ENGINE_ERROR_BAD_ARGUMENT: return "bad argument";
        case ENGINE_ERROR_SRAM_RANGE: return "operand outside local SRAM";
        case ENGINE_ERROR_NOT_PROGRAMMED: return "cells hold no weights";
        case ENGINE_ERROR_READ_ONLY: return "array cannot be programmed";
        case ENGINE_ERROR_EXPIRED: return "cells have lost their weights";
        case ENGINE_ERROR_UNSUPPORTED: return "no such operation here";
        case ENGINE_ERROR_NO_STREAM: return "no such channel of the network";
        default: return "unknown error";
    }
}
