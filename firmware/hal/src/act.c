/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/act.h"

#include <stddef.h>
#include <string.h>

#include "hal/mmio.h"

#define MULTIPLIER_MAX 0x7fffffffu
#define SHIFT_MAX 62u

static hal_result_t begin(act_command_t *command, uint32_t opcode, act_type_t type, uint32_t in,
                          uint32_t out) {
    if (command == NULL || (uint32_t)type > ACT_INT32) return HAL_BAD_ARG;
    memset(command, 0, sizeof *command);
    command->op = ACT_COMMAND_OP_OPCODE_SET(opcode) | ACT_COMMAND_OP_IN_TYPE_SET(type);
    command->in = in;
    command->out = out;
    return HAL_OK;
}

static hal_result_t begin_vector(act_command_t *command, uint32_t opcode, act_type_t type,
                                 uint32_t count, uint32_t in, uint32_t out) {
    if (count == 0) return HAL_BAD_ARG;
    const hal_result_t result = begin(command, opcode, type, in, out);
    if (result == HAL_OK) command->count = count;
    return result;
}

static hal_result_t set_factor(act_command_t *command, uint32_t multiplier, uint32_t shift) {
    if (multiplier > MULTIPLIER_MAX || shift > SHIFT_MAX) return HAL_BAD_ARG;
    command->multiplier = multiplier;
    command->shift = shift;
    return HAL_OK;
}

static hal_result_t set_clamp(act_command_t *command, int32_t low, int32_t high) {
    if (low < -128 || high > 127 || low > high) return HAL_BAD_ARG;
    command->clamp = ACT_COMMAND_CLAMP_LOW_SET(low) | ACT_COMMAND_CLAMP_HIGH_SET(high);
    return HAL_OK;
}

static hal_result_t set_scale(act_command_t *command, act_scale_t scale) {
    const hal_result_t result = set_factor(command, scale.multiplier, scale.shift);
    return result == HAL_OK ? set_clamp(command, scale.low, scale.high) : result;
}

hal_result_t act_build_affine(act_command_t *command, act_type_t type, uint32_t count, uint32_t in,
                              uint32_t out, int32_t bias, act_scale_t scale) {
    const hal_result_t result = begin_vector(command, ACT_OPCODE_AFFINE, type, count, in, out);
    if (result != HAL_OK) return result;
    command->bias = (uint32_t)bias;
    return set_scale(command, scale);
}

hal_result_t act_build_affine_channels(act_command_t *command, act_type_t type, uint32_t count,
                                       uint32_t in, uint32_t out, uint32_t table, uint32_t channels,
                                       int32_t low, int32_t high) {
    if (channels == 0) return HAL_BAD_ARG;
    const hal_result_t result = begin_vector(command, ACT_OPCODE_AFFINE, type, count, in, out);
    if (result != HAL_OK) return result;
    command->op |= ACT_COMMAND_OP_PER_CHANNEL_MASK;
    command->table = table;
    command->channels = channels;
    return set_clamp(command, low, high);
}

hal_result_t act_build_leaky(act_command_t *command, act_type_t type, uint32_t count, uint32_t in,
                             uint32_t out, int32_t bias, act_scale_t scale,
                             uint32_t negative_multiplier) {
    if (negative_multiplier > MULTIPLIER_MAX) return HAL_BAD_ARG;
    const hal_result_t result = begin_vector(command, ACT_OPCODE_LEAKY, type, count, in, out);
    if (result != HAL_OK) return result;
    command->bias = (uint32_t)bias;
    command->multiplier2 = negative_multiplier;
    return set_scale(command, scale);
}

hal_result_t act_build_lut(act_command_t *command, act_type_t type, uint32_t count, uint32_t in,
                           uint32_t out, uint32_t table) {
    if (type == ACT_INT32) return HAL_BAD_ARG;
    const hal_result_t result = begin_vector(command, ACT_OPCODE_LUT, type, count, in, out);
    if (result == HAL_OK) command->table = table;
    return result;
}

hal_result_t act_build_sigmoid(act_command_t *command, act_type_t type, uint32_t count, uint32_t in,
                               uint32_t out, uint32_t multiplier, uint32_t shift) {
    const hal_result_t result = begin_vector(command, ACT_OPCODE_SIGMOID, type, count, in, out);
    return result == HAL_OK ? set_factor(command, multiplier, shift) : result;
}

