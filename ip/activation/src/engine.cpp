// SPDX-License-Identifier: Apache-2.0
#include "aimc/activation/engine.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "aimc/activation/activation_map.h"
#include "aimc/common/engine_regs.h"

namespace aimc::activation {

Engine::Engine(const sc_core::sc_module_name& name, const Config& config, Services& services)
    : CommandEngine(name, services, config.engine, "ACTE", regs::kAct),
      config_(config),
      digital_(energy().cause("digital")) {
  regs().on_read(ACT_LANES_OFFSET,
                 [this](std::uint32_t) { return ACT_LANES_COUNT_SET(config_.lanes); });
  constexpr std::array<const char*, ACT_OPCODE_SOFTMAX + 1> kNames{
      "unknown", "affine",   "leaky",        "lut",     "sigmoid", "tanh",
      "add",     "max_pool", "average_pool", "arg_max", "softmax"};
  std::transform(kNames.begin(), kNames.end(), names_.begin(),
                 [&services](const char* text) { return services.trace.intern(text); });
}

void Engine::report(nlohmann::ordered_json& stats) const {
  CommandEngine::report(stats);
  stats["operations"] = operations_;
  stats["elements"] = elements_;
}

CommandEngine::Outcome Engine::execute(std::uint32_t descriptor) {
  if (!in_sram(descriptor, ACT_COMMAND_BYTES)) return {ENGINE_ERROR_BAD_DESCRIPTOR, descriptor};
  act_command_t command;
  static_assert(sizeof(command) == ACT_COMMAND_BYTES);
  std::memcpy(&command, &sram()[descriptor], sizeof(command));
  const Fault fault = check(command, sram());
  if (fault.error != ENGINE_ERROR_NONE) return {fault.error, fault.address};

  const Work done = work(command, config_);
  const std::span<const std::uint8_t> result = datapath_.run(command, sram());
  elapse(cycles(done.cycles));
  std::copy(result.begin(), result.end(), sram().begin() + command.out);

  operations_ += done.operations;
  elements_ += done.elements;
  energy().add(digital_, config_.element_energy_j * static_cast<double>(done.operations));
  regs().set(ACT_OPERATIONS_OFFSET,
             regs().get(ACT_OPERATIONS_OFFSET) + static_cast<std::uint32_t>(done.operations));
  return {};
}

std::uint16_t Engine::command_name(std::uint32_t opcode) {
  return names_[opcode < names_.size() ? opcode : 0];
}

}  // namespace aimc::activation
