// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aimc/cim/cim_regs.h"
#include "aimc/network/format.h"
#include "network.h"

namespace aimc::compiler {

/// How the step of a feature map follows from the values seen in calibration.
enum class Calibration {
  mse,  ///< The step with the least mean squared error; large values may saturate.
  max,  ///< The largest magnitude becomes 127.
};

struct CalibrationOptions {
  Calibration method = Calibration::mse;
  bool planar = false;  ///< Records hold one plane per channel.
};

/// Steps of all feature maps: real value = step * int8.
/// @param records  whole records, one after the other.
std::vector<double> calibrate(const Network& network, const std::vector<std::uint8_t>& records,
                              const CalibrationOptions& options);

/// One layer of the quantised network with its tables; offsets in `fields` are not set yet.
struct QuantisedLayer {
  std::string name;
  std::string source;                ///< ONNX operator it came from.
  aimc_network_layer_t fields{};     ///< Tensor indices are those of `QuantisedNetwork::tensors`.
  std::vector<std::int8_t> weights;  ///< CONV: [rows][columns]
  std::vector<cim_affine_t> affine;  ///< CONV, INPUT: of each output channel.
  std::vector<std::uint8_t> table;   ///< LUT: 256 int8; SOFTMAX: 256 uint16, little-endian.
};

struct QuantisedTensor {
  std::string name;
  Shape shape;
  double step = 1.0;
};

struct QuantisedNetwork {
  std::string name;
  std::string file;
  std::vector<QuantisedTensor> tensors;
  std::vector<QuantisedLayer> layers;  ///< In order of execution; the first is the INPUT.
  std::size_t input = 0;
  std::size_t output = 0;
};

/// Symmetric int8: one step for each feature map, one for each output channel of weights; biases
/// and rescaling as integers, see fixed_point.h.
/// @param network  after `fuse`.
QuantisedNetwork quantise(const Network& network, const std::vector<double>& steps,
                          const CalibrationOptions& options);

}  // namespace aimc::compiler
