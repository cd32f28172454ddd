/* SPDX-License-Identifier: Apache-2.0 */
/* The blocks of the chip as driver handles, and the road from the PLIC to their handlers. */
#ifndef AIMC_SOC_SOC_H
#define AIMC_SOC_SOC_H

#include "hal/clint.h"
#include "hal/dma.h"
#include "hal/finisher.h"
#include "hal/noc.h"
#include "hal/plic.h"
#include "hal/results.h"
#include "hal/sensor.h"
#include "hal/uart.h"
#include "soc/soc_map.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const finisher_t soc_finisher;
extern const clint_t soc_clint0;
extern const uart_t soc_uart0;
extern const sensor_t soc_sensor0;
extern const results_t soc_results0;
extern const dma_t soc_dma0;
extern const noc_t soc_noc;
extern const plic_t soc_plic0; /**< Context of machine mode, hart 0. */

/**
 * Routes external interrupts to the handlers attached with plic_attach(&soc_plic0, ...) and lets
 * them through to this hart. The global enable (mstatus.MIE) stays as it is.
 */
void soc_enable_external_interrupts(void);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_SOC_SOC_H */
