// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include "aimc/noc/noc.h"
#include "at_port.h"

namespace aimc::noc {

/// Makes sockets created after the constructor children of `module`, as the kernel wants it.
class HierarchyScope {
 public:
  explicit HierarchyScope(sc_core::sc_module& module) {
    sc_core::sc_get_curr_simcontext()->hierarchy_push(&module);
  }
  ~HierarchyScope() { sc_core::sc_get_curr_simcontext()->hierarchy_pop(); }
  HierarchyScope(const HierarchyScope&) = delete;
  HierarchyScope& operator=(const HierarchyScope&) = delete;
};

/// Where an initiator enters. Its accesses appear on the tracks "<noc>.ni<endpoint>.<lane>".
struct Noc::InitiatorPort {
  static constexpr unsigned kLanes = 4;
  InitiatorPort(int index, unsigned endpoint_number, Noc& noc, trace::Hub& hub)
      : socket(fmt::format("ni{}_in{}", endpoint_number, index).c_str()),
        endpoint(endpoint_number),
        lanes(hub, fmt::format("{}.ni{}", noc.name(), endpoint_number), kLanes),
        at(noc, index) {}
  tlm_utils::simple_target_socket_tagged<Noc> socket;
  unsigned endpoint;
  trace::Lanes lanes;
  AtPort at;
};

struct Noc::TargetPort {
  TargetPort(std::string owner_name, unsigned endpoint)
      : socket(fmt::format("ni{}_out", endpoint).c_str()), owner(std::move(owner_name)) {}
  tlm_utils::simple_initiator_socket<Noc> socket;
  std::string owner;
};

}  // namespace aimc::noc
