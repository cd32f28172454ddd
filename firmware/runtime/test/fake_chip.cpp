// SPDX-License-Identifier: Apache-2.0
#include "fake_chip.h"

#include "aimc/common/engine_regs.h"
#include "aimc/dma/dma_regs.h"
#include "aimc/noc/noc_regs.h"
#include "aimc/plic/plic_regs.h"
#include "aimc/results/results_regs.h"
#include "aimc/sensor/sensor_regs.h"
#include "boot/trap.h"
#include "hal/cpu.h"
#include "hal/mmio.h"
#include "soc/soc_map.h"

namespace aimc::firmware {

FakeChip* g_chip = nullptr;

namespace {
constexpr std::size_t kImageBytes = 64 * 1024;
[[noreturn]] void bus_error(std::uint32_t address) {
  throw std::runtime_error("bus error at " + std::to_string(address));
}
}  // namespace

FakeChip::FakeChip(unsigned seed) : random_(seed), image_(kImageBytes / 8) { g_chip = this; }

FakeChip::~FakeChip() { g_chip = nullptr; }

std::uint32_t FakeChip::read(std::uint32_t address) {
  ++accesses;
  if (address >= kWindow && address < kWindow + 16 * ENGINE_WINDOW_BYTES) {
    const auto engine = engines.find((address - kWindow) / ENGINE_WINDOW_BYTES);
    if (engine == engines.end()) bus_error(address);
    return read_engine(engine->second, address % ENGINE_WINDOW_BYTES);
  }
  if (address >= SOC_DMA0_BASE && address < SOC_DMA0_BASE + DMA_SIZE) {
    return read_dma(address - SOC_DMA0_BASE);
  }
  switch (address) {
    case SOC_NOC_BASE + NOC_GEOMETRY_OFFSET: return 0x00040004;
    case SOC_NOC_BASE + NOC_ENDPOINTS_OFFSET: return 16;
    case SOC_NOC_BASE + NOC_PRESENT_OFFSET: return engines.count(selected_) > 0 ? 1 : 0;
    case SOC_SENSOR0_BASE + SENSOR_IRQ_STATUS_OFFSET: return sensor_irq_;
    case SOC_SENSOR0_BASE + SENSOR_FRAME_OFFSET: return sensor_next_ - 1;
    case SOC_SENSOR0_BASE + SENSOR_RECORDS_OFFSET: return records;
    case SOC_SENSOR0_BASE + SENSOR_RECORD_BYTES_OFFSET: return record_bytes;
    case SOC_PLIC0_BASE + PLIC_CLAIM_OFFSET(0): {
      const std::uint32_t source = best_source();
      if (source != 0) in_service_.insert(source);
      return source;
    }
  }
  if (address >= SOC_PLIC0_BASE && address < SOC_PLIC0_BASE + PLIC_SIZE) return 0;
  bus_error(address);
}

void FakeChip::write(std::uint32_t address, std::uint32_t value) {
  ++accesses;
  if (address >= kWindow && address < kWindow + 16 * ENGINE_WINDOW_BYTES) {
    const auto engine = engines.find((address - kWindow) / ENGINE_WINDOW_BYTES);
    if (engine == engines.end()) bus_error(address);
    write_engine(engine->second, address % ENGINE_WINDOW_BYTES, value);
  } else if (address >= SOC_DMA0_BASE && address < SOC_DMA0_BASE + DMA_SIZE) {
    write_dma(address - SOC_DMA0_BASE, value);
  } else if (address >= SOC_SENSOR0_BASE && address < SOC_SENSOR0_BASE + SENSOR_SIZE) {
    write_sensor(address - SOC_SENSOR0_BASE, value);
  } else if (address == SOC_NOC_BASE + NOC_SELECT_OFFSET) {
    selected_ = value;
  } else if (address == SOC_RESULTS0_BASE + RESULTS_FRAME_OFFSET) {
    result_frame_ = value;
  } else if (address == SOC_RESULTS0_BASE + RESULTS_BYTES_OFFSET) {
    result_bytes_ = value;
  } else if (address == SOC_RESULTS0_BASE + RESULTS_COMMIT_OFFSET) {
    committed.emplace_back(result_frame_, result_bytes_);
  } else if (address == SOC_PLIC0_BASE + PLIC_CLAIM_OFFSET(0)) {
    in_service_.erase(value);
  } else if (address >= SOC_PLIC0_BASE + PLIC_ENABLE_OFFSET(0) &&
             address < SOC_PLIC0_BASE + PLIC_ENABLE_OFFSET(32)) {
    // Reads answer 0, so each write sets the bit of one source.
    const std::uint32_t word = (address - SOC_PLIC0_BASE - PLIC_ENABLE_OFFSET(0)) / 4;
    for (unsigned bit = 0; bit < 32; ++bit)
      if ((value >> bit & 1) != 0) enabled_.insert(word * 32 + bit);
  } else if (address < SOC_PLIC0_BASE || address >= SOC_PLIC0_BASE + PLIC_SIZE) {
    bus_error(address);
  }
}

std::uint32_t FakeChip::read_engine(Engine& engine, std::uint32_t offset) {
  switch (offset) {
    case ENGINE_ID_OFFSET: return engine.id;
    case ENGINE_SRAM_BYTES_OFFSET: return 0x10000;
    case ENGINE_QUEUE_DEPTH_OFFSET: return engine.depth;
    case ENGINE_STATUS_OFFSET: return ENGINE_STATUS_HALTED_SET(engine.halted);
    case ENGINE_DONE_COUNT_OFFSET: return engine.done_count;
    case ENGINE_ERROR_CODE_OFFSET: return ENGINE_ERROR_NOT_PROGRAMMED;
    case ENGINE_ERROR_COMMAND_OFFSET: return engine.queue.front();
    case ENGINE_ERROR_ADDRESS_OFFSET: return 0x44;
    default: bus_error(offset);
  }
}

void FakeChip::write_engine(Engine& engine, std::uint32_t offset, std::uint32_t value) {
  switch (offset) {
    case ENGINE_CTRL_OFFSET: engine.queue.clear(); break;
    case ENGINE_IRQ_ENABLE_OFFSET: engine.irq_enable = value; break;
    case ENGINE_IRQ_STATUS_OFFSET: engine.irq_status &= ~value; break;
    case ENGINE_QUEUE_PUSH_OFFSET:
      if (engine.queue.size() >= engine.depth) bus_error(offset);
      engine.queue.push_back(value);
      break;
    default: bus_error(offset);
  }
}

std::uint32_t FakeChip::read_dma(std::uint32_t offset) {
  if (offset == DMA_CHANNELS_OFFSET) return 2;
  if (offset == DMA_IRQ_PENDING_OFFSET) {
    std::uint32_t pending = 0;
    for (unsigned n = 0; n < 2; ++n) {
      const std::uint32_t events = channels_[n].status >> 1;  // DONE, ERROR under their enables
      if ((events & channels_[n].ctrl >> 2 & 3) != 0) pending |= 1u << n;
    }
    return pending;
  }
  for (unsigned n = 0; n < 2; ++n) {
    if (offset == DMA_CH_STATUS_OFFSET(n)) return channels_[n].status;
    if (offset == DMA_CH_FAULT_CODE_OFFSET(n)) return DMA_ERROR_WRITE;
    if (offset == DMA_CH_FAULT_ADDRESS_OFFSET(n)) return 0x70000000;
    if (offset == DMA_CH_CURRENT_OFFSET(n)) return channels_[n].descriptor;
  }
  bus_error(offset);
}

void FakeChip::write_dma(std::uint32_t offset, std::uint32_t value) {
  for (unsigned n = 0; n < 2; ++n) {
    Channel& channel = channels_[n];
    if (offset == DMA_CH_STATUS_OFFSET(n)) channel.status &= ~(value & 0xe);
    if (offset == DMA_CH_DESCRIPTOR_OFFSET(n)) channel.descriptor = value;
    if (offset == DMA_CH_CTRL_OFFSET(n)) {
      channel.ctrl = value & 0xc;
      if ((value & DMA_CH_CTRL_START_MASK) != 0) {
        if ((channel.status & DMA_CH_STATUS_BUSY_MASK) != 0) bus_error(offset);
        channel.status |= DMA_CH_STATUS_BUSY_MASK;
      }
    }
  }
}

void FakeChip::write_sensor(std::uint32_t offset, std::uint32_t value) {
  if (offset == SENSOR_CTRL_OFFSET) {
    sensor_ctrl_ = value & SENSOR_CTRL_ENABLE_MASK;
    if ((value & SENSOR_CTRL_NEXT_MASK) != 0) sensor_ready_ = false;
  } else if (offset == SENSOR_IRQ_ENABLE_OFFSET) {
    sensor_enable_ = value;
  } else if (offset == SENSOR_IRQ_STATUS_OFFSET) {
    sensor_irq_ &= ~value;
  } else {
    bus_error(offset);
  }
}

bool FakeChip::level(std::uint32_t source) const {
  if (source == SOC_DMA0_IRQ)
    return const_cast<FakeChip*>(this)->read_dma(DMA_IRQ_PENDING_OFFSET) != 0;
  if (source == SOC_SENSOR0_IRQ) return (sensor_irq_ & sensor_enable_) != 0;
  const auto engine = engines.find(source - SOC_NOC_IRQ_BASE);
  return engine != engines.end() && (engine->second.irq_status & engine->second.irq_enable) != 0;
}

std::uint32_t FakeChip::best_source() const {
  for (const std::uint32_t source : enabled_)
    if (in_service_.count(source) == 0 && level(source)) return source;
  return 0;
}

bool FakeChip::irq_pending() const { return best_source() != 0; }

bool FakeChip::irq_disable() { return std::exchange(irqs_on_, false); }

void FakeChip::irq_enable() {
  while (irq_pending() && handler != nullptr) handler(handler_context);
  irqs_on_ = true;
}

bool FakeChip::end_something() {
  const unsigned choice = random_() % 4;
  if (choice < 2) {
    Channel& channel = channels_[choice];
    if ((channel.status & DMA_CH_STATUS_BUSY_MASK) == 0) return false;
    const bool fails = failing_descriptors.count(channel.descriptor) > 0;
    channel.status &= ~DMA_CH_STATUS_BUSY_MASK;
    channel.status |= fails ? DMA_CH_STATUS_ERROR_MASK : DMA_CH_STATUS_DONE_MASK;
    return true;
  }
  if (choice == 2) {
    if (sensor_ctrl_ == 0 || sensor_ready_ || sensor_end_) return false;
    sensor_end_ = sensor_next_ == records;
    sensor_ready_ = !sensor_end_;
    if (sensor_ready_) ++sensor_next_;
    sensor_irq_ |= sensor_end_ ? SENSOR_IRQ_STATUS_END_MASK : SENSOR_IRQ_STATUS_FRAME_MASK;
    return true;
  }
  auto at = engines.begin();
  std::advance(at, static_cast<long>(random_() % engines.size()));
  Engine& engine = at->second;
  if (engine.queue.empty() || engine.halted) return false;
  if (failing_commands.count(engine.queue.front()) > 0) {
    engine.halted = true;
    engine.irq_status |= ENGINE_IRQ_STATUS_ERROR_MASK;
  } else {
    engine.queue.pop_front();
    ++engine.done_count;
    engine.irq_status |= ENGINE_IRQ_STATUS_DONE_MASK;
  }
  return true;
}

void FakeChip::wfi() {
  for (int attempt = 0; !irq_pending(); ++attempt) {
    if (attempt == 1000) throw SleepsForever();
    end_something();
  }
  // Sometimes more than one thing has happened by the time the hart is awake.
  while (random_() % 3 == 0) end_something();
  cycles += 100;
}

}  // namespace aimc::firmware

