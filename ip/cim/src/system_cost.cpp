// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/system_cost.h"

namespace aimc::cim {

SystemCost cascade_cost(const TileConfig& config, const Cascade& cascade) {
  const unsigned latency = config.timing.digital_latency * cascade.depth + cascade.extra_cycles;
  SystemCost cost;
  cost.seconds = array_seconds(config) + digital_seconds(config, cascade.columns) +
                 latency / config.engine.clock_hz;
  const OperationEnergy product = product_energy(config, config.rows, config.columns, 1);
  const double tile = product.array + product.dac + product.adc +
                      digital_energy(config, cascade.columns, 1).digital +
                      config.energy.static_power * cost.seconds;
  cost.joules = cascade.tiles * tile;
  return cost;
}

double streamed_ops(const TileConfig& config) {
  return 2.0 * config.rows * config.columns /
         mvm_period_seconds(config, config.rows, config.columns);
}

BitSerialCost bit_serial_cost(unsigned weight_bits, double volts) {
  constexpr double kLinear = 54.5e-15, kSquare = 12.0e-15;   // joules at 0.8 V
  constexpr double kStep = 123.7e-9, kStepPerBit = 6.33e-9;  // seconds
  constexpr double kPerVolt = 3.75;                          // of the energy at 0.8 V
  BitSerialCost cost;
  cost.step_seconds = kStep + kStepPerBit * weight_bits;
  cost.bit_pair_joules = (kLinear / weight_bits + kSquare) * (1.0 + kPerVolt * (volts - 0.8));
  return cost;
}

double component_watts(std::span<const Component> components) {
  double milliwatts = 0.0;
  for (const Component& component : components)
    milliwatts += component.count * component.milliwatts;
  return 1e-3 * milliwatts;
}

}  // namespace aimc::cim
