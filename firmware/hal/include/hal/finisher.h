/* SPDX-License-Identifier: Apache-2.0 */
/* Ends the program, on the virtual platform and on QEMU. */
#ifndef AIMC_HAL_FINISHER_H
#define AIMC_HAL_FINISHER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uintptr_t base;
} finisher_t;

/** Ends with `code`; the host's exit code is its low 8 bits. Time may pass before it takes effect:
 * loop after the call. */
void finisher_exit(const finisher_t *finisher, uint32_t code);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_FINISHER_H */
