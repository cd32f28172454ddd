/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/executor.h"

#include <stdbool.h>
#include <stdio.h>

#include "boot/exit_codes.h"
#include "hal/cpu.h"
#include "hal/mmio.h"
#include "runtime/graph.h"
#include "runtime/report.h"
#include "soc/soc.h"

#define IRQ_PRIORITY 1u

/* What went wrong, noted by an interrupt handler and reported when the hart is back in run(). */
typedef struct {
    enum { FAULT_NONE, FAULT_ENGINE, FAULT_DMA } kind;
    uint32_t index; /* engine or channel */
    engine_error_t engine;
    dma_fault_t dma;
} fault_t;

static network_t network;
static graph_t graph;
static fault_t fault;
static bool is_setup; /* which of the two graphs runs */
static executor_summary_t summary;
static uint64_t begin_cycles[RUNTIME_MAX_FRAMES];
static uint64_t first_begin;
static uint32_t channels;

/* Filled for the engines and tasks that the image has. */
#define NOINIT __attribute__((section(".noinit")))
static uint32_t task_missing[RUNTIME_MAX_TASKS] NOINIT;
static uint32_t task_next[RUNTIME_MAX_TASKS] NOINIT;
static engine_t engines[RUNTIME_MAX_ENGINES] NOINIT;
static graph_engine_t engine_queues[RUNTIME_MAX_ENGINES] NOINIT;

/* ---- what the graph asks for ---- */

static void push(void *machine, uint32_t engine, uint32_t command) {
    (void)machine;
    engine_push_unchecked(&engines[engine], command);
}

static void start_dma(void *machine, uint32_t channel, uint32_t descriptor) {
    (void)machine;
    dma_start_idle(&soc_dma0, channel, descriptor);
}

static uint32_t begin(void *machine) {
    (void)machine;
    const uint64_t now = cpu_cycles();
    begin_cycles[graph.begun % RUNTIME_MAX_FRAMES] = now;
    if (graph.begun == 0) first_begin = now;
    return sensor_frame(&soc_sensor0);
}

static void release(void *machine) {
    (void)machine;
    sensor_release(&soc_sensor0);
}

static void commit(void *machine, uint32_t frame) {
    (void)machine;
    (void)results_commit(&soc_results0, frame, network.header->logits);
    const uint64_t now = cpu_cycles();
    const uint64_t latency = now - begin_cycles[summary.frames % RUNTIME_MAX_FRAMES];
    if (summary.frames == 0 || latency < summary.latency_min) summary.latency_min = latency;
    if (latency > summary.latency_max) summary.latency_max = latency;
    summary.latency_total += latency;
    summary.cycles = now - first_begin;
    ++summary.frames;
}

static const graph_machine_t kMachine = {push, start_dma, begin, release, commit};

/* ---- interrupts ---- */

static void on_engine(void *context) {
    const engine_t *engine = (const engine_t *)context;
    const uint32_t index = (uint32_t)(engine - engines);
    engine_acknowledge_done(engine);
    const uint32_t done = engine_done_count(engine);
    if (fault.kind != FAULT_NONE || graph.result != GRAPH_OK) {
        engine_set_irq(engine, false, false);
        return;
    }
    if (graph_engine_done(&graph, index, done)) return; /* an error interrupts again */
    if (!engine_has_failed(engine)) return;             /* spurious: acknowledged before */
    engine_set_irq(engine, false, false);
    fault.kind = FAULT_ENGINE;
    fault.index = index;
    engine_read_error(engine, &fault.engine);
}

static void on_dma(void *context) {
    (void)context;
    uint32_t pending = dma_irq_pending(&soc_dma0);
    for (; pending != 0; pending &= pending - 1) {
        const uint32_t channel = (uint32_t)__builtin_ctz(pending);
        bool failed = false;
        if (!dma_acknowledge(&soc_dma0, channel, &failed)) continue;
        if (failed) {
            dma_mask_irq(&soc_dma0, channel);
            if (fault.kind != FAULT_NONE) continue;
            fault.kind = FAULT_DMA;
            fault.index = channel;
            (void)dma_poll(&soc_dma0, channel, &fault.dma);
        } else if (fault.kind == FAULT_NONE && graph.result == GRAPH_OK) {
            graph_dma_done(&graph, channel);
        }
    }
}

static void on_sensor(void *context) {
    (void)context;
    const sensor_events_t events = sensor_take_events(&soc_sensor0);
    if (fault.kind != FAULT_NONE || graph.result != GRAPH_OK) return;
    if (events.frame) graph_record_presented(&graph);
    if (events.end) graph_stream_ended(&graph);
}

