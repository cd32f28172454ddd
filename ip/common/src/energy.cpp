// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/energy.h"

namespace aimc {

EnergyLedger::Cause EnergyLedger::cause(const std::string& name) {
  for (Cause i = 0; i < entries_.size(); ++i)
    if (entries_[i].cause == name) return i;
  entries_.push_back({name, 0.0});
  return entries_.size() - 1;
}

double EnergyLedger::total() const {
  double sum = 0.0;
  for (const Entry& entry : entries_) sum += entry.joules;
  return sum;
}

void EnergyLedger::clear() {
  for (Entry& entry : entries_) entry.joules = 0.0;
}

}  // namespace aimc
