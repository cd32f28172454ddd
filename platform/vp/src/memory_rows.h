// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "aimc/common/registry.h"
#include "aimc/platform/description.h"

namespace aimc::vp {

/// One range of the memory map.
struct Row {
  std::uint64_t base;
  std::uint64_t end;  ///< Last address.
  const platform::Instance* instance;
};

/// Everything that has a bus address, by address.
std::vector<Row> memory_map(const platform::Description& platform, const Registry& registry);
/// A parameter as the instance has it; empty if its kind has none of that name.
std::string parameter(const platform::Instance& instance, const Registry& registry,
                      const std::string& name);

/// Reads a register of the platform as it is after reset; empty if nothing answers.
using Peek = std::function<std::optional<std::uint32_t>(std::uint64_t address, unsigned bytes)>;
/// Registers of the whole platform in the form of CMSIS-SVD 1.3.
std::string make_svd(const platform::Description& platform, const Registry& registry,
                     const Peek& peek);
/// Device tree source; the host side as QEMU's virt machine describes it.
std::string make_device_tree(const platform::Description& platform, const Registry& registry);

}  // namespace aimc::vp
