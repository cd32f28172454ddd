/* SPDX-License-Identifier: Apache-2.0 */
/* What every driver call can answer. */
#ifndef AIMC_HAL_RESULT_H
#define AIMC_HAL_RESULT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    HAL_OK = 0,
    HAL_BUSY,         /**< The device is at work or its queue full; try again later. */
    HAL_BAD_ARG,      /**< An argument is null or out of range; the device was not touched. */
    HAL_BUS_FAULT,    /**< A transfer got a bus error. */
    HAL_TIMEOUT,      /**< The device did not get ready in the given number of polls. */
    HAL_DEVICE_ERROR, /**< The device reports an error of its own. */
    HAL_NOT_FOUND,    /**< No such device there, or one of another kind. */
    HAL_ABORTED,      /**< The work was stopped on request. */
} hal_result_t;

/** Text for messages, e.g. "bus fault". Never null. */
const char *hal_result_text(hal_result_t result);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_RESULT_H */
