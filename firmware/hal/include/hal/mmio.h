/* SPDX-License-Identifier: Apache-2.0 */
/* Register access. On the target these are plain volatile accesses; in host tests (AIMC_HOST_TEST)
 * the test provides the functions and sees every access. */
#ifndef AIMC_HAL_MMIO_H
#define AIMC_HAL_MMIO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef AIMC_HOST_TEST

uint8_t mmio_read8(uintptr_t address);
uint32_t mmio_read32(uintptr_t address);
void mmio_write8(uintptr_t address, uint8_t value);
void mmio_write32(uintptr_t address, uint32_t value);
static inline void mmio_fence(void) {}
const void *mmio_memory(uint32_t bus_address);

#else

static inline uint8_t mmio_read8(uintptr_t address) { return *(volatile uint8_t *)address; }
static inline uint32_t mmio_read32(uintptr_t address) { return *(volatile uint32_t *)address; }
static inline void mmio_write8(uintptr_t address, uint8_t value) {
    *(volatile uint8_t *)address = value;
}
static inline void mmio_write32(uintptr_t address, uint32_t value) {
    *(volatile uint32_t *)address = value;
}

/** Memory at a bus address, as seen by the CPU. */
static inline const void *mmio_memory(uint32_t bus_address) {
    return (const void *)(uintptr_t)bus_address;
}

/** Orders memory against devices: before a device reads what was written, after it wrote. */
static inline void mmio_fence(void) { __asm__ volatile("fence" ::: "memory"); }

#endif

/** The address of a buffer as the bus sees it: there is no address translation. */
static inline uint32_t mmio_bus_address(const volatile void *pointer) {
    return (uint32_t)(uintptr_t)pointer;
}

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_MMIO_H */
