/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/soc.h"

#include "boot/trap.h"
#include "hal/cpu.h"

static plic_slot_t plic_slots[PLIC_SOURCES];

const finisher_t soc_finisher = {SOC_FINISHER_BASE};
const clint_t soc_clint0 = {SOC_CLINT0_BASE};
const uart_t soc_uart0 = {SOC_UART0_BASE};
const sensor_t soc_sensor0 = {SOC_SENSOR0_BASE};
const results_t soc_results0 = {SOC_RESULTS0_BASE};
const dma_t soc_dma0 = {SOC_DMA0_BASE};
const noc_t soc_noc = {SOC_NOC_BASE, SOC_NOC_WINDOW_BASE, SOC_NOC_WINDOW_BYTES, SOC_NOC_IRQ_BASE};
const plic_t soc_plic0 = {SOC_PLIC0_BASE, 0, plic_slots};

static void external_interrupt(void *context) { plic_dispatch((const plic_t *)context); }

void soc_enable_external_interrupts(void) {
    trap_set_irq_handler(TRAP_IRQ_EXTERNAL, external_interrupt, (void *)&soc_plic0);
    plic_set_threshold(&soc_plic0, 0);
    cpu_enable_irq_sources(1u << TRAP_IRQ_EXTERNAL);
}
