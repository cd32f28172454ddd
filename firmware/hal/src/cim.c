/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/cim.h"

#include <stddef.h>
#include <string.h>

#include "hal/mmio.h"

hal_result_t cim_capability(const engine_t *tile, cim_capability_t *capability) {
    if (tile == NULL || capability == NULL) return HAL_BAD_ARG;
    const uint32_t geometry = mmio_read32(tile->base + CIM_GEOMETRY_OFFSET);
    const uint32_t precision = mmio_read32(tile->base + CIM_PRECISION_OFFSET);
    capability->kind = mmio_read32(tile->base + CIM_KIND_OFFSET);
    capability->rows = CIM_GEOMETRY_ROWS_GET(geometry);
    capability->columns = CIM_GEOMETRY_COLUMNS_GET(geometry);
    capability->input_bits = CIM_PRECISION_INPUT_BITS_GET(precision);
    capability->adc_bits = CIM_PRECISION_ADC_BITS_GET(precision);
    capability->phases = CIM_PRECISION_PHASES_GET(precision);
    capability->writable = CIM_PRECISION_WRITABLE_GET(precision) != 0;
    const uint32_t can = mmio_read32(tile->base + CIM_CAPABILITY_OFFSET);
    capability->verifies = CIM_CAPABILITY_VERIFY_GET(can) != 0;
    capability->refreshes = CIM_CAPABILITY_REFRESH_GET(can) != 0;
    capability->recalibrates = CIM_CAPABILITY_RECALIBRATE_GET(can) != 0;
    capability->forgets = CIM_CAPABILITY_VOLATILE_GET(can) != 0;
    capability->converter = CIM_CAPABILITY_CONVERTER_GET(can);
    capability->coding = CIM_CAPABILITY_CODING_GET(can);
    capability->arrangement = CIM_CAPABILITY_ARRANGEMENT_GET(can);
    capability->temperature = mmio_read32(tile->base + CIM_TEMPERATURE_OFFSET);
    for (uint32_t i = 0; i < 4; ++i) {
        const uint32_t letters = mmio_read32(tile->base + CIM_VARIANT0_OFFSET + 4 * i);
        memcpy(capability->variant + 4 * i, &letters, 4);
    }
    capability->variant[16] = '\0';
    return HAL_OK;
}

hal_result_t cim_state(const engine_t *tile, cim_state_t *state) {
    if (tile == NULL || state == NULL) return HAL_BAD_ARG;
    const uint32_t status = mmio_read32(tile->base + CIM_ARRAY_STATUS_OFFSET);
    const uint32_t age_low = mmio_read32(tile->base + CIM_AGE_LOW_OFFSET);
    const uint32_t age_high = mmio_read32(tile->base + CIM_AGE_HIGH_OFFSET);
    state->age_us = (uint64_t)age_high << 32 | age_low;
    state->programmed_cells = mmio_read32(tile->base + CIM_PROGRAMMED_CELLS_OFFSET);
    state->failed_cells = mmio_read32(tile->base + CIM_FAILED_CELLS_OFFSET);
    state->worst_writes = mmio_read32(tile->base + CIM_WORST_WRITES_OFFSET);
    state->clipped = mmio_read32(tile->base + CIM_CLIP_COUNT_OFFSET);
    state->rows_done = CIM_ARRAY_STATUS_ROWS_DONE_GET(status);
    state->holds = CIM_ARRAY_STATUS_HOLDS_GET(status) != 0;
    state->writing = CIM_ARRAY_STATUS_WRITING_GET(status) != 0;
    state->expired = CIM_ARRAY_STATUS_EXPIRED_GET(status) != 0;
    return HAL_OK;
}

hal_result_t cim_verified(const engine_t *tile, cim_verify_t *found) {
    if (tile == NULL || found == NULL) return HAL_BAD_ARG;
    found->failed = mmio_read32(tile->base + CIM_VERIFY_FAILED_OFFSET);
    found->rms_permille = mmio_read32(tile->base + CIM_VERIFY_ERROR_OFFSET);
    return HAL_OK;
}

const char *cim_kind_text(uint32_t kind) {
    static const char *const kNames[] = {"ideal", "pcm",  "nor_flash", "rom",  "sram",
                                         "reram", "mram", "dram",      "fefet"};
    return kind < sizeof kNames / sizeof kNames[0] ? kNames[kind] : "unknown";
}

static bool fits(uint32_t value, uint32_t bits) { return value >> bits == 0; }

