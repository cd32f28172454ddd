/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/report.h"

#include <stdio.h>

static const char *task_name(const network_t *network, const network_graph_t *graph,
                             uint32_t task) {
    if (task >= graph->count) return "(none)";
    const char *name = network_string(network, graph->tasks[task].name);
    return name[0] != '\0' ? name : "(unnamed)";
}

void report_network(network_result_t result, const network_detail_t *detail) {
    printf("error: network image: %s (", network_result_text(result));
    if (detail->index != AIMC_NETWORK_NONE) printf("index %u, ", (unsigned)detail->index);
    printf("found 0x%x, expected 0x%x)\n", (unsigned)detail->found, (unsigned)detail->expected);
}

void report_engine(const network_t *network, const network_graph_t *graph, uint32_t index,
                   uint32_t task, const engine_error_t *error) {
    printf("error: engine %s: %s (code %u, command 0x%x, address 0x%x) in task %s\n",
           network_string(network, network->engines[index].name), engine_error_text(error->code),
           (unsigned)error->code, (unsigned)error->command, (unsigned)error->address,
           task_name(network, graph, task));
}

void report_dma(const network_t *network, const network_graph_t *graph, uint32_t channel,
                uint32_t task, const dma_fault_t *fault) {
    printf("error: dma channel %u: %s (code %u, address 0x%x, descriptor 0x%x) in task %s\n",
           (unsigned)channel, dma_error_text(fault->code), (unsigned)fault->code,
           (unsigned)fault->address, (unsigned)fault->descriptor, task_name(network, graph, task));
}

void report_graph(const network_t *network, const graph_t *graph, const char *name) {
    if (graph->result != GRAPH_OK) {
        printf("error: %s graph: %s at task %s\n", name, graph_result_text(graph->result),
               task_name(network, &graph->graph, graph->result_task));
        return;
    }
    const uint32_t task = graph_starved_task(graph);
    const uint32_t missing = task == GRAPH_NO_TASK ? 0 : graph->missing[task];
    printf(
        "error: %s graph: stalled after %u tasks, %u of %u frames committed; task %s lacks %u "
        "tokens\n",
        name, (unsigned)graph->completed, (unsigned)graph->committed, (unsigned)graph->begun,
        task_name(network, &graph->graph, task), (unsigned)missing);
}
