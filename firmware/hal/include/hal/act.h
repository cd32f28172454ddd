/* SPDX-License-Identifier: Apache-2.0 */
/* Activation engine: commands. Queue and SRAM are in hal/engine.h.
 *
 * All addresses in commands are offsets in the engine's SRAM. Every builder returns HAL_OK, or
 * HAL_BAD_ARG for a null command, a zero size or a value that its field cannot hold; sizes beyond
 * the SRAM are left to the engine. */
#ifndef AIMC_HAL_ACT_H
#define AIMC_HAL_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "aimc/activation/activation_regs.h"
#include "hal/engine.h"
#include "hal/result.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { ACT_INT8 = 0, ACT_UINT8 = 1, ACT_INT32 = 2 } act_type_t;

/** Rescaling: round(x * multiplier / 2^shift), then clamped to low..high (int8). */
typedef struct {
    uint32_t multiplier; /**< 0 .. 2^31 - 1. */
    uint32_t shift;      /**< 0 .. 62. */
    int32_t low, high;   /**< -128 .. 127. */
} act_scale_t;

/** Geometry of pooling; maps are int8, height x width x channels, channels fastest. */
typedef struct {
    uint32_t height, width, channels;
    uint32_t out_height, out_width;
    uint32_t kernel_height, kernel_width;
    uint32_t stride_y, stride_x;
    uint32_t pad_top, pad_left;
} act_pool_t;

/** out = scale(in + bias). */
hal_result_t act_build_affine(act_command_t *command, act_type_t type, uint32_t count, uint32_t in,
                              uint32_t out, int32_t bias, act_scale_t scale);

/** Likewise with bias, multiplier and shift of channel i mod `channels` from a table of
 * cim_affine_t. */
hal_result_t act_build_affine_channels(act_command_t *command, act_type_t type, uint32_t count,
                                       uint32_t in, uint32_t out, uint32_t table, uint32_t channels,
                                       int32_t low, int32_t high);

/** Leaky ReLU: `negative_multiplier` takes the place of scale.multiplier for in + bias < 0. */
hal_result_t act_build_leaky(act_command_t *command, act_type_t type, uint32_t count, uint32_t in,
                             uint32_t out, int32_t bias, act_scale_t scale,
                             uint32_t negative_multiplier);

/** out = table[in + 128] (int8) or table[in] (uint8), 256 int8 entries. */
hal_result_t act_build_lut(act_command_t *command, act_type_t type, uint32_t count, uint32_t in,
                           uint32_t out, uint32_t table);

/** Logistic function of in * multiplier / 2^shift read as Q4.12; out in 1/128. */
hal_result_t act_build_sigmoid(act_command_t *command, act_type_t type, uint32_t count, uint32_t in,
                               uint32_t out, uint32_t multiplier, uint32_t shift);

/** Hyperbolic tangent, likewise. */
hal_result_t act_build_tanh(act_command_t *command, act_type_t type, uint32_t count, uint32_t in,
                            uint32_t out, uint32_t multiplier, uint32_t shift);

/** out = round((in * scale.multiplier + in2 * multiplier2) / 2^scale.shift), clamped. */
hal_result_t act_build_add(act_command_t *command, uint32_t count, uint32_t in, uint32_t in2,
                           uint32_t out, act_scale_t scale, uint32_t multiplier2);

/** Largest element of each window; padding never wins. */
hal_result_t act_build_max_pool(act_command_t *command, const act_pool_t *pool, uint32_t in,
                                uint32_t out);

/** Mean of each window, rescaled; `count_pad` lets padding count as zeros. */
hal_result_t act_build_average_pool(act_command_t *command, const act_pool_t *pool, uint32_t in,
                                    uint32_t out, act_scale_t scale, bool count_pad);

/** Index of the largest of `count` int8 elements, as uint32; the first one wins. */
hal_result_t act_build_arg_max(act_command_t *command, uint32_t count, uint32_t in, uint32_t out);

/** out = min(127, round(128 * e_i / sum e)), e_i = table[max - in_i], 256 uint16 entries. */
hal_result_t act_build_softmax(act_command_t *command, uint32_t count, uint32_t in, uint32_t out,
                               uint32_t table);

/** Elements that the engine handles in a clock cycle. */
uint32_t act_lanes(const engine_t *engine);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_ACT_H */
