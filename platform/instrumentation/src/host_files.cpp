// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/host_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "aimc/common/error.h"

namespace aimc::instrumentation {
namespace {

int fail(int* error, int code) {
  *error = code;
  return -1;
}

}  // namespace

HostFiles::HostFiles(const std::string& directory) {
  if (directory.empty()) return;
  root_ = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root_ < 0)
    user_error("--semihost-dir: error: cannot open the directory '{}': {}", directory,
               std::strerror(errno));
}

HostFiles::~HostFiles() {
  if (root_ >= 0) ::close(root_);
}

/// Goes down one directory at a time and follows no link, so that nothing on the host can lead the
/// way out, not even when it changes while we look.
int HostFiles::parent(const std::string& name, std::string* leaf, int* error) const {
  if (root_ < 0) return fail(error, EACCES);
  if (name.empty()) return fail(error, ENOENT);
  if (name.front() == '/' || name.find('\0') != std::string::npos) return fail(error, EACCES);
  int directory = ::dup(root_);
  if (directory < 0) return fail(error, errno);
  std::size_t at = 0;
  for (;;) {
    const std::size_t slash = name.find('/', at);
    const std::string part = name.substr(at, slash == std::string::npos ? slash : slash - at);
    if (part == "..") {
      ::close(directory);
      return fail(error, EACCES);
    }
    if (slash == std::string::npos) {
      *leaf = part;
      if (!part.empty() && part != ".") return directory;
      ::close(directory);
      return fail(error, EISDIR);
    }
    at = slash + 1;
    if (part.empty() || part == ".") continue;
    const int next =
        ::openat(directory, part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const int code = errno;
    ::close(directory);
    if (next < 0) return fail(error, code == ELOOP ? EACCES : code);
    directory = next;
  }
}

int HostFiles::open(const std::string& name, int flags, int* error) {
  std::string leaf;
  const int directory = parent(name, &leaf, error);
  if (directory < 0) return -1;
  // O_NONBLOCK: a pipe must not stop the simulation before it is refused.
  const int file =
      ::openat(directory, leaf.c_str(),
               (flags & ~O_TRUNC) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0666);
  const int code = errno;
  ::close(directory);
  if (file < 0) return fail(error, code == ELOOP ? EACCES : code);
  struct stat status {};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(file);
    return fail(error, S_ISDIR(status.st_mode) ? EISDIR : EACCES);
  }
  if ((flags & O_TRUNC) != 0 && ::ftruncate(file, 0) != 0) {
    const int reason = errno;
    ::close(file);
    return fail(error, reason);
  }
  return file;
}

int HostFiles::remove(const std::string& name, int* error) {
  std::string leaf;
  const int directory = parent(name, &leaf, error);
  if (directory < 0) return -1;
  const int result = ::unlinkat(directory, leaf.c_str(), 0);
  if (result != 0) *error = errno;
  ::close(directory);
  return result;
}

int HostFiles::rename(const std::string& from, const std::string& to, int* error) {
  std::string old_leaf, new_leaf;
  const int old_directory = parent(from, &old_leaf, error);
  if (old_directory < 0) return -1;
  const int new_directory = parent(to, &new_leaf, error);
  int result = -1;
  if (new_directory >= 0) {
    result = ::renameat(old_directory, old_leaf.c_str(), new_directory, new_leaf.c_str());
    if (result != 0) *error = errno;
    ::close(new_directory);
  }
  ::close(old_directory);
  return result;
}

}  // namespace aimc::instrumentation
