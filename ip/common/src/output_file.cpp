// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/output_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "aimc/common/error.h"

namespace aimc {

namespace {

namespace fs = std::filesystem;

/// Follows symbolic links, so that the file behind one is replaced and not the link.
std::string resolved(const std::string& path) {
  constexpr int kMostLinks = 40;
  std::error_code error;
  fs::path file = path;  // step by step, because there may be nothing yet behind the last link
  for (int i = 0; i < kMostLinks && fs::is_symlink(file, error); ++i) {
    const fs::path next = fs::read_symlink(file, error);
    if (error) return path;
    file = file.parent_path() / next;
  }
  const fs::path target = fs::weakly_canonical(file, error);
  return error ? path : target.string();
}

/// Devices and pipes take bytes as they come; only a regular file can be replaced.
bool replaceable(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return !fs::exists(status) || fs::is_regular_file(status);
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(resolved(path)) {
  if (fs::is_directory(path_)) user_error("cannot write '{}': it is a directory", path);
  if (replaceable(path_)) part_ = path_ + ".part";
  file_ = std::fopen(part_.empty() ? path_.c_str() : part_.c_str(), "wb");
  if (file_ == nullptr) user_error("cannot write '{}': {}", path, std::strerror(errno));
}

OutputFile::~OutputFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  if (!part_.empty()) std::remove(part_.c_str());
}

void OutputFile::write(std::string_view bytes) {
  if (good_ && std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) good_ = false;
}

bool OutputFile::commit() {
  if (file_ == nullptr) return false;
  good_ = std::fclose(file_) == 0 && good_;
  file_ = nullptr;
  if (part_.empty()) return good_;
  std::error_code error;
  if (good_ && fs::exists(path_, error)) {  // keep the permissions of what is replaced
    fs::permissions(part_, fs::status(path_, error).permissions(), error);
  }
  if (good_) good_ = std::rename(part_.c_str(), path_.c_str()) == 0;
  if (!good_) std::remove(part_.c_str());
  return good_;
}

void write_file(const std::string& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  if (!file.commit()) user_error("cannot write '{}': {}", path, std::strerror(errno));
}

std::string read_file(const std::string& path, std::string_view what) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  const int reason = errno;
  std::error_code error;
  const bool directory = fs::is_directory(path, error);
  if (!file || directory) {
    user_error("{}: error: cannot read this {}: {}", path, what,
               std::strerror(directory ? EISDIR : reason));
  }
  // A device may give bytes for ever.
  constexpr std::size_t kMostOfDevice = std::size_t{64} << 20;
  const bool device = fs::is_character_file(path, error);
  std::string bytes;
  std::vector<char> part(std::size_t{1} << 20);
  do {
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    bytes.append(part.data(), static_cast<std::size_t>(file.gcount()));
    if (device && bytes.size() > kMostOfDevice)
      user_error("{}: error: cannot read this {}: the device gives bytes for ever", path, what);
  } while (file);
  return bytes;
}

}  // namespace aimc