/* ---- the three calls ---- */

static bool run_is_over(void *context) {
    (void)context;
    if (fault.kind != FAULT_NONE || graph.result != GRAPH_OK) return true;
    return (is_setup ? graph_all_done(&graph) : graph_stream_done(&graph)) ||
           graph_is_stalled(&graph);
}

static int outcome(void) {
    if (fault.kind == FAULT_ENGINE) {
        report_engine(&network, &graph.graph, fault.index, graph_engine_task(&graph, fault.index),
                      &fault.engine);
        return EXIT_CODE_ENGINE_ERROR;
    }
    if (fault.kind == FAULT_DMA) {
        report_dma(&network, &graph.graph, fault.index, graph_channel_task(&graph, fault.index),
                   &fault.dma);
        return EXIT_CODE_DMA_FAULT;
    }
    const bool done = is_setup ? graph_all_done(&graph) : graph_stream_done(&graph);
    if (graph.result == GRAPH_OK && done) return EXIT_CODE_OK;
    report_graph(&network, &graph, is_setup ? "setup" : "frame");
    return EXIT_CODE_STALLED;
}

static void load_graph(const network_graph_t *description) {
    const graph_memory_t memory = {task_missing, task_next};
    graph_init(&graph, description, memory, engine_queues, network.engine_count, channels,
               &kMachine, NULL);
    fault.kind = FAULT_NONE;
}

static void open_engines(void) {
    for (uint32_t i = 0; i < network.engine_count; ++i) {
        const aimc_network_engine_t *description = &network.engines[i];
        (void)engine_open(&engines[i], description->base, description->id);
        engine_reset(&engines[i]);
        engine_acknowledge_done(&engines[i]);
        engine_queues[i].depth = engines[i].queue_depth;
        engine_queues[i].done_count = engine_done_count(&engines[i]);
        (void)plic_attach(&soc_plic0, description->irq, IRQ_PRIORITY, on_engine, &engines[i]);
        engine_set_irq(&engines[i], true, true);
    }
}

int executor_open(network_t *opened) {
    network_detail_t detail;
    const uint32_t room = SOC_RAM_BASE + SOC_RAM_BYTES - SOC_NETWORK_BASE;
    network_result_t result =
        network_open(&network, mmio_memory(SOC_NETWORK_BASE), SOC_NETWORK_BASE, room, &detail);
    if (result == NETWORK_OK) result = network_check_engines(&network, &soc_noc, &detail);
    if (result != NETWORK_OK) {
        report_network(result, &detail);
        return EXIT_CODE_BAD_NETWORK;
    }
    channels = dma_channels(&soc_dma0);
    if (channels > GRAPH_MAX_CHANNELS) channels = GRAPH_MAX_CHANNELS;
    for (uint32_t channel = 0; channel < channels; ++channel) {
        bool failed = false;
        (void)dma_acknowledge(&soc_dma0, channel, &failed); /* events of an earlier use */
    }
    open_engines();
    (void)plic_attach(&soc_plic0, SOC_DMA0_IRQ, IRQ_PRIORITY, on_dma, NULL);
    (void)plic_attach(&soc_plic0, SOC_SENSOR0_IRQ, IRQ_PRIORITY, on_sensor, NULL);
    soc_enable_external_interrupts();
    *opened = network;
    return EXIT_CODE_OK;
}

int executor_setup(void) {
    is_setup = true;
    load_graph(&network.setup);
    graph_start(&graph); /* interrupts are off: nothing can come before its task is known */
    cpu_wait_until(run_is_over, NULL);
    return outcome();
}

int executor_run(executor_summary_t *result) {
    sensor_stream_t stream;
    if (sensor_stream(&soc_sensor0, &stream) != HAL_OK) {
        printf("error: the sensor has no input\n");
        return EXIT_CODE_BAD_INPUT;
    }
    if (stream.record_bytes != network.header->input_bytes) {
        printf("error: the sensor's records have %u bytes, the network takes %u\n",
               (unsigned)stream.record_bytes, (unsigned)network.header->input_bytes);
        return EXIT_CODE_BAD_INPUT;
    }
    is_setup = false;
    summary = (executor_summary_t){0, 0, 0, 0, 0};
    load_graph(&network.frame);
    graph_start(&graph);
    sensor_start(&soc_sensor0, true);
    cpu_wait_until(run_is_over, NULL);
    sensor_stop(&soc_sensor0);
    *result = summary;
    return outcome();
}
