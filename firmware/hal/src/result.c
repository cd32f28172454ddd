/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/result.h"

const char *hal_result_text(hal_result_t result) {
    switch (result) {
        case HAL_OK: return "ok";
        case HAL_BUSY: return "busy";
        case HAL_BAD_ARG: return "bad argument";
        case HAL_BUS_FAULT: return "bus fault";
        case HAL_TIMEOUT: return "timeout";
        case HAL_DEVICE_ERROR: return "device error";
        case HAL_NOT_FOUND: return "not found";
        case HAL_ABORTED: return "aborted";
    }
    return "unknown result";
}
