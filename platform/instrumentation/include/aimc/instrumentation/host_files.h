// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace aimc::instrumentation {

/// Files of one directory of the host, for a guest: no name leads out of it, neither by "..", nor
/// as an absolute path, nor through a symbolic link, and only regular files are opened.
///
/// Every function returns -1 and sets `error` (numbers as in errno.h) when it fails.
class HostFiles {
 public:
  /// @param directory  Empty: there are no files at all. @throws UserError if it is no directory.
  explicit HostFiles(const std::string& directory);
  ~HostFiles();
  HostFiles(const HostFiles&) = delete;
  HostFiles& operator=(const HostFiles&) = delete;

  /// @param flags  As for open(2), without those that follow links. @returns a descriptor.
  int open(const std::string& name, int flags, int* error);
  int remove(const std::string& name, int* error);
  int rename(const std::string& from, const std::string& to, int* error);

 private:
  /// Opens the directory that holds `name`, whose last part goes to `*leaf`.
  int parent(const std::string& name, std::string* leaf, int* error) const;

  int root_ = -1;
};

}  // namespace aimc::instrumentation
