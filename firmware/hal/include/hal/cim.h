/* SPDX-License-Identifier: Apache-2.0 */
/* Compute-in-memory tile: capabilities and commands. Queue and SRAM are in hal/engine.h.
 *
 * A command is built in memory, copied into the tile's SRAM (engine_sram_write or DMA) and queued
 * (engine_push). All addresses in commands are offsets in the tile's SRAM. */
#ifndef AIMC_HAL_CIM_H
#define AIMC_HAL_CIM_H

#include <stdbool.h>
#include <stdint.h>

#include "aimc/cim/cim_regs.h"
#include "hal/engine.h"
#include "hal/result.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint32_t kind; /**< CIM_KIND_*. */
    uint32_t rows, columns;
    uint32_t input_bits; /**< Sign included. */
    uint32_t adc_bits;   /**< Sign included; 0 for an ideal array. */
    uint32_t phases;     /**< Read phases of one product. */
    bool writable;       /**< PROGRAM is possible. */
    bool verifies;       /**< VERIFY is possible, ... */
    bool refreshes;
    bool recalibrates;
    bool forgets;         /**< Weights are lost with time unless refreshed. */
    uint32_t converter;   /**< CIM_CONVERTER_*. */
    uint32_t coding;      /**< CIM_CODING_*. */
    uint32_t arrangement; /**< CIM_ARRANGEMENT_*. */
    uint32_t temperature; /**< In units of 0.1 K. */
    char variant[17];     /**< Of the kind, as text. */
} cim_capability_t;

/** State of the array's cells. */
typedef struct {
    uint64_t age_us; /**< Since the oldest weight was written, settable age included. */
    uint32_t programmed_cells;
    uint32_t failed_cells; /**< Of the last PROGRAM or REFRESH. */
    uint32_t worst_writes; /**< Of one cell in the life of the array. */
    uint32_t rows_done;    /**< Of the last PROGRAM, stopped or not. */
    uint32_t clipped;      /**< Conversions since reset. */
    bool holds;            /**< Any weight. */
    bool writing;
    bool expired; /**< A block has lost its weights with time. */
} cim_state_t;

/** What the last VERIFY found. */
typedef struct {
    uint32_t failed;       /**< Cells beyond the tolerance. */
    uint32_t rms_permille; /**< Root mean square error in 1/1000 of a weight step. */
} cim_verify_t;

/** A block of the array. */
typedef struct {
    uint32_t first_row, rows;
    uint32_t first_column, columns;
} cim_block_t;

/** Vectors in SRAM. */
typedef struct {
    uint32_t address;
    uint32_t stride; /**< Bytes from one vector to the next. */
} cim_vectors_t;

/** Geometry of a convolution; the feature maps are height x width x channels, channels fastest. */
typedef struct {
    uint32_t height, width, channels; /**< Input. */
    uint32_t out_height, out_width;
    uint32_t kernel_height, kernel_width;
    uint32_t stride_y, stride_x;
    uint32_t pad_top, pad_left;
    uint32_t dilation_y, dilation_x;
    uint32_t patch_first; /**< Patch element that the block's first row takes, for split layers. */
} cim_conv_t;

/** Reads what the tile can do. */
hal_result_t cim_capability(const engine_t *tile, cim_capability_t *capability);

/** Reads the state of the cells. */
hal_result_t cim_state(const engine_t *tile, cim_state_t *state);

/** Reads what the last VERIFY found. */
hal_result_t cim_verified(const engine_t *tile, cim_verify_t *found);

/** Name of a CIM_KIND_* value. Never null. */
const char *cim_kind_text(uint32_t kind);

/**
 * Writes int8 weights, one array row after the other, `weights.stride` bytes apart.
 *
 * @param full_scale  Weight magnitude that gets the largest conductance, 1..127.
 * @return HAL_OK, or HAL_BAD_ARG; so for all builders. Sizes beyond the array are left to the tile.
 */
hal_result_t cim_build_program(cim_command_t *command, cim_block_t block, cim_vectors_t weights,
                               uint32_t full_scale);

/** Multiplies `count` int8 vectors with the block; results are int32 until cim_use_affine. */
hal_result_t cim_build_mvm(cim_command_t *command, cim_block_t block, uint32_t count,
                           cim_vectors_t in, cim_vectors_t out);

/** Convolves the feature map at `in`; one result vector for each output pixel, row by row. */
hal_result_t cim_build_conv(cim_command_t *command, cim_block_t block, const cim_conv_t *conv,
                            uint32_t in, cim_vectors_t out);

/** Passes `count` vectors of `columns` int32 accumulators through the local digital unit. */
hal_result_t cim_build_digital(cim_command_t *command, uint32_t columns, uint32_t count,
                               cim_vectors_t in, cim_vectors_t out);

/** Reads a block of weights into SRAM as int8. */
hal_result_t cim_build_readback(cim_command_t *command, cim_block_t block, cim_vectors_t out);

/** PROGRAM: writes one bit for each cell of the block to `map`, 1 = did not converge; a row takes
 * (columns + 7) / 8 bytes. */
hal_result_t cim_use_failed_map(cim_command_t *command, cim_vectors_t map);

/** Compares a block with int8 weights, see cim_verified().
 *
 * @param tolerance  Of a good cell, in eighths of a weight step, 1..255. */
hal_result_t cim_build_verify(cim_command_t *command, cim_block_t block, cim_vectors_t weights,
                              uint32_t tolerance);

/** Programs what a block holds again, so that its age starts anew. */
hal_result_t cim_build_refresh(cim_command_t *command, cim_block_t block);

/** Corrects drift anew; with `count` > 0 vectors of all rows of the array also the range of the
 * converters. */
hal_result_t cim_build_recalibrate(cim_command_t *command, uint32_t count, cim_vectors_t in);

/** MVM, CONV, DIGITAL: adds int32 partial sums. */
hal_result_t cim_use_partial_sums(cim_command_t *command, cim_vectors_t sums);

/** MVM, CONV, DIGITAL: writes int8 through the table of cim_affine_t at `table` (one for each
 * column) and clamps to low..high; 0..127 is a ReLU. */
hal_result_t cim_use_affine(cim_command_t *command, uint32_t table, int32_t low, int32_t high);

/** MVM, CONV, DIGITAL: writes int8 through the FP16 output stage with the table of cim_fp16_t at
 * `table`, one for each column. Partial sums, if in use, are then one int8 an element. */
hal_result_t cim_use_fp16(cim_command_t *command, uint32_t table);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_CIM_H */
