// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aimc/network/image.h"

namespace aimc::network {

/// What one record gives.
struct Inference {
  std::vector<std::int8_t> logits;
  std::uint32_t predicted = 0;  ///< Arg-max of the logits, the first one of equals.
  std::vector<std::vector<std::int8_t>> tensors;  ///< All feature maps, in the order of TENSORS.
};

/// Evaluates the layers of an image in plain integers: the truth that a chip with ideal arrays has
/// to meet to the last bit. It knows nothing of tiles, tasks or time.
class Interpreter {
 public:
  /// @param image  Must outlive the interpreter.
  explicit Interpreter(const Image& image) : image_(image) {}

  /// @param record  One sensor record of `header().input_bytes` bytes. @throws UserError if not.
  Inference run(std::span<const std::uint8_t> record) const;

 private:
  const Image& image_;
};

}  // namespace aimc::network
