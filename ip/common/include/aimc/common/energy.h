// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aimc {

/// Energy of one block by cause ("array", "adc", "digital", "static", ...), in joules.
class EnergyLedger {
 public:
  using Cause = std::size_t;

  /// Finds or adds a cause; call once at construction and keep the index.
  Cause cause(const std::string& name);
  void add(Cause cause, double joules) { entries_[cause].joules += joules; }
  /// Sets a cause anew; for static power, which is only known at the end.
  void assign(Cause cause, double joules) { entries_[cause].joules = joules; }
  double total() const;

  struct Entry {
    std::string cause;
    double joules = 0.0;
  };
  const std::vector<Entry>& entries() const { return entries_; }
  /// Back to zero, keeping the causes.
  void clear();

 private:
  std::vector<Entry> entries_;
};

}  // namespace aimc
