/* SPDX-License-Identifier: Apache-2.0 */
/* The code that docs/programming-guide.md quotes: compiled with the firmware, checked against the
 * page by quoted_snippets.py. A snippet stands between its two marks. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "boot/exit_codes.h"
#include "boot/trap.h"
#include "hal/act.h"
#include "hal/cim.h"
#include "hal/cpu.h"
#include "hal/mmio.h"
#include "runtime/executor.h"
#include "soc/soc.h"

int guide_main(void);
hal_result_t guide_find(engine_t *tile, uint32_t *endpoint);
hal_result_t guide_copy(uint8_t *to, const uint8_t *from);
hal_result_t guide_gather(dma_waiter_t *waiter, uint8_t *to, const uint8_t *map);
hal_result_t guide_mvm(const engine_t *tile, engine_error_t *error);
void guide_sleep(void);
void guide_timer(void);
void guide_skip_faults(void);
int guide_network(void);

/* snippet: hello */
int guide_main(void) {
    printf("Hello from hart %u.\n", (unsigned)cpu_hart_id());
    return EXIT_CODE_OK; /* main's value is the exit code of the simulation */
}
/* end */

/* snippet: find */
hal_result_t guide_find(engine_t *tile, uint32_t *endpoint) {
    const hal_result_t result = noc_find(&soc_noc, ENGINE_ID_CIM, 0, endpoint);
    if (result != HAL_OK) return result;
    return engine_open(tile, noc_endpoint_base(&soc_noc, *endpoint), ENGINE_ID_CIM);
}
/* end */

/* snippet: copy */
hal_result_t guide_copy(uint8_t *to, const uint8_t *from) {
    static dma_descriptor_t descriptor;
    dma_fault_t fault;
    dma_copy_1d(&descriptor, mmio_bus_address(to), mmio_bus_address(from), 256);
    hal_result_t result = dma_start(&soc_dma0, 0, mmio_bus_address(&descriptor), false);
    if (result == HAL_OK) result = dma_wait(&soc_dma0, 0, &fault);
    if (result == HAL_BUS_FAULT) {
        printf("%s at 0x%08x\n", dma_error_text(fault.code), (unsigned)fault.address);
    }
    return result;
}
/* end */

/* snippet: gather */
/* Gathers the 3 x 3 windows along one row of a map that is 16 pixels of 4 channels wide. */
hal_result_t guide_gather(dma_waiter_t *waiter, uint8_t *to, const uint8_t *map) {
    static dma_descriptor_t descriptor;
    const dma_view_t source = {mmio_bus_address(map), 16 * 4, 4};
    const dma_view_t destination = {mmio_bus_address(to), 3 * 4, 3 * 3 * 4};
    dma_copy_3d(&descriptor, destination, source, 3 * 4, 3, 14);

    waiter->dma = &soc_dma0;
    plic_attach(&soc_plic0, SOC_DMA0_IRQ, 1, dma_handle_irq, waiter);
    soc_enable_external_interrupts();
    const hal_result_t result = dma_start(&soc_dma0, 1, mmio_bus_address(&descriptor), true);
    return result == HAL_OK ? dma_wait_irq(waiter, 1, NULL) : result; /* sleeps meanwhile */
}
/* end */

/* snippet: mvm */
/* Four products with a 64 x 32 block whose weights are programmed: int8 in, ReLU, int8 out. */
hal_result_t guide_mvm(const engine_t *tile, engine_error_t *error) {
    const cim_block_t block = {.first_row = 0, .rows = 64, .first_column = 0, .columns = 32};
    const cim_vectors_t in = {.address = 0x1000, .stride = 64};
    const cim_vectors_t out = {.address = 0x2000, .stride = 32};
    cim_command_t command;
    hal_result_t result = cim_build_mvm(&command, block, 4, in, out);
    if (result == HAL_OK) result = cim_use_affine(&command, 0x3000, 0, 127);
    if (result == HAL_OK) result = engine_sram_write(tile, 0, &command, sizeof command);
    if (result == HAL_OK) result = engine_push(tile, 0);
    if (result == HAL_OK) result = engine_wait(tile, 100000, error);
    return result;
}
/* end */

/* snippet: sleep */
static volatile bool button_pressed; /* set by an interrupt handler */

static bool is_pressed(void *context) {
    (void)context;
    return button_pressed;
}

void guide_sleep(void) { cpu_wait_until(is_pressed, NULL); }
/* end */

/* snippet: timer */
static void on_timer(void *context) {
    (void)context;
    clint_stop_timer(&soc_clint0, 0); /* a handler makes its cause go away */
    button_pressed = true;
}

void guide_timer(void) {
    trap_set_irq_handler(TRAP_IRQ_TIMER, on_timer, NULL);
    clint_set_timer(&soc_clint0, 0, clint_time(&soc_clint0) + SOC_MTIME_HZ / 1000); /* 1 ms */
    cpu_enable_irq_sources(1u << TRAP_IRQ_TIMER);
    cpu_irq_enable();
}
/* end */

/* snippet: exception */
static bool skip_access_fault(trap_frame_t *frame, uint32_t mcause, uint32_t mtval) {
    if (mcause != 5 && mcause != 7) return false; /* not ours: fatal */
    printf("nothing answers at 0x%08x\n", (unsigned)mtval);
    const uint16_t half = *(const volatile uint16_t *)(uintptr_t)frame->mepc;
    frame->mepc += (half & 3u) == 3u ? 4 : 2; /* compressed instructions have two bytes */
    return true;
}

void guide_skip_faults(void) { trap_set_exception_handler(skip_access_fault); }
/* end */

/* snippet: network */
int guide_network(void) {
    network_t network;
    executor_summary_t summary;
    int code = executor_open(&network);
    if (code == EXIT_CODE_OK) code = executor_setup();
    if (code == EXIT_CODE_OK) code = executor_run(&summary);
    return code; /* whatever went wrong stands on the UART */
}
/* end */
