/* SPDX-License-Identifier: Apache-2.0 */
/* The marked-graph executor: which task runs when. It touches no device: a table of functions
 * does, so that the logic can be tested alone. The rules are in aimc/network/format.h.
 *
 * A task is in exactly one place: idle (tokens missing), ready, in an engine's queue (handed over
 * or waiting for room), waiting for a DMA channel, on a channel, or waiting for the sensor. That is
 * why one link per task is all the memory that the queues need. */
#ifndef AIMC_RUNTIME_GRAPH_H
#define AIMC_RUNTIME_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/limits.h"
#include "runtime/network.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GRAPH_MAX_CHANNELS 16u
#define GRAPH_NO_TASK 0xffffffffu

/** What a graph asks of the machine. None of these may call back into the graph. */
typedef struct {
    /** Queues a command of an engine; there is room. */
    void (*push)(void *machine, uint32_t engine, uint32_t command);
    /** Starts a descriptor chain on an idle channel. */
    void (*start_dma)(void *machine, uint32_t channel, uint32_t descriptor);
    /** A record is taken into work. @return its number. */
    uint32_t (*begin)(void *machine);
    /** The record in the sensor's window is no longer needed. */
    void (*release)(void *machine);
    /** The result of record `frame` is complete. */
    void (*commit)(void *machine, uint32_t frame);
} graph_machine_t;

typedef enum {
    GRAPH_OK = 0,
    GRAPH_FIRED_TWICE,     /**< A task could run again before it has ended. */
    GRAPH_UNEXPECTED_DONE, /**< A device reports an end that nothing began. */
    GRAPH_NO_FRAME,        /**< A result without a record. */
} graph_result_t;

typedef struct {
    uint32_t head, tail; /**< GRAPH_NO_TASK if empty. */
} graph_queue_t;

/** An engine's tasks: the first `in_flight` of the queue are handed over, in order. */
typedef struct {
    graph_queue_t queue;
    uint32_t next_push; /**< First task that is not handed over. */
    uint32_t in_flight;
    uint32_t depth;      /**< Commands that the engine can hold; 1 or more. */
    uint32_t done_count; /**< Last value of its counter. */
} graph_engine_t;

typedef struct {
    const graph_machine_t *calls;
    void *machine;
    network_graph_t graph;
    uint32_t *missing; /**< Tokens that each task lacks. */
    uint32_t *next;    /**< Link in whatever queue the task stands. */
    graph_engine_t *engines;

    graph_queue_t ready;
    graph_queue_t dma_waiting;
    graph_queue_t begin_waiting;
    uint32_t channel_task[GRAPH_MAX_CHANNELS];
    uint32_t free_channels; /**< Bit n: channel n is idle. */

    uint32_t frames[RUNTIME_MAX_FRAMES]; /**< Numbers of the records in work, a ring. */
    uint32_t begun, committed;           /**< Frames. */
    bool record_presented, stream_ended;

    uint32_t in_flight; /**< Tasks handed to devices. */
    uint32_t completed; /**< Tasks, since graph_start(). */
    graph_result_t result;
    uint32_t result_task; /**< Task that `result` is about. */
} graph_t;

/** Memory that a graph works with: one word of each per task. */
typedef struct {
    uint32_t *missing;
    uint32_t *next;
} graph_memory_t;

/**
 * Makes the graph ready to start: all tasks idle, all engines and channels unused.
 *
 * @param engines   depth and done_count filled in; indexed as in the network image.
 * @param channels  DMA channels to use, 1..GRAPH_MAX_CHANNELS.
 */
void graph_init(graph_t *graph, const network_graph_t *description, graph_memory_t memory,
                graph_engine_t *engines, uint32_t engine_count, uint32_t channels,
                const graph_machine_t *calls, void *machine);

/** Fires every task that lacks no token. */
void graph_start(graph_t *graph);

/** The engine's counter of completed commands has the value `done_count`.
 * @return true if that is news. */
bool graph_engine_done(graph_t *graph, uint32_t engine, uint32_t done_count);

/** The chain on `channel` has ended. */
void graph_dma_done(graph_t *graph, uint32_t channel);

/** The sensor presents a record. */
void graph_record_presented(graph_t *graph);

/** The sensor has no more records. */
void graph_stream_ended(graph_t *graph);

/** Setup graph: true when each task has run. */
bool graph_all_done(const graph_t *graph);

/** Frame graph: true when the stream has ended and all frames are committed. */
bool graph_stream_done(const graph_t *graph);

/** True if nothing is in flight and no record can come: only an error in the image gets here. */
bool graph_is_stalled(const graph_t *graph);

/** The oldest task that `engine` has been given, GRAPH_NO_TASK if none. */
uint32_t graph_engine_task(const graph_t *graph, uint32_t engine);

/** The task on `channel`, GRAPH_NO_TASK if none. */
uint32_t graph_channel_task(const graph_t *graph, uint32_t channel);

/** A task that lacks some but not all of its tokens (for a message about a stall), GRAPH_NO_TASK if
 * there is none. */
uint32_t graph_starved_task(const graph_t *graph);

/** One line about a result. Never null. */
const char *graph_result_text(graph_result_t result);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_RUNTIME_GRAPH_H */