using aimc::firmware::g_chip;

extern "C" {
std::uint32_t mmio_read32(std::uintptr_t address) {
  return g_chip->read(static_cast<std::uint32_t>(address));
}
void mmio_write32(std::uintptr_t address, std::uint32_t value) {
  g_chip->write(static_cast<std::uint32_t>(address), value);
}
const void* mmio_memory(std::uint32_t address) {
  if (address != SOC_NETWORK_BASE) throw std::runtime_error("no memory there");
  return g_chip->image();
}
std::uint8_t mmio_read8(std::uintptr_t) { throw std::runtime_error("no byte access here"); }
void mmio_write8(std::uintptr_t, std::uint8_t) { throw std::runtime_error("no byte access here"); }
bool cpu_irq_disable(void) { return g_chip->irq_disable(); }
void cpu_irq_enable(void) { g_chip->irq_enable(); }
void cpu_wfi(void) { g_chip->wfi(); }
std::uint32_t cpu_irq_pending(void) { return g_chip->irq_pending() ? 1u << TRAP_IRQ_EXTERNAL : 0; }
std::uint64_t cpu_cycles(void) { return g_chip->cycles; }
void cpu_enable_irq_sources(std::uint32_t) {}
void trap_set_irq_handler(std::uint32_t number, trap_irq_handler_t handler, void* context) {
  if (number != TRAP_IRQ_EXTERNAL) return;
  g_chip->handler = handler;
  g_chip->handler_context = context;
}
}
