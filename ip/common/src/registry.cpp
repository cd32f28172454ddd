// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/registry.h"

#include <algorithm>

namespace aimc {

void Registry::add(IpKind kind) {
  for (const IpKind& known : kinds_)
    if (known.name == kind.name) user_error("the IP kind '{}' is registered twice", kind.name);
  kinds_.push_back(std::move(kind));
}

const IpKind& Registry::find(const std::string& name, const Location& where) const {
  std::vector<std::string> known;
  for (const IpKind& kind : kinds_) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  std::sort(known.begin(), known.end());
  user_error(where, "there is no IP kind '{}'. Known: {}", name, join(known));
}

}  // namespace aimc
