// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "aimc/cim/array.h"
#include "aimc/cim/byte_plane.h"
#include "aimc/cim/converter.h"
#include "aimc/cim/device_model.h"
#include "aimc/cim/integer_plane.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

/// Digital factors that undo the mean loss of conductance with time.
enum class DriftCompensation {
  none,
  global,  ///< One factor for the array.
  column,  ///< One for each column.
};

/// What a technology adds to the crossbar besides its device model.
struct CrossbarOptions {
  DriftCompensation drift_compensation = DriftCompensation::none;
  /// Whether the factors follow every change of the cells by themselves, exactly; otherwise they
  /// stand until `recalibrate` measures them through the noisy array.
  bool automatic_compensation = true;
};

/// Analog array of differential pairs, technology by `DeviceModel`.
///
/// Weight w and full scale F: the positive polarity aims at g_min + (g_max - g_min) * w / F for
/// w > 0, the negative one at the same of |w|, the other at g_min. Larger weights saturate at F.
///
/// One product, y in cells (g_max at full input), after [AK] forward pass and [H23]:
///   1. x, -127..127, through the DAC: s steps of L;
///   2. y = sum(net * s) / L, net = (g+ - g-) / g_max at the present age, in steps of 2^-14;
///   3. read noise of all cells and output noise: sqrt(sum(var * s^2) / L^2 + sigma^2) * N(0,1),
///      which for independent normal noise is exactly one normal per column; var in 127 steps of
///      its scale, s^2 in steps of 1/126 of its largest value;
///   4. one signed conversion of the net bit-line current (bipolar read), see `AdcBank`;
///   5. digitally: gain correction, drift factor, times F * 127, rounded to int32.
/// What changes this order (phases, bit-serial inputs, slices, IR drop, non-linearity, bound
/// management) is described in crossbar_general.cpp; `crossbar.precision: oracle` in
/// crossbar_oracle.cpp.
///
/// Sums of steps 2 and 3 are exact integers, the rest is single precision without reassociation.
/// Rounding a conductance to 2^-14 of g_max errs by at most 2^-15 = 0.003 %; the smallest
/// programming error of the fits to PCM is 0.8 %.
class Crossbar : public Array {
 public:
  /// @param random  stream of the instance.
  Crossbar(const TileConfig& config, std::unique_ptr<const DeviceModel> device,
           const CrossbarOptions& options, const RandomStream& random);
  ~Crossbar() override;

  void readback(const Block& block, std::int8_t* weights, std::size_t stride) const override;
  /// As `Array::refresh`; drift is undone by the present drift factors before cells are written.
  ProgramReport refresh(const Block& block, std::uint64_t operation) override;
  CalibrationReport recalibrate(std::span<const std::int8_t> inputs, std::size_t stride,
                                std::size_t count, std::uint64_t operation) override;

  /// Present (g+ - g-) / g_max of a cell, all pairs of a weight together.
  float net(unsigned row, unsigned column) const;
  /// Mean over columns of the factors of the drift compensation.
  double drift_factor() const;
  double drift_factor(unsigned column) const { return drift_factors_[column]; }
  const AdcBank& adcs() const { return adcs_; }
  const DeviceModel& device() const { return *device_; }

 protected:
  ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride,
                      unsigned full_scale, std::uint64_t operation) override;
  MultiplyReport product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                         std::size_t count, std::uint64_t first_operation,
                         std::int32_t* accumulators) const override;
  void read_cells(const Block& block, std::uint64_t operation, float* weights) const override;
  void update_age() override;

 private:
  friend class CrossbarGeneral;
  static constexpr float kNetUnit = 1.0f / 16384.0f;  // of the stored net conductances
  static constexpr float kVarianceSteps = 127.0f;     // of the stored variances
  struct Scratch;
  struct Terms;

  /// One digit of a weight: pairs that one converter sees together.
  struct Slice {
    Slice(unsigned rows, unsigned columns) : nets(rows, columns), variances(rows, columns) {}
    double weight = 1.0;  ///< Of the slice's result in the sum.
    IntegerPlane nets;    ///< net * 2^14
    BytePlane variances;  ///< read variance / scale * 127
  };
  /// All cells of one polarity of one pair, [rows][columns].
  struct Cells {
    Plane target;
    Plane reached;
  };
  struct Pair {
    std::size_t slice;
    float factor;  ///< Share of the slice's current.
    Cells polarity[2];
  };

  /// Cells of a block now, per slice: (g+ - g-) / g_max, (g+ + g-) / g_max, read variances.
  struct Present {
    std::vector<Plane> nets, sums, variances;
  };

  void make_pairs();
  Present present(const Block& block, const WeightLoad& load) const;
  std::vector<Plane> split(const Plane& relative) const;
  void compute_cells(const WeightLoad& load);
  void store(const Block& block, std::size_t slice, const Plane& net, const Plane& variance);
  static std::int16_t net_steps(float net);
  float fresh_net(unsigned row, unsigned column) const;
  void update_drift_factors();
  void set_drift_factors(const std::vector<double>& fresh, const std::vector<double>& now);
  std::vector<float> column_peaks(std::span<const std::int8_t> inputs, std::size_t stride,
                                  std::size_t count) const;
  void update_terms();
  double age_grid_of(const WeightLoad& load) const;
  void apply_stuck(const CellDraws& draws, Programmed& cells) const;

  void load_inputs(const Block& block, const std::int8_t* inputs, std::size_t stride,
                   Scratch& scratch) const;
  MultiplyReport fast_product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                              std::size_t count, std::uint64_t first_operation,
                              std::int32_t* accumulators) const;
  MultiplyReport oracle_product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                                std::size_t count, std::uint64_t first_operation,
                                std::int32_t* accumulators) const;

  TileConfig config_;
  std::unique_ptr<const DeviceModel> device_;
  CrossbarOptions options_;
  RandomStream random_;
  Dac dac_;
  AdcBank adcs_;
  float decode_;               // g_max / (g_max - g_min)
  std::vector<Slice> slices_;  // one but for bit slices
  std::vector<Pair> pairs_;
  std::vector<double> computed_ages_;  // of loads(), when cells were last computed
  std::vector<double> drift_factors_;
  std::unique_ptr<Terms> terms_;
  std::unique_ptr<class CrossbarGeneral> general_;
};

}  // namespace aimc::cim
