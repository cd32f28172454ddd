// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/noc/fabric_config.h"
#include "aimc/noc/flit/config.h"
#include "aimc/noc/topology.h"

namespace aimc::noc {

/// The routers that these parameters stand for, with one more local port for merge units.
/// @throws UserError for what the flit level does not have.
flit::Config flit_config(const Topology& topology, const FabricConfig& config);

}  // namespace aimc::noc
