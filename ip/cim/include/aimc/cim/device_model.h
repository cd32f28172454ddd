// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <limits>

#include "aimc/cim/array.h"
#include "aimc/cim/draw.h"
#include "aimc/common/random.h"

namespace aimc::cim {

/// Values of the cells of a block: conductances [uS], draws, masks. Rows x columns.
using Plane = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Where a block's cells take their random numbers from: a cell's draw is a function of its place
/// in the array, its polarity, the purpose and the number of the weight load.
struct CellDraws {
  const RandomStream& random;
  Block block;
  unsigned array_columns;
  std::uint32_t polarity;  ///< 0 or 1.
  std::uint64_t operation;

  Plane normals(Draw purpose) const;
  Plane uniforms(Draw purpose) const;  ///< In [0, 1).
};

/// What a weight load left in the cells of one polarity.
struct Programmed {
  Plane target;    ///< Aimed at [uS].
  Plane reached;   ///< Conductance at the first read [uS].
  Plane failed;    ///< 1 where the cell did not converge, else 0.
  Plane pulses{};  ///< Programming pulses of each cell, if the model follows them; else empty.
};

/// Physics of one memory technology, applied to all cells of one polarity of a block at once (a
/// virtual call per block, never per cell).
///
/// Three clocks of randomness: `program` once a weight load, `age` when time since programming
/// counts, `read_variance` for each product. Models hold no random state, see `CellDraws`.
class DeviceModel {
 public:
  virtual ~DeviceModel() = default;
  /// Largest conductance of one polarity [uS].
  virtual float g_max() const = 0;
  /// Conductance of a cell that stores 0, its target included [uS].
  virtual float g_min() const { return 0.0f; }
  /// Weights older than this are lost [s].
  virtual double retention_s() const { return std::numeric_limits<double>::infinity(); }
  /// The age at which cells are computed when they are `seconds` old: a point of a fixed grid, so
  /// that the state does not depend on when it was asked for. Default: points 2 % apart in
  /// seconds + 1, below 1 s none (0 is the first read).
  virtual double grid_age(double seconds) const;
  virtual Programmed program(const Plane& target, const CellDraws& draws) const = 0;
  /// Conductances `seconds` after programming [uS]; 0 = the first read.
  virtual Plane age(const Programmed& cells, double seconds, const CellDraws& draws) const = 0;
  /// Variance of one read of a pair at full input, in units of g_max^2.
  /// @param net  (g+ - g-) / g_max.
  virtual Plane read_variance(const Plane& net) const = 0;
  /// Upper end of the scale for variances; larger ones saturate. 0 = no read noise.
  virtual float variance_scale() const = 0;
  /// Pulses, time and energy of a weight load.
  /// @param failed  1 for each cell of the block with a device that did not converge.
  virtual ProgramReport cost(const Plane& failed) const = 0;
  /// The same where `program` told the pulses of each cell, a plane for each polarity.
  virtual ProgramReport cost_of_pulses(const Plane& failed, const Plane& positive,
                                       const Plane& negative) const;
};

}  // namespace aimc::cim
