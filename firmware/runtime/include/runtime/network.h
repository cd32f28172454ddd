/* SPDX-License-Identifier: Apache-2.0 */
/* Checks a network image in memory before anything trusts it. */
#ifndef AIMC_RUNTIME_NETWORK_H
#define AIMC_RUNTIME_NETWORK_H

#include <stddef.h>
#include <stdint.h>

#include "aimc/network/format.h"
#include "hal/noc.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    NETWORK_OK = 0,
    NETWORK_BAD_MAGIC,
    NETWORK_BAD_VERSION,
    NETWORK_BAD_HEADER,
    NETWORK_BAD_SIZE,
    NETWORK_BAD_CRC,
    NETWORK_BAD_LOAD_ADDRESS,
    NETWORK_BAD_SECTION,
    NETWORK_BAD_STRING,
    NETWORK_BAD_TASK,
    NETWORK_BAD_EDGE,
    NETWORK_TOO_MANY_TASKS,
    NETWORK_TOO_MANY_ENGINES,
    NETWORK_BAD_ENGINE,
    NETWORK_ENGINE_ABSENT,
    NETWORK_ENGINE_KIND,
} network_result_t;

/** What a check found: which element, what stood there, what should have. */
typedef struct {
    uint32_t index; /**< Section, task or engine; AIMC_NETWORK_NONE where none applies. */
    uint32_t found;
    uint32_t expected; /**< Or the limit. */
} network_detail_t;

/** A graph of tasks in the image. */
typedef struct {
    const aimc_network_task_t *tasks;
    uint32_t count;
    const uint32_t *edges; /**< Shared by both graphs. */
} network_graph_t;

/** An image that has passed network_open(); points into the image. */
typedef struct {
    const aimc_network_header_t *header;
    const aimc_network_engine_t *engines;
    uint32_t engine_count;
    network_graph_t setup;
    network_graph_t frame;
    const char *strings;
} network_t;

/**
 * Checks the image and describes it: magic, version, sizes, CRC-32, sections, strings, graphs.
 *
 * @param image         First byte, 8-byte aligned.
 * @param address       Its bus address; the image must be linked for it.
 * @param region_bytes  Memory that it may fill.
 * @param detail        What was wrong, if the result is not NETWORK_OK. Not null.
 */
network_result_t network_open(network_t *network, const void *image, uint32_t address,
                              uint32_t region_bytes, network_detail_t *detail);

/** Checks that each engine of the image stands where it should: present on the network, of the
 * expected kind, with an interrupt that exists. Reads device registers. */
network_result_t network_check_engines(const network_t *network, const noc_t *noc,
                                       network_detail_t *detail);

/** One line about a result, e.g. "checksum does not match". Never null. */
const char *network_result_text(network_result_t result);

/** A name in the image, "" if `offset` is 0 or outside. */
const char *network_string(const network_t *network, uint32_t offset);

/** CRC-32 as in zlib. `crc` is 0 to begin with and the last result to go on. */
uint32_t network_crc32(uint32_t crc, const void *data, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_RUNTIME_NETWORK_H */
