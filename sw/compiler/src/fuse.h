// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network.h"

namespace aimc::compiler {

/// Rewrites the network into what the chip has operations for; afterwards no `clamp` and no
/// `affine` is left.
///
/// - An affine (normalisation, constants) goes into the weights of the convolution before it, or
///   into the conversion of the input, or becomes a table (one factor for all channels), or else a
///   1x1 convolution with a diagonal matrix.
/// - A clamp (Relu, Clip) becomes the bounds of the operation before it; it moves ahead of a max
///   pool to get there. Without such an operation it becomes a table.
/// - A leaky ReLU with a negative slope becomes a table; tables in a row become one.
///
/// @throws UserError for a negative factor on the input, which the conversion cannot do.
void fuse(Network& network);

}  // namespace aimc::compiler
