/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/graph.h"

#define IDLE 0xfffffffeu /* link of a task that stands in no queue */

static void append(graph_t *graph, graph_queue_t *queue, uint32_t task) {
    graph->next[task] = GRAPH_NO_TASK;
    if (queue->head == GRAPH_NO_TASK) {
        queue->head = task;
    } else {
        graph->next[queue->tail] = task;
    }
    queue->tail = task;
}

static uint32_t take(graph_t *graph, graph_queue_t *queue) {
    const uint32_t task = queue->head;
    queue->head = graph->next[task];
    return task;
}

static void stop(graph_t *graph, graph_result_t result, uint32_t task) {
    if (graph->result != GRAPH_OK) return;
    graph->result = result;
    graph->result_task = task;
}

/* The task has all its tokens: they are consumed, and it waits for its turn. */
static void fire(graph_t *graph, uint32_t task) {
    if (graph->next[task] != IDLE) {
        stop(graph, GRAPH_FIRED_TWICE, task);
        return;
    }
    graph->missing[task] += graph->graph.tasks[task].inputs;
    append(graph, &graph->ready, task);
}

static void complete(graph_t *graph, uint32_t task) {
    const aimc_network_task_t *description = &graph->graph.tasks[task];
    const uint32_t *edge = graph->graph.edges + description->first_edge;
    graph->next[task] = IDLE;
    ++graph->completed;
    for (uint32_t i = 0; i < description->edges; ++i) {
        const uint32_t target = edge[i]; /* network_open: it has inputs, so it lacks a token */
        if (--graph->missing[target] == 0) fire(graph, target);
    }
}

static void fill_engine(graph_t *graph, uint32_t index) {
    graph_engine_t *engine = &graph->engines[index];
    while (engine->next_push != GRAPH_NO_TASK && engine->in_flight < engine->depth) {
        const uint32_t task = engine->next_push;
        engine->next_push = graph->next[task];
        ++engine->in_flight;
        ++graph->in_flight;
        graph->calls->push(graph->machine, index, graph->graph.tasks[task].argument);
    }
}

static void fill_channels(graph_t *graph) {
    while (graph->free_channels != 0 && graph->dma_waiting.head != GRAPH_NO_TASK) {
        const uint32_t channel = (uint32_t)__builtin_ctz(graph->free_channels);
        const uint32_t task = take(graph, &graph->dma_waiting);
        graph->next[task] = GRAPH_NO_TASK; /* not idle */
        graph->channel_task[channel] = task;
        graph->free_channels &= graph->free_channels - 1;
        ++graph->in_flight;
        graph->calls->start_dma(graph->machine, channel, graph->graph.tasks[task].argument);
    }
}

static void begin_frame(graph_t *graph) {
    if (!graph->record_presented || graph->begin_waiting.head == GRAPH_NO_TASK) return;
    if (graph->begun - graph->committed >= RUNTIME_MAX_FRAMES) return; /* until one is committed */
    const uint32_t task = take(graph, &graph->begin_waiting);
    graph->record_presented = false;
    graph->frames[graph->begun % RUNTIME_MAX_FRAMES] = graph->calls->begin(graph->machine);
    ++graph->begun;
    complete(graph, task);
}

static void commit_frame(graph_t *graph, uint32_t task) {
    if (graph->begun == graph->committed) {
        stop(graph, GRAPH_NO_FRAME, task);
        return;
    }
    const uint32_t frame = graph->frames[graph->committed++ % RUNTIME_MAX_FRAMES];
    graph->calls->commit(graph->machine, frame);
    complete(graph, task);
    begin_frame(graph);
}

static void issue(graph_t *graph, uint32_t task) {
    const aimc_network_task_t *description = &graph->graph.tasks[task];
    switch (description->type) {
        case AIMC_TASK_ENGINE: {
            graph_engine_t *engine = &graph->engines[description->engine];
            append(graph, &engine->queue, task);
            if (engine->next_push == GRAPH_NO_TASK) engine->next_push = task;
            fill_engine(graph, description->engine);
            break;
        }
        case AIMC_TASK_DMA:
            append(graph, &graph->dma_waiting, task);
            fill_channels(graph);
            break;
        case AIMC_TASK_BEGIN:
            append(graph, &graph->begin_waiting, task);
            begin_frame(graph);
            break;
        case AIMC_TASK_RELEASE:
            graph->calls->release(graph->machine);
            complete(graph, task);
            break;
        case AIMC_TASK_RESULT: commit_frame(graph, task); break;
        default: /* network_open lets no other type pass */ break;
    }
}

/* A queue in place of recursion: release and commit complete at once. */
static void run_ready(graph_t *graph) {
    while (graph->ready.head != GRAPH_NO_TASK && graph->result == GRAPH_OK) {
        issue(graph, take(graph, &graph->ready));
    }
}

