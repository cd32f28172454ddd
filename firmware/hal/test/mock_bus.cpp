// SPDX-License-Identifier: Apache-2.0
#include "mock_bus.h"

#include "hal/cpu.h"
#include "hal/mmio.h"

namespace aimc::firmware {
Bus* g_bus = nullptr;
Hart* g_hart = nullptr;
}  // namespace aimc::firmware

using aimc::firmware::g_bus;
using aimc::firmware::g_hart;

extern "C" {
std::uint8_t mmio_read8(std::uintptr_t address) { return g_bus->read8(address); }
std::uint32_t mmio_read32(std::uintptr_t address) { return g_bus->read(address); }
void mmio_write8(std::uintptr_t address, std::uint8_t value) { g_bus->write8(address, value); }
void mmio_write32(std::uintptr_t address, std::uint32_t value) { g_bus->write(address, value); }
bool cpu_irq_disable(void) { return g_hart->irq_disable(); }
void cpu_irq_enable(void) { g_hart->irq_enable(); }
void cpu_wfi(void) { g_hart->wfi(); }
std::uint32_t cpu_irq_pending(void) { return g_hart->irq_pending(); }
}
