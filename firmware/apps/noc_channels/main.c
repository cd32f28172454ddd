/* SPDX-License-Identifier: Apache-2.0 */
/* Channels of the network: a stream, a pipeline of streams, a multicast, a window and a reduction,
 * each checked word for word; then a reduction against gathering through one tile. Lines that begin
 * with # are figures. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "boot/exit_codes.h"
#include "hal/cim.h"
#include "hal/cpu.h"
#include "hal/mmio.h"
#include "hal/noc_channel.h"
#include "soc/soc.h"

#define ENGINES_MAX 17u
#define POLLS 1000000u
#define LANES 224u
#define VECTOR 256u
#define ROUNDS 10u

/* Places in every engine's SRAM. */
enum { COMMANDS = 0x0, LIST = 0xa00, DATA = 0x1000, BUFFER = 0x4000, RESULT = 0x8000 };

static engine_t engines[ENGINES_MAX];
static uint32_t endpoints[ENGINES_MAX];
static uint32_t engine_count;
static uint32_t list_length[ENGINES_MAX];
static uint32_t words[RESULT / 4];
static int failures;

static void find_engines(void) {
    noc_geometry_t geometry;
    noc_geometry(&soc_noc, &geometry);
    uint32_t tile = 0;
    const bool has_tile = noc_find(&soc_noc, ENGINE_ID_CIM, 0, &tile) == HAL_OK;
    if (has_tile) { /* the first engine is a tile, which can add */
        engine_open(&engines[0], noc_endpoint_base(&soc_noc, tile), ENGINE_ID_CIM);
        endpoints[engine_count++] = tile;
    }
    for (uint32_t n = 0; n < geometry.endpoints && engine_count < ENGINES_MAX; ++n) {
        if (!noc_present(&soc_noc, n) || (has_tile && n == tile)) continue;
        if (engine_open(&engines[engine_count], noc_endpoint_base(&soc_noc, n), 0) == HAL_OK) {
            endpoints[engine_count++] = n;
        }
    }
}

static void say(const char *name, bool good) {
    printf("%-36s %s\n", name, good ? "ok" : "FAILED");
    if (!good) ++failures;
}

static bool open_channel(uint32_t channel, uint32_t kind, uint32_t bytes, uint32_t slots,
                         const uint32_t *sources, uint32_t source_count, const uint32_t *sinks,
                         uint32_t sink_count) {
    const noc_channel_t setup = {kind,    bytes,        slots, BUFFER,
                                 sources, source_count, sinks, sink_count};
    uint32_t error = 0;
    const hal_result_t result = noc_channel_open(&soc_noc, channel, &setup, &error);
    if (result == HAL_OK) return true;
    printf("error: channel %u: %s, %s\n", (unsigned)channel, hal_result_text(result),
           noc_error_text(error));
    return false;
}

/* Adds a command to the list of an engine. */
static void add(uint32_t engine, const void *command, uint32_t bytes) {
    const uint32_t slot = list_length[engine]++;
    const uint32_t address = COMMANDS + slot * 0x80u;
    engine_sram_write(&engines[engine], address, command, bytes);
    engine_sram_write(&engines[engine], LIST + 4u * slot, &address, 4);
}

static void add_send(uint32_t engine, uint32_t channel, uint32_t address) {
    engine_stream_t command;
    engine_build_send(&command, channel, address);
    add(engine, &command, sizeof command);
}

static void add_receive(uint32_t engine, uint32_t channel, uint32_t address) {
    engine_stream_t command;
    engine_build_receive(&command, channel, address);
    add(engine, &command, sizeof command);
}

/* Starts the list of an engine, to be run `count` times. */
static void start(uint32_t engine, uint32_t count) {
    engine_stream_t command;
    engine_build_repeat(&command, LIST, list_length[engine], count);
    engine_sram_write(&engines[engine], LIST + 0x100u, &command, sizeof command);
    engine_push(&engines[engine], LIST + 0x100u);
    list_length[engine] = 0;
}

/* True if all engines have come to an end without an error. */
static bool finish(void) {
    bool good = true;
    for (uint32_t n = 0; n < engine_count; ++n) {
        engine_error_t error;
        const hal_result_t result = engine_wait(&engines[n], POLLS, &error);
        if (result == HAL_OK) continue;
        printf(
            "error: endpoint %u: %s\n", (unsigned)endpoints[n],
            result == HAL_DEVICE_ERROR ? engine_error_text(error.code) : hal_result_text(result));
        good = false;
    }
    return good;
}

static void fill(uint32_t engine, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) words[i] = engine * 1000003u + i * 7919u;
    engine_sram_write(&engines[engine], DATA, words, 4u * count);
}

