/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the network image in memory over the sensor's stream. */
#include <stdio.h>

#include "boot/exit_codes.h"
#include "hal/cpu.h"
#include "runtime/executor.h"

int main(void) {
    network_t network;
    int code = executor_open(&network);
    if (code != EXIT_CODE_OK) return code;
    printf("network %s for %s: %u engines, %u setup tasks, %u frame tasks\n",
           network_string(&network, network.header->name),
           network_string(&network, network.header->platform), (unsigned)network.engine_count,
           (unsigned)network.setup.count, (unsigned)network.frame.count);

    const uint64_t begin = cpu_cycles();
    code = executor_setup();
    if (code != EXIT_CODE_OK) return code;
    printf("setup: %llu cycles\n", (unsigned long long)(cpu_cycles() - begin));

    executor_summary_t summary;
    code = executor_run(&summary);
    printf("frames: %u\n", (unsigned)summary.frames);
    if (code == EXIT_CODE_OK && summary.frames > 0) {
        printf("latency: min %llu mean %llu max %llu cycles, one frame each %llu cycles\n",
               (unsigned long long)summary.latency_min,
               (unsigned long long)(summary.latency_total / summary.frames),
               (unsigned long long)summary.latency_max,
               (unsigned long long)(summary.cycles / summary.frames));
    }
    return code;
}
