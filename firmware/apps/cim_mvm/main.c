/* SPDX-License-Identifier: Apache-2.0 */
/* Programs one compute-in-memory tile with a known matrix, multiplies four vectors and compares
 * with the same product computed here: exactly for an ideal array, within a bound for an analog
 * one. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "boot/exit_codes.h"
#include "hal/cim.h"
#include "hal/cpu.h"
#include "soc/soc.h"

#define SIDE_MAX 256u
#define VECTORS 4u
#define BOUND_PERMILLE 200u /* of the root mean square of the exact product */

static int8_t weights[SIDE_MAX * SIDE_MAX];
static int8_t inputs[VECTORS * SIDE_MAX];
static int32_t outputs[VECTORS * SIDE_MAX];
static uint32_t random_state = 12345;

static int32_t draw(int32_t low, int32_t high) {
    random_state = random_state * 1664525u + 1013904223u;
    return low + (int32_t)((random_state >> 16) % (uint32_t)(high - low + 1));
}

static volatile uint32_t interrupts;

static void on_tile(void *context) {
    const engine_t *tile = (const engine_t *)context;
    engine_acknowledge_done(tile);
    if (engine_has_failed(tile)) engine_set_irq(tile, false, false);
    ++interrupts;
}

static bool is_idle(void *context) {
    return engine_poll((const engine_t *)context, NULL) != HAL_BUSY;
}

/* Queues the command that stands at `address` and sleeps until it has ended. */
static bool execute(const engine_t *tile, const cim_command_t *command, uint32_t address) {
    engine_error_t error;
    hal_result_t result = engine_sram_write(tile, address, command, sizeof *command);
    if (result == HAL_OK) result = engine_push(tile, address);
    if (result == HAL_OK) {
        cpu_wait_until(is_idle, (void *)tile);
        result = engine_poll(tile, &error);
    }
    if (result == HAL_OK) return true;
    printf("error: the tile refused a command: %s", hal_result_text(result));
    if (result == HAL_DEVICE_ERROR) {
        printf(": %s (code %u, address 0x%x)", engine_error_text(error.code), (unsigned)error.code,
               (unsigned)error.address);
    }
    printf("\n");
    return false;
}

/* Compares `outputs` with the product computed here. Integers only: 64-bit sums do not overflow. */
static bool compare(uint32_t rows, uint32_t columns, bool exact) {
    uint64_t error_power = 0, power = 0;
    uint32_t differences = 0;
    for (uint32_t v = 0; v < VECTORS; ++v) {
        for (uint32_t c = 0; c < columns; ++c) {
            int32_t sum = 0;
            for (uint32_t r = 0; r < rows; ++r) {
                sum += weights[r * columns + c] * inputs[v * rows + r];
            }
            const int64_t error = (int64_t)outputs[v * columns + c] - sum;
            if (error != 0) ++differences;
            error_power += (uint64_t)(error * error);
            power += (uint64_t)((int64_t)sum * sum);
        }
    }
    if (exact) {
        printf("%u results, %u differ\n", (unsigned)(VECTORS * columns), (unsigned)differences);
        return differences == 0;
    }
    const float error = __builtin_sqrtf((float)error_power / (float)power);
    printf("%u results, relative error %.4f (bound %.4f)\n", (unsigned)(VECTORS * columns),
           (double)error, (double)BOUND_PERMILLE / 1000.0);
    return error * 1000.0f < (float)BOUND_PERMILLE;
}

/* Places in the tile's SRAM. */
typedef struct {
    uint32_t command, weights, inputs, outputs, end;
} layout_t;

static layout_t layout_of(uint32_t rows, uint32_t columns) {
    layout_t at = {0, 0x80, 0, 0, 0};
    at.inputs = at.weights + ((rows * columns + 3u) & ~3u);
    at.outputs = at.inputs + ((VECTORS * rows + 3u) & ~3u);
    at.end = at.outputs + VECTORS * columns * 4u;
    return at;
}

static bool multiply(const engine_t *tile, uint32_t rows, uint32_t columns) {
    const layout_t at = layout_of(rows, columns);
    for (uint32_t i = 0; i < rows * columns; ++i) weights[i] = (int8_t)draw(-127, 127);
    for (uint32_t i = 0; i < VECTORS * rows; ++i) inputs[i] = (int8_t)draw(0, 127);
    engine_sram_write(tile, at.weights, weights, rows * columns);
    engine_sram_write(tile, at.inputs, inputs, VECTORS * rows);

    const cim_block_t block = {0, rows, 0, columns};
    const cim_vectors_t weight_rows = {at.weights, columns};
    const cim_vectors_t in = {at.inputs, rows}, out = {at.outputs, columns * 4u};
    cim_command_t command;
    if (cim_build_program(&command, block, weight_rows, 127) != HAL_OK ||
        !execute(tile, &command, at.command)) {
        return false;
    }
    printf("programmed\n");
    if (cim_build_mvm(&command, block, VECTORS, in, out) != HAL_OK ||
        !execute(tile, &command, at.command)) {
        return false;
    }
    engine_sram_read(tile, at.outputs, outputs, VECTORS * columns * 4u);
    return true;
}

int main(void) {
    uint32_t endpoint;
    engine_t tile;
    cim_capability_t capability;
    if (noc_find(&soc_noc, ENGINE_ID_CIM, 0, &endpoint) != HAL_OK ||
        engine_open(&tile, noc_endpoint_base(&soc_noc, endpoint), ENGINE_ID_CIM) != HAL_OK ||
        cim_capability(&tile, &capability) != HAL_OK) {
        printf("error: no compute-in-memory tile on this chip\n");
        return EXIT_CODE_FAILED;
    }
    printf("tile at endpoint %u: %s, %u x %u\n", (unsigned)endpoint, cim_kind_text(capability.kind),
           (unsigned)capability.rows, (unsigned)capability.columns);
    if (!capability.writable) {
        printf("error: the array cannot be programmed\n");
        return EXIT_CODE_FAILED;
    }
    plic_attach(&soc_plic0, noc_endpoint_irq(&soc_noc, endpoint), 1, on_tile, &tile);
    engine_set_irq(&tile, true, true);
    soc_enable_external_interrupts();

    uint32_t rows = capability.rows < SIDE_MAX ? capability.rows : SIDE_MAX;
    const uint32_t columns = capability.columns < SIDE_MAX ? capability.columns : SIDE_MAX;
    while (rows > 1 && layout_of(rows, columns).end > tile.sram_bytes) --rows;
    printf("block of %u x %u, %u vectors\n", (unsigned)rows, (unsigned)columns, (unsigned)VECTORS);
    const bool exact = capability.kind == CIM_KIND_IDEAL;
    bool good = multiply(&tile, rows, columns) && compare(rows, columns, exact);
    if (interrupts == 0) good = false;
    printf("cim_mvm: %s\n", good ? "passed" : "FAILED");
    return good ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}