void graph_init(graph_t *graph, const network_graph_t *description, graph_memory_t memory,
                graph_engine_t *engines, uint32_t engine_count, uint32_t channels,
                const graph_machine_t *calls, void *machine) {
    const graph_queue_t empty = {GRAPH_NO_TASK, GRAPH_NO_TASK};
    graph->calls = calls;
    graph->machine = machine;
    graph->graph = *description;
    graph->missing = memory.missing;
    graph->next = memory.next;
    graph->engines = engines;
    for (uint32_t i = 0; i < description->count; ++i) {
        graph->missing[i] = description->tasks[i].missing;
        graph->next[i] = IDLE;
    }
    for (uint32_t i = 0; i < engine_count; ++i) {
        engines[i].queue = empty;
        engines[i].next_push = GRAPH_NO_TASK;
        engines[i].in_flight = 0;
    }
    graph->ready = graph->dma_waiting = graph->begin_waiting = empty;
    for (uint32_t i = 0; i < GRAPH_MAX_CHANNELS; ++i) graph->channel_task[i] = GRAPH_NO_TASK;
    graph->free_channels = (1u << channels) - 1u;
    graph->begun = graph->committed = 0;
    graph->record_presented = graph->stream_ended = false;
    graph->in_flight = graph->completed = 0;
    graph->result = GRAPH_OK;
    graph->result_task = GRAPH_NO_TASK;
}

void graph_start(graph_t *graph) {
    for (uint32_t task = 0; task < graph->graph.count; ++task) {
        if (graph->graph.tasks[task].missing == 0) fire(graph, task);
    }
    run_ready(graph);
}

bool graph_engine_done(graph_t *graph, uint32_t index, uint32_t done_count) {
    graph_engine_t *engine = &graph->engines[index];
    uint32_t news = done_count - engine->done_count;
    if (news == 0) return false;
    engine->done_count = done_count;
    if (news > engine->in_flight) {
        stop(graph, GRAPH_UNEXPECTED_DONE, engine->queue.head);
        return true;
    }
    engine->in_flight -= news;
    graph->in_flight -= news;
    for (; news > 0; --news) complete(graph, take(graph, &engine->queue));
    fill_engine(graph, index); /* first of all: the engine is what waits */
    run_ready(graph);
    return true;
}

void graph_dma_done(graph_t *graph, uint32_t channel) {
    const uint32_t task = graph->channel_task[channel];
    if (task == GRAPH_NO_TASK) {
        stop(graph, GRAPH_UNEXPECTED_DONE, task);
        return;
    }
    graph->channel_task[channel] = GRAPH_NO_TASK;
    graph->free_channels |= 1u << channel;
    --graph->in_flight;
    complete(graph, task);
    fill_channels(graph);
    run_ready(graph);
}

void graph_record_presented(graph_t *graph) {
    graph->record_presented = true;
    begin_frame(graph);
    run_ready(graph);
}

void graph_stream_ended(graph_t *graph) { graph->stream_ended = true; }

bool graph_all_done(const graph_t *graph) { return graph->completed == graph->graph.count; }

bool graph_stream_done(const graph_t *graph) {
    return graph->stream_ended && !graph->record_presented && graph->begun == graph->committed &&
           graph->in_flight == 0;
}

bool graph_is_stalled(const graph_t *graph) {
    if (graph->in_flight > 0) return false;
    const bool can_begin = graph->begin_waiting.head != GRAPH_NO_TASK && !graph->stream_ended &&
                           graph->begun - graph->committed < RUNTIME_MAX_FRAMES;
    return !can_begin;
}

uint32_t graph_engine_task(const graph_t *graph, uint32_t engine) {
    return graph->engines[engine].in_flight == 0 ? GRAPH_NO_TASK
                                                 : graph->engines[engine].queue.head;
}

uint32_t graph_channel_task(const graph_t *graph, uint32_t channel) {
    return graph->channel_task[channel];
}

uint32_t graph_starved_task(const graph_t *graph) {
    for (uint32_t task = 0; task < graph->graph.count; ++task) {
        const uint32_t missing = graph->missing[task];
        if (graph->next[task] == IDLE && missing > 0 && missing < graph->graph.tasks[task].inputs) {
            return task;
        }
    }
    return GRAPH_NO_TASK;
}

const char *graph_result_text(graph_result_t result) {
    switch (result) {
        case GRAPH_OK: return "ok";
        case GRAPH_FIRED_TWICE: return "a task would run twice at once";
        case GRAPH_UNEXPECTED_DONE: return "a device reports an end that nothing began";
        case GRAPH_NO_FRAME: return "a result without a record";
    }
    return "unknown result";
}