/* True if the words at `address` of an engine are those that fill() made for `origin`. */
static bool holds(uint32_t engine, uint32_t address, uint32_t origin, uint32_t count) {
    engine_sram_read(&engines[engine], address, words, 4u * count);
    for (uint32_t i = 0; i < count; ++i) {
        if (words[i] != origin * 1000003u + i * 7919u) return false;
    }
    return true;
}

/* Eight vectors through two slots: the sink's pace holds the source back. */
static void test_stream(void) {
    bool good = open_channel(0, NOC_KIND_STREAM, VECTOR, 2, &endpoints[0], 1, &endpoints[1], 1);
    fill(0, 8 * VECTOR / 4);
    for (uint32_t n = 0; n < 8; ++n) {
        add_send(0, 0, DATA + n * VECTOR);
        add_receive(1, 0, RESULT + n * VECTOR);
    }
    start(0, 1);
    start(1, 1);
    good = finish() && good && holds(1, RESULT, 0, 8 * VECTOR / 4);
    noc_channel_status_t status;
    noc_channel_status(&soc_noc, 0, &status);
    good = good && status.delivered == 8 && status.credits == 2;
    noc_channel_close(&soc_noc, 0);
    say("stream with two credits", good);
}

/* Every engine hands on what it gets; nobody but the first is told when. */
static void test_pipeline(void) {
    bool good = true;
    fill(0, VECTOR / 4);
    const uint32_t stages = engine_count < 6 ? engine_count : 6;
    for (uint32_t n = 0; n + 1 < stages; ++n) {
        good =
            open_channel(n, NOC_KIND_STREAM, VECTOR, 2, &endpoints[n], 1, &endpoints[n + 1], 1) &&
            good;
    }
    for (uint32_t n = 0; n < stages; ++n) {
        if (n > 0) add_receive(n, n - 1, RESULT);
        if (n + 1 < stages) add_send(n, n, n == 0 ? DATA : RESULT);
    }
    for (uint32_t n = 0; n < stages; ++n) start(n, 50);
    good = finish() && good && holds(stages - 1, RESULT, 0, VECTOR / 4);
    noc_channel_status_t status;
    noc_channel_status(&soc_noc, stages - 2, &status);
    good = good && status.delivered == 50;
    for (uint32_t n = 0; n + 1 < stages; ++n) noc_channel_close(&soc_noc, n);
    say("pipeline without a host", good);
}

/* The vector of the first engine to all others, ROUNDS times: along a tree, or with a stream to
 * each.
 * @return cycles of the hart for one round, the slots' return included. */
static uint64_t fan_out(bool tree, bool *good) {
    const uint32_t sinks = engine_count - 1;
    fill(0, VECTOR / 4);
    for (uint32_t n = 1; n <= sinks; ++n) {
        const uint32_t channel = tree ? 0 : n - 1;
        if (!tree) {
            *good = open_channel(channel, NOC_KIND_STREAM, VECTOR, 1, &endpoints[0], 1,
                                 &endpoints[n], 1) &&
                    *good;
            add_send(0, channel, DATA);
        }
        add_receive(n, channel, RESULT);
    }
    if (tree) {
        *good = open_channel(0, NOC_KIND_MULTICAST, VECTOR, 1, &endpoints[0], 1, &endpoints[1],
                             sinks) &&
                *good;
        add_send(0, 0, DATA);
    }
    for (uint32_t n = 1; n <= sinks; ++n) start(n, ROUNDS);
    const uint64_t begin = cpu_cycles();
    start(0, ROUNDS);
    *good = finish() && *good;
    const uint64_t cycles = (cpu_cycles() - begin) / ROUNDS;
    for (uint32_t n = 1; n <= sinks; ++n) *good = *good && holds(n, RESULT, 0, VECTOR / 4);
    for (uint32_t n = 0; n < (tree ? 1 : sinks); ++n) noc_channel_close(&soc_noc, n);
    return cycles;
}

static void test_multicast(void) {
    bool good = true;
    const uint64_t tree = fan_out(true, &good);
    say("multicast", good);
    const uint64_t streams = fan_out(false, &good);
    say("a stream to each", good);
    printf("# %u bytes to %u sinks, cycles a round: multicast %u, streams %u\n", (unsigned)VECTOR,
           (unsigned)(engine_count - 1), (unsigned)tree, (unsigned)streams);
}

