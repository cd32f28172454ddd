// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aimc/common/config.h"

namespace aimc::platform {

/// A place on the network: router column and row, and the local port of that router.
struct Node {
  unsigned x = 0;
  unsigned y = 0;
  unsigned port = 0;
};

/// One block of the platform. An entry with several nodes in the file becomes several instances
/// "tile0", "tile1", ... in row-major order.
struct Instance {
  std::string name;
  std::string ip;  ///< Kind in the registry, e.g. "cim".
  Location where;
  ConfigNode params;                  ///< After `--set` overrides.
  std::optional<std::uint64_t> base;  ///< Bus address; for endpoints that of the window.
  std::optional<std::uint64_t> size;  ///< Bytes, where the file overrides the block's own size.
  std::optional<unsigned> irq;        ///< PLIC source.
  std::optional<Node> node;           ///< On the network.
  std::optional<unsigned> endpoint;   ///< Endpoint number (of `node`).
};

/// The network's frame, read from the instance of kind "noc".
struct NetworkFrame {
  std::string instance;
  unsigned columns = 0;
  unsigned rows = 0;
  std::uint64_t window_base = 0x40000000;
  std::uint64_t window_bytes = 0x100000;  ///< Per endpoint.
  unsigned irq_base = 64;                 ///< Endpoint n interrupts with source irq_base + n.
};

/// A wire between two interrupt ports, "clint0.irq_timer0" to "hart0.irq_timer".
struct Line {
  std::string from;
  std::string to;
  Location where;
};

/// A platform file, read and checked: no SystemC, no instance made yet.
struct Description {
  std::string name;
  std::string brief;
  std::string file;
  std::vector<std::string> files;  ///< All that were read: `file` and what it extends.
  std::vector<Instance> instances;
  std::vector<Line> lines;
  NetworkFrame network;
  std::uint64_t ram_base = 0;
  std::uint64_t ram_bytes = 0;
  std::uint64_t network_image_base = 0;  ///< Where the network image is loaded.
  double quantum_s = 10e-6;
  std::vector<std::string> overrides;  ///< As given, for the record.

  const Instance* find(const std::string& instance) const;
  /// The instances of one kind in the order of the file.
  std::vector<const Instance*> of_kind(const std::string& ip) const;
};

/// Reads a shipped platform by name ("hermes64") or any file by path, and applies overrides of the
/// form "instance-glob.parameter=value".
/// @throws UserError with file:line:column.
Description load_description(const std::string& name_or_path,
                             const std::vector<std::string>& overrides = {});

/// Names of the shipped platforms, sorted.
std::vector<std::string> shipped_platforms();

}  // namespace aimc::platform
