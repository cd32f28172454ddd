// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "aimc/activation/command.h"
#include "aimc/common/command_engine.h"

namespace aimc::activation {

/// Activation engine (kind "activation"): a network endpoint that does in digital logic what the
/// arrays cannot. Sockets, queue, errors and interrupt are those of `CommandEngine`; commands are
/// described in activation.regs.yaml, their arithmetic in operations.h, piecewise.h and pooling.h.
class Engine : public CommandEngine {
 public:
  using Config = activation::Config;

  Engine(const sc_core::sc_module_name& name, const Config& config, Services& services);

  void report(nlohmann::ordered_json& stats) const override;
  double static_power_w() const override { return config_.static_power_w; }

 protected:
  Outcome execute(std::uint32_t descriptor) override;
  std::uint16_t command_name(std::uint32_t opcode) override;

 private:
  Config config_;
  Datapath datapath_;
  EnergyLedger::Cause digital_;
  std::array<std::uint16_t, ACT_OPCODE_SOFTMAX + 1> names_{};  // by opcode, 0 for unknown ones
  std::uint64_t operations_ = 0;
  std::uint64_t elements_ = 0;
};

}  // namespace aimc::activation
