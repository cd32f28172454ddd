// SPDX-License-Identifier: Apache-2.0
#include "aimc/activation/engine.h"
#include "aimc/bus/bus.h"
#include "aimc/cim/tile.h"
#include "aimc/clint/clint.h"
#include "aimc/dma/dma.h"
#include "aimc/finisher/finisher.h"
#include "aimc/memory/memory.h"
#include "aimc/noc/bridge.h"
#include "aimc/noc/noc.h"
#include "aimc/plic/plic.h"
#include "aimc/results/results.h"
#include "aimc/riscv/hart_module.h"
#include "aimc/sensor/sensor.h"
#include "aimc/soc/soc.h"
#include "aimc/uart/uart.h"
#include "aimc/virtio/virtio.h"

#include "aimc/activation/activation_map.h"
#include "aimc/cim/cim_map.h"
#include "aimc/clint/clint_map.h"
#include "aimc/common/engine_map.h"
#include "aimc/dma/dma_map.h"
#include "aimc/finisher/finisher_map.h"
#include "aimc/noc/noc_map.h"
#include "aimc/plic/plic_map.h"
#include "aimc/results/results_map.h"
#include "aimc/sensor/sensor_map.h"
#include "aimc/uart/uart_map.h"
#include "aimc/virtio/virtio_map.h"

namespace aimc::soc {

void register_builtin_kinds(Registry& registry) {
  registry.add<activation::Engine>("activation", "Activation engine",
                                   {&regs::kEngine, &regs::kAct});
  registry.add<bus::Bus>("bus", "Crossbar bus");
  registry.add<cim::Tile>("cim", "Compute-in-memory tile", {&regs::kEngine, &regs::kCim});
  registry.add<clint::Clint>("clint", "Core-local interruptor", {&regs::kClint});
  registry.add<dma::Dma>("dma", "DMA engine", {&regs::kDma});
  registry.add<finisher::Finisher>("finisher", "Test finisher", {&regs::kFinisher});
  registry.add<memory::Memory>("memory", "RAM or ROM");
  registry.add<noc::Noc>("noc", "Mesh network", {&regs::kNoc});
  registry.add<noc::Bridge>("noc_bridge", "Bridge between bus and network");
  registry.add<plic::Plic>("plic", "Platform-level interrupt controller", {&regs::kPlic});
  registry.add<results::Results>("results", "Streaming output", {&regs::kResults});
  registry.add<riscv::HartModule>("riscv", "RISC-V hart");
  registry.add<sensor::Sensor>("sensor", "Streaming input", {&regs::kSensor});
  registry.add<uart::Uart>("uart", "16550 serial port", {&regs::kUart});
  registry.add<virtio::Virtio>("virtio", "Virtio transports without devices", {&regs::kVirtio});
}

void join_builtin_blocks(const Soc& soc) {
  const auto harts = soc.blocks<riscv::HartModule>();
  if (auto* const clint = soc.find_block<clint::Clint>())
    for (riscv::HartModule* const hart : harts)
      hart->set_time_source([clint](std::uint64_t time_ps) { return clint->mtime(time_ps); });
  if (harts.size() > 1) {
    const auto group = std::make_shared<riscv::HartGroup>();
    for (riscv::HartModule* const hart : harts) hart->join(group);
  }
  if (auto* const bus = soc.find_block<bus::Bus>())
    bus->add_write_listener(
        [harts](const tlm::tlm_generic_payload& txn, std::uint64_t address, std::uint64_t length) {
          for (riscv::HartModule* const hart : harts)
            if (!hart->is_own(txn)) hart->memory_written(address, length);
        });
}

}  // namespace aimc::soc