hal_result_t act_build_tanh(act_command_t *command, act_type_t type, uint32_t count, uint32_t in,
                            uint32_t out, uint32_t multiplier, uint32_t shift) {
    const hal_result_t result = begin_vector(command, ACT_OPCODE_TANH, type, count, in, out);
    return result == HAL_OK ? set_factor(command, multiplier, shift) : result;
}

hal_result_t act_build_add(act_command_t *command, uint32_t count, uint32_t in, uint32_t in2,
                           uint32_t out, act_scale_t scale, uint32_t multiplier2) {
    if (multiplier2 > MULTIPLIER_MAX) return HAL_BAD_ARG;
    const hal_result_t result = begin_vector(command, ACT_OPCODE_ADD, ACT_INT8, count, in, out);
    if (result != HAL_OK) return result;
    command->in2 = in2;
    command->multiplier2 = multiplier2;
    return set_scale(command, scale);
}

static bool pool_is_good(const act_pool_t *pool) {
    return pool != NULL && pool->height - 1u < 0xffffu && pool->width - 1u < 0xffffu &&
           pool->channels > 0 && pool->out_height - 1u < 0xffffu &&
           pool->out_width - 1u < 0xffffu && pool->kernel_height - 1u < 0xffffu &&
           pool->kernel_width - 1u < 0xffffu && pool->stride_y - 1u < 0xffu &&
           pool->stride_x - 1u < 0xffu && pool->pad_top <= 0xffu && pool->pad_left <= 0xffu;
}

static hal_result_t begin_pool(act_command_t *command, uint32_t opcode, const act_pool_t *pool,
                               uint32_t in, uint32_t out) {
    if (!pool_is_good(pool)) return HAL_BAD_ARG;
    const hal_result_t result = begin(command, opcode, ACT_INT8, in, out);
    if (result != HAL_OK) return result;
    command->channels = pool->channels;
    command->map =
        ACT_COMMAND_MAP_HEIGHT_SET(pool->height) | ACT_COMMAND_MAP_WIDTH_SET(pool->width);
    command->kernel = ACT_COMMAND_KERNEL_HEIGHT_SET(pool->kernel_height) |
                      ACT_COMMAND_KERNEL_WIDTH_SET(pool->kernel_width);
    command->step = ACT_COMMAND_STEP_STRIDE_Y_SET(pool->stride_y) |
                    ACT_COMMAND_STEP_STRIDE_X_SET(pool->stride_x) |
                    ACT_COMMAND_STEP_PAD_TOP_SET(pool->pad_top) |
                    ACT_COMMAND_STEP_PAD_LEFT_SET(pool->pad_left);
    command->out_map = ACT_COMMAND_OUT_MAP_HEIGHT_SET(pool->out_height) |
                       ACT_COMMAND_OUT_MAP_WIDTH_SET(pool->out_width);
    return HAL_OK;
}

hal_result_t act_build_max_pool(act_command_t *command, const act_pool_t *pool, uint32_t in,
                                uint32_t out) {
    return begin_pool(command, ACT_OPCODE_MAX_POOL, pool, in, out);
}

hal_result_t act_build_average_pool(act_command_t *command, const act_pool_t *pool, uint32_t in,
                                    uint32_t out, act_scale_t scale, bool count_pad) {
    const hal_result_t result = begin_pool(command, ACT_OPCODE_AVERAGE_POOL, pool, in, out);
    if (result != HAL_OK) return result;
    command->op |= ACT_COMMAND_OP_COUNT_PAD_SET(count_pad);
    return set_scale(command, scale);
}

hal_result_t act_build_arg_max(act_command_t *command, uint32_t count, uint32_t in, uint32_t out) {
    return begin_vector(command, ACT_OPCODE_ARG_MAX, ACT_INT8, count, in, out);
}

hal_result_t act_build_softmax(act_command_t *command, uint32_t count, uint32_t in, uint32_t out,
                               uint32_t table) {
    const hal_result_t result = begin_vector(command, ACT_OPCODE_SOFTMAX, ACT_INT8, count, in, out);
    if (result == HAL_OK) command->table = table;
    return result;
}

uint32_t act_lanes(const engine_t *engine) {
    return ACT_LANES_COUNT_GET(mmio_read32(engine->base + ACT_LANES_OFFSET));
}