static hal_result_t begin(cim_command_t *command, uint32_t opcode, cim_block_t block) {
    if (command == NULL || block.rows == 0 || block.columns == 0) return HAL_BAD_ARG;
    if (!fits(block.first_row, 16) || !fits(block.rows, 16)) return HAL_BAD_ARG;
    if (!fits(block.first_column, 16) || !fits(block.columns, 16)) return HAL_BAD_ARG;
    memset(command, 0, sizeof *command);
    command->op = CIM_COMMAND_OP_OPCODE_SET(opcode);
    command->rows =
        CIM_COMMAND_ROWS_FIRST_SET(block.first_row) | CIM_COMMAND_ROWS_COUNT_SET(block.rows);
    command->columns = CIM_COMMAND_COLUMNS_FIRST_SET(block.first_column) |
                       CIM_COMMAND_COLUMNS_COUNT_SET(block.columns);
    return HAL_OK;
}

hal_result_t cim_build_program(cim_command_t *command, cim_block_t block, cim_vectors_t weights,
                               uint32_t full_scale) {
    if (full_scale == 0 || full_scale > 127) return HAL_BAD_ARG;
    const hal_result_t result = begin(command, CIM_OPCODE_PROGRAM, block);
    if (result != HAL_OK) return result;
    command->in = weights.address;
    command->in_stride = weights.stride;
    command->weights = CIM_COMMAND_WEIGHTS_FULL_SCALE_SET(full_scale);
    return HAL_OK;
}

hal_result_t cim_build_mvm(cim_command_t *command, cim_block_t block, uint32_t count,
                           cim_vectors_t in, cim_vectors_t out) {
    if (count == 0) return HAL_BAD_ARG;
    const hal_result_t result = begin(command, CIM_OPCODE_MVM, block);
    if (result != HAL_OK) return result;
    command->op |= CIM_COMMAND_OP_RAW_MASK;
    command->count = count;
    command->in = in.address;
    command->in_stride = in.stride;
    command->out = out.address;
    command->out_stride = out.stride;
    return HAL_OK;
}

static bool conv_is_good(const cim_conv_t *conv) {
    return conv != NULL && fits(conv->height, 16) && fits(conv->width, 16) &&
           fits(conv->channels, 16) && fits(conv->out_height, 16) && fits(conv->out_width, 16) &&
           fits(conv->kernel_height, 8) && fits(conv->kernel_width, 8) && fits(conv->stride_y, 8) &&
           fits(conv->stride_x, 8) && fits(conv->pad_top, 8) && fits(conv->pad_left, 8) &&
           fits(conv->dilation_y, 8) && fits(conv->dilation_x, 8) && fits(conv->patch_first, 16) &&
           conv->height > 0 && conv->width > 0 && conv->channels > 0 && conv->out_height > 0 &&
           conv->out_width > 0 && conv->kernel_height > 0 && conv->kernel_width > 0 &&
           conv->stride_y > 0 && conv->stride_x > 0 && conv->dilation_y > 0 && conv->dilation_x > 0;
}

hal_result_t cim_build_conv(cim_command_t *command, cim_block_t block, const cim_conv_t *conv,
                            uint32_t in, cim_vectors_t out) {
    if (!conv_is_good(conv)) return HAL_BAD_ARG;
    const hal_result_t result = begin(command, CIM_OPCODE_CONV, block);
    if (result != HAL_OK) return result;
    command->op |= CIM_COMMAND_OP_RAW_MASK;
    command->in = in;
    command->out = out.address;
    command->out_stride = out.stride;
    command->map =
        CIM_COMMAND_MAP_HEIGHT_SET(conv->height) | CIM_COMMAND_MAP_WIDTH_SET(conv->width);
    command->kernel = CIM_COMMAND_KERNEL_HEIGHT_SET(conv->kernel_height) |
                      CIM_COMMAND_KERNEL_WIDTH_SET(conv->kernel_width) |
                      CIM_COMMAND_KERNEL_CHANNELS_SET(conv->channels);
    command->step = CIM_COMMAND_STEP_STRIDE_Y_SET(conv->stride_y) |
                    CIM_COMMAND_STEP_STRIDE_X_SET(conv->stride_x) |
                    CIM_COMMAND_STEP_PAD_TOP_SET(conv->pad_top) |
                    CIM_COMMAND_STEP_PAD_LEFT_SET(conv->pad_left);
    command->out_map = CIM_COMMAND_OUT_MAP_HEIGHT_SET(conv->out_height) |
                       CIM_COMMAND_OUT_MAP_WIDTH_SET(conv->out_width);
    command->patch = CIM_COMMAND_PATCH_FIRST_SET(conv->patch_first) |
                     CIM_COMMAND_PATCH_DILATION_Y_SET(conv->dilation_y) |
                     CIM_COMMAND_PATCH_DILATION_X_SET(conv->dilation_x);
    return HAL_OK;
}

