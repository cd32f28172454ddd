/* SPDX-License-Identifier: Apache-2.0 */
/* Copies with the DMA engine in every way it knows and checks each byte. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "boot/exit_codes.h"
#include "hal/engine.h"
#include "hal/mmio.h"
#include "soc/soc.h"

#define BYTES 4096u

static uint8_t source[BYTES], destination[BYTES], expected[BYTES];
static dma_descriptor_t chain[2];
static dma_waiter_t waiter;
static int failures;

static void fill_source(void) {
    uint32_t state = 1;
    for (uint32_t i = 0; i < BYTES; ++i) {
        state = state * 1664525u + 1013904223u;
        source[i] = (uint8_t)(state >> 24);
    }
}

static void clear(void) {
    memset(destination, 0, sizeof destination);
    memset(expected, 0, sizeof expected);
}

/* Runs `chain` on `channel` and compares; sleeps until the interrupt or polls. */
static void run(const char *name, uint32_t channel, bool irq) {
    dma_fault_t fault = {0, 0, 0};
    hal_result_t result = dma_start(&soc_dma0, channel, mmio_bus_address(chain), irq);
    if (result == HAL_OK) {
        result =
            irq ? dma_wait_irq(&waiter, channel, &fault) : dma_wait(&soc_dma0, channel, &fault);
    }
    const bool same = memcmp(destination, expected, sizeof destination) == 0;
    const bool good = result == HAL_OK && same;
    printf("%-28s %s", name, good ? "ok" : "FAILED");
    if (!good) {
        ++failures;
        printf(": %s, %s at 0x%08x%s", hal_result_text(result), dma_error_text(fault.code),
               (unsigned)fault.address, same ? "" : ", data differ");
    }
    printf("\n");
}

static void copy_plain(void) {
    clear();
    memcpy(expected + 3, source + 1, 1001);
    dma_copy_1d(&chain[0], mmio_bus_address(destination + 3), mmio_bus_address(source + 1), 1001);
    run("1D, odd addresses", 0, false);
}

static void copy_block(void) {
    clear();
    for (int y = 0; y < 8; ++y) memcpy(expected + 16 * y, source + 64 * y + 5, 16);
    const dma_view_t from = {mmio_bus_address(source + 5), 64, 0};
    const dma_view_t to = {mmio_bus_address(destination), 16, 0};
    dma_copy_2d(&chain[0], to, from, 16, 8);
    run("2D, block of a matrix", 0, true);
}

/* A 3 x 3 window over a 16 x 16 map of 4 channels: 14 x 14 patches would be a convolution's; here
 * the patches of one row of outputs are gathered with a stride of 1. */
static void gather_windows(void) {
    clear();
    const int channels = 4, width = 16, kernel = 3, outputs = 14;
    uint8_t *patch = expected;
    for (int x = 0; x < outputs; ++x) {
        for (int ky = 0; ky < kernel; ++ky) {
            memcpy(patch, source + (ky * width + x) * channels, (size_t)(kernel * channels));
            patch += kernel * channels;
        }
    }
    const dma_view_t from = {mmio_bus_address(source), width * channels, channels};
    const dma_view_t to = {mmio_bus_address(destination), kernel * channels,
                           kernel * kernel * channels};
    dma_copy_3d(&chain[0], to, from, (uint32_t)(kernel * channels), (uint32_t)kernel,
                (uint32_t)outputs);
    run("3D, windows of a feature map", 1, true);
}

static void copy_backwards(void) {
    clear();
    for (int i = 0; i < 256; ++i) expected[i] = source[255 - i];
    const dma_view_t from = {mmio_bus_address(source + 255), -1, 0};
    const dma_view_t to = {mmio_bus_address(destination), 1, 0};
    dma_copy_2d(&chain[0], to, from, 1, 256);
    run("2D, negative stride", 0, true);
}

static void copy_chain(void) {
    clear();
    memcpy(expected, source, 100);
    memcpy(expected + 2000, source + 500, 300);
    dma_copy_1d(&chain[0], mmio_bus_address(destination), mmio_bus_address(source), 100);
    dma_copy_1d(&chain[1], mmio_bus_address(destination + 2000), mmio_bus_address(source + 500),
                300);
    dma_link(&chain[0], &chain[1]);
    run("chain of two", 0, true);
}

/* Memory to tile, tile to tile, tile to memory: the middle one does not touch host memory. */
static void copy_between_tiles(void) {
    uint32_t first, second;
    engine_t a, b;
    if (noc_find(&soc_noc, ENGINE_ID_CIM, 0, &first) != HAL_OK ||
        noc_find(&soc_noc, ENGINE_ID_CIM, first + 1, &second) != HAL_OK ||
        engine_open(&a, noc_endpoint_base(&soc_noc, first), ENGINE_ID_CIM) != HAL_OK ||
        engine_open(&b, noc_endpoint_base(&soc_noc, second), ENGINE_ID_CIM) != HAL_OK) {
        printf("tile to tile: this chip has fewer than two tiles\n");
        ++failures;
        return;
    }
    static dma_descriptor_t path[3];
    dma_copy_1d(&path[0], engine_sram_address(&a, 0x40), mmio_bus_address(source), 1024);
    dma_copy_1d(&path[1], engine_sram_address(&b, 0x80), engine_sram_address(&a, 0x40), 1024);
    dma_copy_1d(&path[2], mmio_bus_address(destination), engine_sram_address(&b, 0x80), 1024);
    dma_link(&path[0], &path[1]);
    dma_link(&path[1], &path[2]);
    clear();
    memcpy(expected, source, 1024);
    chain[0] = path[0];
    run("tile to tile", 0, true);
}

static void provoke_fault(void) {
    dma_fault_t fault = {0, 0, 0};
    dma_copy_1d(&chain[0], mmio_bus_address(destination), 0xf0000000u, 4);
    hal_result_t result = dma_start(&soc_dma0, 0, mmio_bus_address(chain), true);
    if (result == HAL_OK) result = dma_wait_irq(&waiter, 0, &fault);
    const bool good = result == HAL_BUS_FAULT && fault.code == DMA_ERROR_READ &&
                      fault.address == 0xf0000000u && fault.descriptor == mmio_bus_address(chain);
    printf("%-28s %s: %s\n", "a hole in the map", good ? "ok" : "FAILED",
           dma_error_text(fault.code));
    if (!good) ++failures;
}

int main(void) {
    waiter.dma = &soc_dma0;
    plic_attach(&soc_plic0, SOC_DMA0_IRQ, 1, dma_handle_irq, &waiter);
    soc_enable_external_interrupts();
    fill_source();
    printf("dma_copy\n");
    copy_plain();
    copy_block();
    gather_windows();
    copy_backwards();
    copy_chain();
    copy_between_tiles();
    provoke_fault();
    printf("dma_copy: %s\n", failures == 0 ? "passed" : "FAILED");
    return failures == 0 ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}
