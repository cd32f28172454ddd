/* SPDX-License-Identifier: Apache-2.0 */
/* Machine timer and software interrupts. */
#ifndef AIMC_HAL_CLINT_H
#define AIMC_HAL_CLINT_H

#include <stdint.h>

#include "hal/result.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uintptr_t base;
} clint_t;

/** The machine timer [ticks of SOC_MTIME_HZ]; correct also while the low half wraps. */
uint64_t clint_time(const clint_t *clint);

/**
 * Requests the timer interrupt of `hart` at `when` and withdraws a pending one if `when` lies
 * ahead. The halves are written in the order that never lets a time in between fire.
 *
 * @return HAL_OK, or HAL_BAD_ARG if there is no such hart.
 */
hal_result_t clint_set_timer(const clint_t *clint, uint32_t hart, uint64_t when);

/** Turns the timer interrupt of `hart` off. */
hal_result_t clint_stop_timer(const clint_t *clint, uint32_t hart);

/** Raises the software interrupt of `hart`. */
hal_result_t clint_raise_software_irq(const clint_t *clint, uint32_t hart);

/** Clears the software interrupt of `hart`; its handler must do so. */
hal_result_t clint_clear_software_irq(const clint_t *clint, uint32_t hart);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_CLINT_H */