hal_result_t cim_build_digital(cim_command_t *command, uint32_t columns, uint32_t count,
                               cim_vectors_t in, cim_vectors_t out) {
    if (count == 0) return HAL_BAD_ARG;
    const cim_block_t block = {0, 1, 0, columns};
    const hal_result_t result = begin(command, CIM_OPCODE_DIGITAL, block);
    if (result != HAL_OK) return result;
    command->op |= CIM_COMMAND_OP_RAW_MASK;
    command->rows = 0;
    command->count = count;
    command->in = in.address;
    command->in_stride = in.stride;
    command->out = out.address;
    command->out_stride = out.stride;
    return HAL_OK;
}

hal_result_t cim_build_readback(cim_command_t *command, cim_block_t block, cim_vectors_t out) {
    const hal_result_t result = begin(command, CIM_OPCODE_READBACK, block);
    if (result != HAL_OK) return result;
    command->out = out.address;
    command->out_stride = out.stride;
    return HAL_OK;
}

hal_result_t cim_use_failed_map(cim_command_t *command, cim_vectors_t map) {
    if (command == NULL || CIM_COMMAND_OP_OPCODE_GET(command->op) != CIM_OPCODE_PROGRAM)
        return HAL_BAD_ARG;
    command->op |= CIM_COMMAND_OP_FAILED_MAP_MASK;
    command->out = map.address;
    command->out_stride = map.stride;
    return HAL_OK;
}

hal_result_t cim_build_verify(cim_command_t *command, cim_block_t block, cim_vectors_t weights,
                              uint32_t tolerance) {
    if (tolerance == 0 || tolerance > 255) return HAL_BAD_ARG;
    const hal_result_t result = begin(command, CIM_OPCODE_VERIFY, block);
    if (result != HAL_OK) return result;
    command->in = weights.address;
    command->in_stride = weights.stride;
    command->weights = CIM_COMMAND_WEIGHTS_TOLERANCE_SET(tolerance);
    return HAL_OK;
}

hal_result_t cim_build_refresh(cim_command_t *command, cim_block_t block) {
    return begin(command, CIM_OPCODE_REFRESH, block);
}

hal_result_t cim_build_recalibrate(cim_command_t *command, uint32_t count, cim_vectors_t in) {
    if (command == NULL) return HAL_BAD_ARG;
    memset(command, 0, sizeof *command);
    command->op = CIM_COMMAND_OP_OPCODE_SET(CIM_OPCODE_RECALIBRATE);
    command->count = count;
    command->in = in.address;
    command->in_stride = in.stride;
    return HAL_OK;
}

static bool has_output_stage(const cim_command_t *command) {
    if (command == NULL) return false;
    const uint32_t opcode = CIM_COMMAND_OP_OPCODE_GET(command->op);
    return opcode == CIM_OPCODE_MVM || opcode == CIM_OPCODE_CONV || opcode == CIM_OPCODE_DIGITAL;
}

hal_result_t cim_use_partial_sums(cim_command_t *command, cim_vectors_t sums) {
    if (!has_output_stage(command)) return HAL_BAD_ARG;
    command->op |= CIM_COMMAND_OP_PSUM_MASK;
    command->psum = sums.address;
    command->psum_stride = sums.stride;
    return HAL_OK;
}

hal_result_t cim_use_affine(cim_command_t *command, uint32_t table, int32_t low, int32_t high) {
    if (!has_output_stage(command)) return HAL_BAD_ARG;
    if (low < -128 || high > 127 || low > high) return HAL_BAD_ARG;
    command->op &= ~(CIM_COMMAND_OP_RAW_MASK | CIM_COMMAND_OP_FP16_MASK);
    command->affine = table;
    command->clamp = CIM_COMMAND_CLAMP_LOW_SET(low) | CIM_COMMAND_CLAMP_HIGH_SET(high);
    return HAL_OK;
}

hal_result_t cim_use_fp16(cim_command_t *command, uint32_t table) {
    if (!has_output_stage(command)) return HAL_BAD_ARG;
    command->op &= ~CIM_COMMAND_OP_RAW_MASK;
    command->op |= CIM_COMMAND_OP_FP16_MASK;
    command->affine = table;
    return HAL_OK;
}