/* One write of the hart reaches every engine. */
static void test_window(void) {
    const uint32_t sinks = engine_count;
    bool good = open_channel(1, NOC_KIND_WINDOW, 0, 0, NULL, 0, endpoints, sinks);
    const uint32_t window = noc_channel_window(&soc_noc, 1);
    for (uint32_t i = 0; i < 16; ++i) {
        mmio_write32(window + ENGINE_SRAM_OFFSET + RESULT + 4u * i, 99u * 1000003u + i * 7919u);
    }
    for (uint32_t n = 0; n < sinks; ++n) good = good && holds(n, RESULT, 99, 16);
    noc_channel_close(&soc_noc, 1);
    say("window to every engine", good);
}

static uint32_t summands(void) { return engine_count - 1 < 8 ? engine_count - 1 : 8; }

/* True if `address` of the first engine holds the sum of the lanes that the others sent. */
static bool holds_sum(uint32_t address) {
    engine_sram_read(&engines[0], address, words, 4u * LANES);
    for (uint32_t i = 0; i < LANES; ++i) {
        uint32_t sum = 0;
        for (uint32_t n = 1; n <= summands(); ++n) sum += n * 1000003u + i * 7919u;
        if (words[i] != sum) return false;
    }
    return true;
}

/* Everybody waits for the first engine's word, so that what is measured begins at once. */
static uint64_t run_measured(void) {
    for (uint32_t n = 1; n <= summands(); ++n) start(n, ROUNDS);
    const uint64_t begin = cpu_cycles();
    start(0, ROUNDS);
    while (engine_poll(&engines[0], NULL) == HAL_BUSY) {
    }
    return (cpu_cycles() - begin) / ROUNDS;
}

static uint64_t measure_reduction(void) {
    bool good =
        open_channel(0, NOC_KIND_MULTICAST, 4, 1, &endpoints[0], 1, &endpoints[1], summands()) &&
        open_channel(1, NOC_KIND_REDUCE, 4 * LANES, 2, &endpoints[1], summands(), &endpoints[0], 1);
    for (uint32_t n = 1; n <= summands(); ++n) {
        fill(n, LANES);
        add_receive(n, 0, RESULT);
        add_send(n, 1, DATA);
    }
    add_send(0, 0, DATA);
    add_receive(0, 1, RESULT);
    const uint64_t cycles = run_measured();
    good = finish() && good && holds_sum(RESULT);
    noc_channel_close(&soc_noc, 0);
    noc_channel_close(&soc_noc, 1);
    say("reduction of 224 int32 lanes", good);
    return cycles;
}

/* The same sum by a stream from each source to the first engine, which adds them one by one. */
static uint64_t measure_gathering(void) {
    bool good =
        open_channel(0, NOC_KIND_MULTICAST, 4, 1, &endpoints[0], 1, &endpoints[1], summands());
    add_send(0, 0, DATA);
    for (uint32_t n = 1; n <= summands(); ++n) {
        const noc_channel_t setup = {
            NOC_KIND_STREAM, 4 * LANES, 1, BUFFER + (n - 1) * 4 * LANES, &endpoints[n], 1,
            &endpoints[0],   1};
        good = noc_channel_open(&soc_noc, n, &setup, NULL) == HAL_OK && good;
        fill(n, LANES);
        add_receive(n, 0, RESULT);
        add_send(n, n, DATA);
        add_receive(0, n, n == 1 ? RESULT : RESULT + 4 * LANES);
        if (n == 1) continue;
        cim_command_t sum;
        const cim_vectors_t in = {RESULT + 4 * LANES, 4 * LANES}, total = {RESULT, 4 * LANES};
        good = cim_build_digital(&sum, LANES, 1, in, total) == HAL_OK && good;
        cim_use_partial_sums(&sum, total);
        add(0, &sum, sizeof sum);
    }
    const uint64_t cycles = run_measured();
    good = finish() && good && holds_sum(RESULT);
    for (uint32_t n = 0; n <= summands(); ++n) noc_channel_close(&soc_noc, n);
    say("gathering through one tile", good);
    return cycles;
}

int main(void) {
    find_engines();
    if (engine_count < 2) {
        printf("error: this program needs two engines on the network\n");
        return EXIT_CODE_FAILED;
    }
    test_stream();
    test_pipeline();
    test_multicast();
    test_window();
    const uint64_t reduction = measure_reduction();
    const uint64_t gathering = measure_gathering();
    printf("# sum of %u vectors, cycles a round: reduction %u, gathering %u\n",
           (unsigned)summands(), (unsigned)reduction, (unsigned)gathering);
    if (summands() > 2) say("reduction beats gathering", reduction < gathering);
    say("nothing got stuck", !noc_was_stuck(&soc_noc));
    return failures == 0 ? 0 : EXIT_CODE_FAILED;
}
