/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/noc_channel.h"

#include <stddef.h>

#include "hal/mmio.h"

static uint32_t get(const noc_t *noc, uint32_t offset) { return mmio_read32(noc->base + offset); }

static void set(const noc_t *noc, uint32_t offset, uint32_t value) {
    mmio_write32(noc->base + offset, value);
}

uint32_t noc_channels(const noc_t *noc) { return get(noc, NOC_CHANNELS_OFFSET); }

/* The network answers a wrong endpoint with a bus error, so look before. */
static bool all_present(const noc_t *noc, const uint32_t *endpoints, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
        if (!noc_present(noc, endpoints[i])) return false;
        for (uint32_t j = 0; j < i; ++j) {
            if (endpoints[j] == endpoints[i]) return false;
        }
    }
    return true;
}

hal_result_t noc_channel_open(const noc_t *noc, uint32_t channel, const noc_channel_t *setup,
                              uint32_t *error) {
    if (noc == NULL || setup == NULL || setup->kind > NOC_KIND_WINDOW) return HAL_BAD_ARG;
    const uint64_t buffer_bytes = (uint64_t)setup->slots * setup->vector_bytes;
    if (setup->slots > NOC_SLOTS_MAX || setup->vector_bytes % 4u != 0 ||
        (uint64_t)setup->buffer + ENGINE_SRAM_OFFSET + buffer_bytes > noc->window_bytes) {
        return HAL_BAD_ARG;
    }
    if ((setup->source_count != 0 && setup->sources == NULL) ||
        (setup->sink_count != 0 && setup->sinks == NULL)) {
        return HAL_BAD_ARG;
    }
    if (channel >= noc_channels(noc)) return HAL_BAD_ARG;
    if (get(noc, NOC_CH_CTRL_OFFSET(channel)) & NOC_CH_CTRL_OPEN_MASK) return HAL_BUSY;
    if (!all_present(noc, setup->sources, setup->source_count) ||
        !all_present(noc, setup->sinks, setup->sink_count)) {
        return HAL_BAD_ARG;
    }
    set(noc, NOC_CH_CTRL_OFFSET(channel), NOC_CH_CTRL_CLEAR_MASK);
    set(noc, NOC_CH_KIND_OFFSET(channel), setup->kind);
    set(noc, NOC_CH_BYTES_OFFSET(channel), setup->vector_bytes);
    set(noc, NOC_CH_SLOTS_OFFSET(channel), setup->slots);
    set(noc, NOC_CH_ADDRESS_OFFSET(channel), ENGINE_SRAM_OFFSET + setup->buffer);
    set(noc, NOC_CH_PITCH_OFFSET(channel), setup->vector_bytes);
    for (uint32_t i = 0; i < setup->source_count; ++i) {
        set(noc, NOC_CH_ADD_SOURCE_OFFSET(channel), setup->sources[i]);
    }
    for (uint32_t i = 0; i < setup->sink_count; ++i) {
        set(noc, NOC_CH_ADD_SINK_OFFSET(channel), setup->sinks[i]);
    }
    set(noc, NOC_CH_CTRL_OFFSET(channel), NOC_CH_CTRL_OPEN_MASK);
    const uint32_t reason = get(noc, NOC_CH_ERROR_OFFSET(channel));
    if (error != NULL) *error = reason;
    return reason == NOC_ERROR_NONE ? HAL_OK : HAL_DEVICE_ERROR;
}

void noc_channel_close(const noc_t *noc, uint32_t channel) {
    set(noc, NOC_CH_CTRL_OFFSET(channel), 0);
}

void noc_channel_status(const noc_t *noc, uint32_t channel, noc_channel_status_t *status) {
    status->open = (get(noc, NOC_CH_CTRL_OFFSET(channel)) & NOC_CH_CTRL_OPEN_MASK) != 0;
    status->error = get(noc, NOC_CH_ERROR_OFFSET(channel));
    status->sent = get(noc, NOC_CH_SENT_OFFSET(channel));
    status->delivered = get(noc, NOC_CH_DELIVERED_OFFSET(channel));
    status->credits = get(noc, NOC_CH_CREDITS_OFFSET(channel));
    status->overflows = get(noc, NOC_CH_OVERFLOWS_OFFSET(channel));
}

uint32_t noc_channel_window(const noc_t *noc, uint32_t channel) {
    return noc_endpoint_base(noc, get(noc, NOC_ENDPOINTS_OFFSET) + channel);
}

bool noc_was_stuck(const noc_t *noc) {
    const bool stuck = (get(noc, NOC_WATCHDOG_OFFSET) & NOC_WATCHDOG_STUCK_MASK) != 0;
    if (stuck) set(noc, NOC_WATCHDOG_OFFSET, NOC_WATCHDOG_STUCK_MASK);
    return stuck;
}

const char *noc_error_text(uint32_t error) {
    switch (error) {
        case NOC_ERROR_NONE: return "no error";
        case NOC_ERROR_BYTES: return "vector length or buffer out of range";
        case NOC_ERROR_SLOTS: return "no slots";
        case NOC_ERROR_MEMBERS: return "wrong number of sources or sinks";
        case NOC_ERROR_UNREACHABLE: return "members cannot reach each other";
        case NOC_ERROR_DELIVERY: return "a sink refused a vector";
        case NOC_ERROR_LOST: return "a packet was lost";
        default: return "unknown error";
    }
}

static void build(engine_stream_t *command, uint32_t opcode, uint32_t channel, uint32_t address) {
    command->op = ENGINE_STREAM_OP_OPCODE_SET(opcode);
    command->channel = channel;
    command->address = address;
    command->entries = 0;
    command->count = 0;
}

void engine_build_send(engine_stream_t *command, uint32_t channel, uint32_t address) {
    build(command, ENGINE_STREAM_SEND, channel, address);
}

void engine_build_receive(engine_stream_t *command, uint32_t channel, uint32_t address) {
    build(command, ENGINE_STREAM_RECEIVE, channel, address);
}

hal_result_t engine_build_repeat(engine_stream_t *command, uint32_t list, uint32_t entries,
                                 uint32_t count) {
    if (list % 4u != 0 || entries == 0 || count == 0) return HAL_BAD_ARG;
    build(command, ENGINE_STREAM_REPEAT, 0, list);
    command->entries = entries;
    command->count = count;
    return HAL_OK;
}
