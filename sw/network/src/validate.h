// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/network/image.h"

namespace aimc::network::detail {

/// Tensors and layers: indices, order, shapes that fit together, tables within DATA.
/// @throws UserError that names the file, the layer and the reason.
void validate_layers(const Image& image);

/// Engines, tasks, edges and DMA descriptor chains. @throws UserError likewise.
void validate_tasks(const Image& image);

}  // namespace aimc::network::detail
