// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "aimc/cim/device_model.h"

namespace aimc::cim {

/// How many pulses a cell takes in program-verify when each pulse ends the work with the same
/// chance: a geometric law, cut at a largest number, where the cell has failed.
class PulseLaw {
 public:
  /// @param mean     pulses of a cell, those of failed cells included.
  /// @param largest  pulses of a cell that fails.
  static PulseLaw with_limit(double mean, unsigned largest);
  /// @param failed  share of cells that fail; 0: the law is cut where no draw reaches.
  static PulseLaw with_failures(double mean, double failed);

  /// Pulses of a cell by a draw uniform in [0, 1); the smallest draws fail.
  unsigned pulses(double uniform) const;
  bool fails(double uniform) const { return uniform < failed_; }
  unsigned largest() const { return largest_; }
  double failed() const { return failed_; }
  /// Mean of the slowest of `cells` that are programmed together.
  double slowest(std::uint64_t cells) const;
  double mean() const { return mean_; }

  /// Draws pulses and failures of all cells of a block.
  void draw(const CellDraws& draws, Programmed& cells) const;

 private:
  PulseLaw(double mean, double failed, unsigned largest);
  double mean_;
  double log_miss_;  // log of the chance that a pulse is not enough
  double failed_;
  unsigned largest_;
};

/// Sum of both polarities' pulses, and of those of the slowest cell of each run of `together`
/// neighbours of a row, which are programmed side by side.
struct PulseTotals {
  double pulses = 0.0;
  double slowest = 0.0;
};
PulseTotals total_pulses(const Plane& positive, const Plane& negative, unsigned together);
/// What is expected of a block of `rows` x `columns` weights.
PulseTotals expected_pulses(const PulseLaw& law, unsigned rows, unsigned columns,
                            unsigned together);

}  // namespace aimc::cim
