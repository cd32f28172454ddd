// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "aimc/cim/dram/dram_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

/// Rows of one-transistor cells on shared bit lines, activation by activation: what a
/// charge-sharing array does inside. Each bit line starts at half the supply; an activation
/// connects the cells of one or more rows to it,
///
///   V = (sum C_i V_i + C_line V_DD / 2) / (sum C_i + C_line),
///
/// its sense amplifier (with a static offset) decides, and the decision is driven back into every
/// connected cell. So one row is restored, three rows become their majority, and what they held
/// before is gone.
class DramSubarray {
 public:
  using Bits = std::vector<std::uint8_t>;

  DramSubarray(unsigned rows, unsigned columns, const DramChargeSharing& config,
               const RandomStream& random);

  void write(unsigned row, const Bits& bits);
  /// Activates rows together. @returns what the sense amplifiers decided, now in all these rows.
  Bits activate(const std::vector<unsigned>& rows);
  /// Activates `from`, then connects `to` while the bit lines are driven.
  void copy(unsigned from, unsigned to);
  /// Copies a row to another by way of inverting sense amplifiers.
  void copy_inverted(unsigned from, unsigned to);
  /// Bit line voltages if these rows were connected, before sensing; does not disturb them.
  std::vector<double> shared_volts(const std::vector<unsigned>& rows) const;
  /// Lets charge leak: stored voltages fall to half in the retention time.
  void leak(double seconds);

  unsigned rows() const { return rows_; }
  unsigned columns() const { return columns_; }

 private:
  void drive(unsigned row, const Bits& bits);

  unsigned rows_;
  unsigned columns_;
  DramChargeSharing config_;
  std::vector<double> volts_;    // [rows][columns]
  std::vector<double> farads_;   // the same
  std::vector<double> offsets_;  // of each bit line
};

}  // namespace aimc::cim
