/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/network.h"

#include <stdbool.h>

#include "aimc/common/engine_regs.h"
#include "hal/mmio.h"
#include "hal/plic.h"
#include "runtime/limits.h"

static const uint32_t kElementBytes[AIMC_SECTION_COUNT] = {
    sizeof(aimc_network_engine_t),
    sizeof(aimc_network_task_t),
    sizeof(aimc_network_task_t),
    sizeof(uint32_t),
    sizeof(aimc_network_layer_t),
    sizeof(aimc_network_tensor_t),
    1,
    1,
};

static network_result_t fail(network_detail_t *detail, network_result_t result, uint32_t index,
                             uint32_t found, uint32_t expected) {
    detail->index = index;
    detail->found = found;
    detail->expected = expected;
    return result;
}

static uint32_t image_crc(const aimc_network_header_t *header) {
    static const uint32_t kZero = 0;
    const uint8_t *image = (const uint8_t *)header;
    const size_t word = offsetof(aimc_network_header_t, crc32);
    uint32_t crc = network_crc32(0, image, word);
    crc = network_crc32(crc, &kZero, sizeof kZero);
    return network_crc32(crc, image + word + 4, header->total_bytes - word - 4);
}

static network_result_t check_frame(const aimc_network_header_t *header, uint32_t address,
                                    uint32_t region_bytes, network_detail_t *detail) {
    const uint32_t none = AIMC_NETWORK_NONE;
    if (region_bytes < sizeof *header) {
        return fail(detail, NETWORK_BAD_SIZE, none, region_bytes, sizeof *header);
    }
    if (header->magic != AIMC_NETWORK_MAGIC) {
        return fail(detail, NETWORK_BAD_MAGIC, none, header->magic, AIMC_NETWORK_MAGIC);
    }
    if (header->version != AIMC_NETWORK_VERSION) {
        return fail(detail, NETWORK_BAD_VERSION, none, header->version, AIMC_NETWORK_VERSION);
    }
    if (header->header_bytes != sizeof *header) {
        return fail(detail, NETWORK_BAD_HEADER, none, header->header_bytes, sizeof *header);
    }
    if (header->total_bytes < sizeof *header || header->total_bytes > region_bytes) {
        return fail(detail, NETWORK_BAD_SIZE, none, header->total_bytes, region_bytes);
    }
    const uint32_t crc = image_crc(header);
    if (crc != header->crc32) return fail(detail, NETWORK_BAD_CRC, none, crc, header->crc32);
    if (header->load_address != address || address % 8u != 0) {
        return fail(detail, NETWORK_BAD_LOAD_ADDRESS, none, header->load_address, address);
    }
    return NETWORK_OK;
}

static network_result_t check_sections(const aimc_network_header_t *header,
                                       network_detail_t *detail) {
    for (uint32_t i = 0; i < AIMC_SECTION_COUNT; ++i) {
        const aimc_network_section_t *section = &header->section[i];
        const uint64_t end = section->offset + (uint64_t)section->count * kElementBytes[i];
        if (section->offset % 8u != 0 || section->offset < sizeof *header) {
            return fail(detail, NETWORK_BAD_SECTION, i, section->offset, sizeof *header);
        }
        if (end > header->total_bytes) {
            const uint32_t shown = end > UINT32_MAX ? UINT32_MAX : (uint32_t)end;
            return fail(detail, NETWORK_BAD_SECTION, i, shown, header->total_bytes);
        }
    }
    const uint32_t engines = header->section[AIMC_SECTION_ENGINES].count;
    if (engines > RUNTIME_MAX_ENGINES) {
        return fail(detail, NETWORK_TOO_MANY_ENGINES, AIMC_NETWORK_NONE, engines,
                    RUNTIME_MAX_ENGINES);
    }
    for (uint32_t i = AIMC_SECTION_SETUP; i <= AIMC_SECTION_FRAME; ++i) {
        const uint32_t tasks = header->section[i].count;
        if (tasks > RUNTIME_MAX_TASKS) {
            return fail(detail, NETWORK_TOO_MANY_TASKS, i, tasks, RUNTIME_MAX_TASKS);
        }
    }
    return NETWORK_OK;
}

static bool needs_engine(const aimc_network_task_t *task) { return task->type == AIMC_TASK_ENGINE; }

static network_result_t check_graph(const network_t *network, const network_graph_t *graph,
                                    bool is_setup, network_detail_t *detail) {
    const uint32_t edges = network->header->section[AIMC_SECTION_EDGES].count;
    const uint32_t strings = network->header->section[AIMC_SECTION_STRINGS].count;
    const uint32_t last_type = is_setup ? AIMC_TASK_ENGINE : AIMC_TASK_RESULT;
    for (uint32_t i = 0; i < graph->count; ++i) {
        const aimc_network_task_t *task = &graph->tasks[i];
        if (task->type > last_type) return fail(detail, NETWORK_BAD_TASK, i, task->type, last_type);
        if (needs_engine(task) && task->engine >= network->engine_count) {
            return fail(detail, NETWORK_BAD_TASK, i, task->engine, network->engine_count);
        }
        if (task->missing > task->inputs) {
            return fail(detail, NETWORK_BAD_TASK, i, task->missing, task->inputs);
        }
        if (task->name >= strings) return fail(detail, NETWORK_BAD_STRING, i, task->name, strings);
        if (task->first_edge > edges || task->edges > edges - task->first_edge) {
            return fail(detail, NETWORK_BAD_EDGE, i, task->first_edge + task->edges, edges);
        }
        for (uint32_t e = 0; e < task->edges; ++e) {
            const uint32_t target = graph->edges[task->first_edge + e];
            if (target >= graph->count || graph->tasks[target].inputs == 0) {
                return fail(detail, NETWORK_BAD_EDGE, i, target, graph->count);
            }
        }
    }
    return NETWORK_OK;
}

