// SPDX-License-Identifier: Apache-2.0
#include "aimc/activation/piecewise.h"

namespace aimc::activation {

void sigmoid(std::span<const std::int32_t> in, Rescale scale, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = sigmoid_q12(to_q12(in[i], scale));
}

void tanh(std::span<const std::int32_t> in, Rescale scale, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = tanh_q12(to_q12(in[i], scale));
}

}  // namespace aimc::activation
