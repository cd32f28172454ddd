// SPDX-License-Identifier: Apache-2.0
#include "chip.h"

#include <algorithm>

#include "aimc/cim/array_kinds.h"
#include "aimc/common/engine_regs.h"
#include "aimc/common/error.h"
#include "aimc/sensor/sensor_regs.h"

namespace aimc::compiler {

namespace {

const platform::Instance& only(const platform::Description& description, const char* ip) {
  const auto found = description.of_kind(ip);
  if (found.empty())
    user_error(Location{description.file}, "platform '{}' has no instance of '{}'",
               description.name, ip);
  return *found[0];
}

Engine read_engine(const platform::Description& description, const platform::Instance& instance) {
  Engine engine;
  engine.name = instance.name;
  engine.tile = instance.ip == "cim";
  if (!instance.node || !instance.endpoint)
    user_error(instance.where, "'{}' is not on the network", instance.name);
  const platform::NetworkFrame& frame = description.network;
  engine.base = static_cast<std::uint32_t>(
      instance.base.value_or(frame.window_base + *instance.endpoint * frame.window_bytes));
  engine.irq = instance.irq.value_or(frame.irq_base + *instance.endpoint);
  engine.node = *instance.node;
  ParamTable params;
  if (engine.tile)
    describe(params, engine.cim);
  else
    describe(params, engine.activation);
  if (!instance.params.is_null()) params.read(instance.params, instance.name);
  if (engine.tile) engine.cim = cim::effective(engine.cim);
  const EngineConfig& common = engine.tile ? engine.cim.engine : engine.activation.engine;
  engine.sram_bytes = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(common.sram_bytes, ENGINE_WINDOW_BYTES - ENGINE_SRAM_OFFSET));
  return engine;
}

unsigned distance(unsigned a, unsigned b) { return a > b ? a - b : b - a; }

}  // namespace

bool writable(const Engine& tile) { return cim::find_array_kind(tile.cim.kind).writable; }

Chip read_chip(const platform::Description& description) {
  Chip chip;
  chip.name = description.name;
  only(description, "cim");
  only(description, "activation");
  for (const char* const ip : {"cim", "activation"}) {
    for (const platform::Instance* const instance : description.of_kind(ip)) {
      auto& list = ip == std::string("cim") ? chip.tiles : chip.activations;
      list.push_back(chip.engines.size());
      chip.engines.push_back(read_engine(description, *instance));
    }
  }
  const platform::Instance& bridge = only(description, "noc_bridge");
  const platform::Node origin = bridge.node.value_or(platform::Node{});
  for (Engine& engine : chip.engines)
    engine.hops = distance(engine.node.x, origin.x) + distance(engine.node.y, origin.y);
  const platform::Instance& sensor = only(description, "sensor");
  const platform::Instance& results = only(description, "results");
  for (const platform::Instance* const instance : {&sensor, &results})
    if (!instance->base) user_error(instance->where, "'{}' has no base address", instance->name);
  chip.sensor_window = static_cast<std::uint32_t>(*sensor.base) + SENSOR_WINDOW_OFFSET;
  chip.sensor_window_bytes = SENSOR_WINDOW_BYTES;
  chip.results_base = static_cast<std::uint32_t>(*results.base);
  chip.image_base = static_cast<std::uint32_t>(description.network_image_base);
  const std::uint64_t ram_end = description.ram_base + description.ram_bytes;
  if (description.network_image_base < description.ram_base ||
      description.network_image_base >= ram_end)
    user_error(Location{description.file}, "network_image {:#x} is not in RAM",
               description.network_image_base);
  chip.image_limit = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(ram_end - description.network_image_base, UINT32_MAX));
  return chip;
}

}  // namespace aimc::compiler
