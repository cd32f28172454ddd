/* SPDX-License-Identifier: Apache-2.0 */
/* Error messages of the runtime: one line each on the UART, beginning with "error: ". */
#ifndef AIMC_RUNTIME_REPORT_H
#define AIMC_RUNTIME_REPORT_H

#include "hal/dma.h"
#include "hal/engine.h"
#include "runtime/graph.h"
#include "runtime/network.h"

#ifdef __cplusplus
extern "C" {
#endif

void report_network(network_result_t result, const network_detail_t *detail);

/** `task` of `graph` failed in engine `index`; GRAPH_NO_TASK if none is known. */
void report_engine(const network_t *network, const network_graph_t *graph, uint32_t index,
                   uint32_t task, const engine_error_t *error);

void report_dma(const network_t *network, const network_graph_t *graph, uint32_t channel,
                uint32_t task, const dma_fault_t *fault);

/** The graph broke its rules (graph->result) or is stalled (GRAPH_OK). */
void report_graph(const network_t *network, const graph_t *graph, const char *name);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_RUNTIME_REPORT_H */
