// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/network/image.h"

namespace aimc::network {

/// Proves that both task graphs of an image run for ever and never lose a token.
///
/// Live: an edge without a token leads to a later task, so no cycle is free of tokens.
/// Safe: each edge of the frame graph lies on a cycle that holds exactly one token, so no edge can
/// ever hold two (Commoner et al., marked directed graphs, 1971). The setup graph is free of
/// cycles.
///
/// @throws UserError that names the file, the graph and the task.
void check_graphs(const Image& image);

/// The image as text for people: header, engines, layers, tasks with their edges.
std::string describe(const Image& image);

}  // namespace aimc::network
