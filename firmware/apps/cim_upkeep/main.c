/* SPDX-License-Identifier: Apache-2.0 */
/* Looks after the weights of one compute-in-memory tile: asks what the array is, programs a block,
 * stops a second weight load half way and ends it, verifies, refreshes, recalibrates, and tries
 * what the array cannot do. Where the array cannot be programmed, that must be an error and nothing
 * else. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "boot/exit_codes.h"
#include "hal/cim.h"
#include "soc/soc.h"

#define ROWS 32u
#define COLUMNS 16u
#define POLLS 2000000u

enum { COMMAND = 0, WEIGHTS = 0x100, MAP = 0x400 };

static int8_t weights[ROWS * COLUMNS];
static int failures;

static void check(const char *name, bool good) {
    printf("%-28s %s\n", name, good ? "ok" : "FAILED");
    if (!good) ++failures;
}

/* Runs a command to its end. @return its error code; the queue is usable again afterwards. */
static uint32_t execute(const engine_t *tile, const cim_command_t *command) {
    engine_error_t error = {0, 0, 0};
    engine_sram_write(tile, COMMAND, command, sizeof *command);
    if (engine_push(tile, COMMAND) != HAL_OK) return UINT32_MAX;
    const hal_result_t result = engine_wait(tile, POLLS, &error);
    if (result == HAL_OK) return ENGINE_ERROR_NONE;
    if (result != HAL_DEVICE_ERROR) return UINT32_MAX;
    engine_reset(tile);
    return error.code;
}

static const cim_block_t whole = {0, ROWS, 0, COLUMNS};
static const cim_vectors_t rows = {WEIGHTS, COLUMNS};

static void print_capability(const cim_capability_t *can) {
    printf("%s%s%s, %u x %u, %u-bit inputs, %u-bit codes\n", cim_kind_text(can->kind),
           can->variant[0] != '\0' ? " " : "", can->variant, (unsigned)can->rows,
           (unsigned)can->columns, (unsigned)can->input_bits, (unsigned)can->adc_bits);
}

static void test_program(const engine_t *tile) {
    cim_command_t command;
    cim_state_t state;
    cim_build_program(&command, whole, rows, 127);
    cim_use_failed_map(&command, (cim_vectors_t){MAP, COLUMNS / 8});
    check("program", execute(tile, &command) == ENGINE_ERROR_NONE);
    cim_state(tile, &state);
    check("cells are counted", state.holds && state.programmed_cells >= ROWS * COLUMNS);
    uint8_t map[ROWS * COLUMNS / 8];
    engine_sram_read(tile, MAP, map, sizeof map);
    uint32_t failed = 0;
    for (uint32_t i = 0; i < sizeof map; ++i) failed += (uint32_t)__builtin_popcount(map[i]);
    check("map of failed cells", failed == state.failed_cells);
}

/* A weight load that is stopped keeps its first rows; the rest can be loaded later. */
static void test_stop(const engine_t *tile) {
    cim_command_t command;
    cim_state_t state;
    cim_build_program(&command, whole, rows, 127);
    engine_sram_write(tile, COMMAND, &command, sizeof command);
    check("second load starts", engine_push(tile, COMMAND) == HAL_OK);
    engine_reset(tile);
    while (engine_poll(tile, NULL) == HAL_BUSY) {
    }
    cim_state(tile, &state);
    const uint32_t done = state.rows_done;
    check("stopped", !state.writing && done <= ROWS);
    if (done == ROWS) return;
    const cim_block_t rest = {done, ROWS - done, 0, COLUMNS};
    cim_build_verify(&command, rest, (cim_vectors_t){WEIGHTS + done * COLUMNS, COLUMNS}, 255);
    check("the rest is not programmed", execute(tile, &command) == ENGINE_ERROR_NOT_PROGRAMMED);
    cim_build_program(&command, rest, (cim_vectors_t){WEIGHTS + done * COLUMNS, COLUMNS}, 127);
    check("the rest is loaded", execute(tile, &command) == ENGINE_ERROR_NONE);
}

static void test_upkeep(const engine_t *tile, const cim_capability_t *can) {
    cim_command_t command;
    cim_verify_t found;
    cim_state_t state;
    cim_build_verify(&command, whole, rows, 255);
    check("verify", execute(tile, &command) == ENGINE_ERROR_NONE);
    cim_verified(tile, &found);
    check("few cells are far off", found.failed <= ROWS * COLUMNS / 10);
    cim_state(tile, &state);
    const uint32_t writes = state.worst_writes;
    cim_build_refresh(&command, whole);
    check("refresh", execute(tile, &command) == ENGINE_ERROR_NONE);
    cim_state(tile, &state);
    check("a refresh is a write", state.worst_writes == writes + 1);
    cim_build_recalibrate(&command, 0, (cim_vectors_t){0, 0});
    const uint32_t expected = can->recalibrates ? ENGINE_ERROR_NONE : ENGINE_ERROR_UNSUPPORTED;
    check("recalibrate", execute(tile, &command) == expected);
}

static void test_errors(const engine_t *tile, const cim_capability_t *can) {
    cim_command_t command;
    const cim_block_t beyond = {can->rows, 1, 0, 1};
    cim_build_refresh(&command, beyond);
    const uint32_t code = execute(tile, &command);
    check("beyond the array",
          code == (can->writable ? ENGINE_ERROR_BAD_ARGUMENT : ENGINE_ERROR_READ_ONLY));
    cim_build_program(&command, whole, (cim_vectors_t){tile->sram_bytes - 4, COLUMNS}, 127);
    check("weights outside SRAM",
          execute(tile, &command) ==
              (can->writable ? ENGINE_ERROR_SRAM_RANGE : ENGINE_ERROR_READ_ONLY));
}

int main(void) {
    uint32_t endpoint;
    engine_t tile;
    cim_capability_t can;
    if (noc_find(&soc_noc, ENGINE_ID_CIM, 0, &endpoint) != HAL_OK ||
        engine_open(&tile, noc_endpoint_base(&soc_noc, endpoint), ENGINE_ID_CIM) != HAL_OK ||
        cim_capability(&tile, &can) != HAL_OK) {
        printf("error: no compute-in-memory tile on this chip\n");
        return EXIT_CODE_FAILED;
    }
    print_capability(&can);
    for (uint32_t i = 0; i < ROWS * COLUMNS; ++i) weights[i] = (int8_t)(i * 37u % 255u - 127u);
    engine_sram_write(&tile, WEIGHTS, weights, sizeof weights);
    if (can.writable) {
        test_program(&tile);
        test_stop(&tile);
        test_upkeep(&tile, &can);
    } else {
        cim_command_t command;
        cim_build_program(&command, whole, rows, 127);
        check("programming is refused", execute(&tile, &command) == ENGINE_ERROR_READ_ONLY);
    }
    test_errors(&tile, &can);
    printf("cim_upkeep: %s\n", failures == 0 ? "passed" : "FAILED");
    return failures == 0 ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}
