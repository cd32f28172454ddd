/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a network image on the chip: programs it, then classifies record after record. Everything
 * that happens after the start happens in interrupt handlers; the hart sleeps in between.
 *
 * Each call answers 0 or, after a message on the UART, the code that main() should exit with
 * (boot/exit_codes.h). There is one executor: its tables are static. */
#ifndef AIMC_RUNTIME_EXECUTOR_H
#define AIMC_RUNTIME_EXECUTOR_H

#include <stdint.h>

#include "runtime/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How the frames went. Latency: from the record taken up to its result committed. */
typedef struct {
    uint32_t frames;
    uint64_t cycles;        /**< First record taken up .. last result committed. */
    uint64_t latency_min;   /**< [cycles] */
    uint64_t latency_max;   /**< [cycles] */
    uint64_t latency_total; /**< [cycles], over all frames. */
} executor_summary_t;

/** Checks the image at SOC_NETWORK_BASE against itself and the chip, and attaches all interrupts.
 */
int executor_open(network_t *network);

/** Runs the setup graph once. */
int executor_setup(void);

/** Runs the frame graph until the sensor's stream ends. */
int executor_run(executor_summary_t *summary);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_RUNTIME_EXECUTOR_H */
