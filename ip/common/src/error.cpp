// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/error.h"

namespace aimc {

std::string Location::text() const {
  if (line <= 0) return file;
  if (column <= 0) return fmt::format("{}:{}", file, line);
  return fmt::format("{}:{}:{}", file, line, column);
}

UserError::UserError(const Location& where, const std::string& message)
    : std::runtime_error(where.file.empty() ? message
                                            : fmt::format("{}: error: {}", where.text(), message)),
      located_(!where.file.empty()) {}

std::string join(const std::vector<std::string>& items, const char* separator) {
  return fmt::format("{}", fmt::join(items, separator));
}

}  // namespace aimc
