/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/cpu.h"

void cpu_wait_until(cpu_condition_t done, void *context) {
    const bool enabled = cpu_irq_disable();
    while (!done(context)) {
        cpu_wfi();
        cpu_irq_enable();
        (void)cpu_irq_disable();
    }
    cpu_irq_restore(enabled);
}
