// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/dram/subarray.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "aimc/cim/planes/plane_draw.h"

namespace aimc::cim {

DramSubarray::DramSubarray(unsigned rows, unsigned columns, const DramChargeSharing& config,
                           const RandomStream& random)
    : rows_(rows),
      columns_(columns),
      config_(config),
      volts_(std::size_t{rows} * columns, 0.0),
      farads_(volts_.size()),
      offsets_(columns) {
  std::vector<float> draws(volts_.size());
  random.at(kDrawCellLevel).normals(draws);
  for (std::size_t i = 0; i < farads_.size(); ++i)
    farads_[i] =
        config.cell_farads * std::max(0.0, 1.0 + config.mismatch * static_cast<double>(draws[i]));
  draws.resize(columns);
  random.at(kDrawConverterOffset).normals(draws);
  for (unsigned c = 0; c < columns; ++c)
    offsets_[c] = config.sense_offset_volts * static_cast<double>(draws[c]);
}

void DramSubarray::drive(unsigned row, const Bits& bits) {
  if (row >= rows_ || bits.size() != columns_) throw std::logic_error("row leaves the subarray");
  for (unsigned c = 0; c < columns_; ++c)
    volts_[std::size_t{row} * columns_ + c] = bits[c] != 0 ? config_.supply_volts : 0.0;
}

void DramSubarray::write(unsigned row, const Bits& bits) { drive(row, bits); }

std::vector<double> DramSubarray::shared_volts(const std::vector<unsigned>& rows) const {
  std::vector<double> volts(columns_);
  for (unsigned c = 0; c < columns_; ++c) {
    double charge = config_.line_farads * config_.supply_volts / 2.0;
    double farads = config_.line_farads;
    for (const unsigned row : rows) {
      const std::size_t cell = std::size_t{row} * columns_ + c;
      charge += farads_.at(cell) * volts_.at(cell);
      farads += farads_.at(cell);
    }
    volts[c] = charge / farads;
  }
  return volts;
}

DramSubarray::Bits DramSubarray::activate(const std::vector<unsigned>& rows) {
  const std::vector<double> volts = shared_volts(rows);
  Bits bits(columns_);
  for (unsigned c = 0; c < columns_; ++c)
    bits[c] = volts[c] + offsets_[c] > config_.supply_volts / 2.0 ? 1 : 0;
  for (const unsigned row : rows) drive(row, bits);
  return bits;
}

void DramSubarray::copy(unsigned from, unsigned to) { drive(to, activate({from})); }

void DramSubarray::copy_inverted(unsigned from, unsigned to) {
  Bits bits = activate({from});
  for (std::uint8_t& bit : bits) bit ^= 1;
  drive(to, bits);
}

void DramSubarray::leak(double seconds) {
  const double factor = std::exp2(-seconds / config_.retention_s);
  for (double& volts : volts_) volts *= factor;
}

}  // namespace aimc::cim
