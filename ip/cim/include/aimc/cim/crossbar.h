// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "aimc/cim/array.h"
#include "aimc/cim/converter.h"
#include "aimc/cim/device_model.h"
#include "aimc/cim/integer_plane.h"
#include "aimc/cim/tile_config.h"
#include "aimc/common/random.h"

namespace aimc::cim {

/// What a technology adds to the crossbar besides its device model.
struct CrossbarOptions {
  double age_s = 0.0;               ///< Time since programming.
  bool drift_compensation = false;  ///< One digital factor that restores the mean magnitude.
};

/// Analog array of differential pairs, technology by `DeviceModel`.
///
/// Weight w and full scale F: the positive polarity aims at g_max * w / F for w > 0, the negative
/// one at g_max * |w| / F for w < 0, the other at 0. Larger weights saturate at F.
///
/// One product, y in cells (g_max at full input), after [AK] forward pass and [H23]:
///   1. x, -127..127, through the DAC: s steps of L;
///   2. y = sum(net * s) / L, net = (g+ - g-) / g_max at the set age, in steps of 2^-14;
///   3. y += sqrt(sum(var * s^2)) / L * N(0,1): read noise of all cells, which for independent
///      normal noise is exactly one normal per column; var in steps of 1/255 of its scale;
///   4. one signed conversion of the net bit-line current (bipolar read), see `AdcBank`;
///   5. digitally: gain correction, drift factor, times F * 127, rounded to int32.
///
/// Steps 2 and 3 run in exact integers (`IntegerPlane`), the rest in single precision without
/// reassociation. Rounding a conductance to 2^-14 of g_max errs by at most 2^-15 = 0.003 %; the
/// smallest programming error of any fit here is 0.8 %.
class Crossbar : public Array {
 public:
  /// @param random  stream of the instance.
  Crossbar(const TileConfig& config, std::unique_ptr<const DeviceModel> device,
           const CrossbarOptions& options, const RandomStream& random);

  void readback(const Block& block, std::int8_t* weights, std::size_t stride) const override;

  /// Present (g+ - g-) / g_max of a cell.
  float net(unsigned row, unsigned column) const;
  /// Factor of the drift compensation.
  double drift_factor() const { return drift_factor_; }
  const AdcBank& adcs() const { return adcs_; }
  const DeviceModel& device() const { return *device_; }

 protected:
  ProgramReport write(const Block& block, const std::int8_t* weights, std::size_t stride,
                      unsigned full_scale, std::uint64_t operation) override;
  MultiplyReport product(const Block& block, const std::int8_t* inputs, std::size_t stride,
                         std::size_t count, std::uint64_t first_operation,
                         std::int32_t* accumulators) const override;

 private:
  static constexpr float kNetUnit = 1.0f / 16384.0f;  // of the stored net conductances
  static constexpr float kVarianceSteps = 255.0f;     // of the stored variances
  struct Scratch;
  void store(const Block& block, const Plane& net, const Plane& fresh);
  void update_drift_factor();
  void load_inputs(const Block& block, const std::int8_t* inputs, std::size_t stride,
                   Scratch& scratch) const;
  void sum_products(const Block& block, Scratch& scratch) const;

  std::unique_ptr<const DeviceModel> device_;
  CrossbarOptions options_;
  RandomStream random_;
  Dac dac_;
  AdcBank adcs_;
  IntegerPlane nets_;         // net * 2^14
  IntegerPlane variances_;    // read variance / scale * 255
  std::vector<float> fresh_;  // |net| right after programming, kept while it differs from nets_
  double drift_factor_ = 1.0;
};

}  // namespace aimc::cim