static network_result_t check_strings(const network_t *network, network_detail_t *detail) {
    const aimc_network_header_t *header = network->header;
    const uint32_t bytes = header->section[AIMC_SECTION_STRINGS].count;
    /* With NUL at both ends every offset inside leads to a terminated string. */
    if (bytes == 0 || network->strings[0] != '\0' || network->strings[bytes - 1] != '\0') {
        return fail(detail, NETWORK_BAD_STRING, AIMC_NETWORK_NONE, 0, bytes);
    }
    if (header->name >= bytes || header->platform >= bytes) {
        return fail(detail, NETWORK_BAD_STRING, AIMC_NETWORK_NONE, header->name, bytes);
    }
    for (uint32_t i = 0; i < network->engine_count; ++i) {
        if (network->engines[i].name >= bytes) {
            return fail(detail, NETWORK_BAD_STRING, i, network->engines[i].name, bytes);
        }
    }
    return NETWORK_OK;
}

network_result_t network_open(network_t *network, const void *image, uint32_t address,
                              uint32_t region_bytes, network_detail_t *detail) {
    const aimc_network_header_t *header = (const aimc_network_header_t *)image;
    network_result_t result = check_frame(header, address, region_bytes, detail);
    if (result == NETWORK_OK) result = check_sections(header, detail);
    if (result != NETWORK_OK) return result;

    const uint8_t *bytes = (const uint8_t *)image;
    const aimc_network_section_t *section = header->section;
    const uint32_t *edges = (const uint32_t *)(bytes + section[AIMC_SECTION_EDGES].offset);
    network->header = header;
    network->engines =
        (const aimc_network_engine_t *)(bytes + section[AIMC_SECTION_ENGINES].offset);
    network->engine_count = section[AIMC_SECTION_ENGINES].count;
    network->strings = (const char *)(bytes + section[AIMC_SECTION_STRINGS].offset);
    network->setup.tasks =
        (const aimc_network_task_t *)(bytes + section[AIMC_SECTION_SETUP].offset);
    network->setup.count = section[AIMC_SECTION_SETUP].count;
    network->setup.edges = edges;
    network->frame.tasks =
        (const aimc_network_task_t *)(bytes + section[AIMC_SECTION_FRAME].offset);
    network->frame.count = section[AIMC_SECTION_FRAME].count;
    network->frame.edges = edges;

    result = check_strings(network, detail);
    if (result == NETWORK_OK) result = check_graph(network, &network->setup, true, detail);
    if (result == NETWORK_OK) result = check_graph(network, &network->frame, false, detail);
    return result;
}

network_result_t network_check_engines(const network_t *network, const noc_t *noc,
                                       network_detail_t *detail) {
    noc_geometry_t geometry;
    (void)noc_geometry(noc, &geometry);
    for (uint32_t i = 0; i < network->engine_count; ++i) {
        const aimc_network_engine_t *engine = &network->engines[i];
        if (engine->base < noc->window_base ||
            (engine->base - noc->window_base) % noc->window_bytes != 0) {
            return fail(detail, NETWORK_BAD_ENGINE, i, engine->base, noc->window_base);
        }
        if (engine->irq == 0 || engine->irq >= PLIC_SOURCES) {
            return fail(detail, NETWORK_BAD_ENGINE, i, engine->irq, PLIC_SOURCES);
        }
        const uint32_t endpoint = (engine->base - noc->window_base) / noc->window_bytes;
        /* Asked first: a read from an absent endpoint would trap. */
        if (endpoint >= geometry.endpoints || !noc_present(noc, endpoint)) {
            return fail(detail, NETWORK_ENGINE_ABSENT, i, 0, engine->id);
        }
        const uint32_t id = mmio_read32((uintptr_t)engine->base + ENGINE_ID_OFFSET);
        if (id != engine->id) return fail(detail, NETWORK_ENGINE_KIND, i, id, engine->id);
    }
    return NETWORK_OK;
}

const char *network_string(const network_t *network, uint32_t offset) {
    if (offset >= network->header->section[AIMC_SECTION_STRINGS].count) return "";
    return network->strings + offset;
}

const char *network_result_text(network_result_t result) {
    switch (result) {
        case NETWORK_OK: return "ok";
        case NETWORK_BAD_MAGIC: return "there is no network image (wrong magic)";
        case NETWORK_BAD_VERSION: return "format version is not the one this firmware reads";
        case NETWORK_BAD_HEADER: return "header has the wrong size";
        case NETWORK_BAD_SIZE: return "image does not fit its memory";
        case NETWORK_BAD_CRC: return "checksum does not match: the image is damaged";
        case NETWORK_BAD_LOAD_ADDRESS: return "image is linked for another address";
        case NETWORK_BAD_SECTION: return "section lies outside the image";
        case NETWORK_BAD_STRING: return "name lies outside the image or is not terminated";
        case NETWORK_BAD_TASK: return "task has a field out of range";
        case NETWORK_BAD_EDGE: return "task has an edge to nowhere";
        case NETWORK_TOO_MANY_TASKS: return "more tasks than this firmware can hold";
        case NETWORK_TOO_MANY_ENGINES: return "more engines than this firmware can hold";
        case NETWORK_BAD_ENGINE: return "engine has a bad address or interrupt";
        case NETWORK_ENGINE_ABSENT: return "engine is not on this chip";
        case NETWORK_ENGINE_KIND: return "engine is of another kind on this chip";
    }
    return "unknown result";
}
