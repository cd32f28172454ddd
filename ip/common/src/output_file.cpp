// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/output_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "aimc/common/error.h"

namespace aimc {

OutputFile::OutputFile(std::string path) : path_(std::move(path)), part_(path_ + ".part") {
  file_ = std::fopen(part_.c_str(), "wb");
  if (file_ == nullptr) user_error("cannot write '{}': {}", path_, std::strerror(errno));
}

OutputFile::~OutputFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::remove(part_.c_str());
}

void OutputFile::write(std::string_view bytes) {
  if (good_ && std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) good_ = false;
}

bool OutputFile::commit() {
  if (file_ == nullptr) return false;
  good_ = std::fclose(file_) == 0 && good_;
  file_ = nullptr;
  if (good_) good_ = std::rename(part_.c_str(), path_.c_str()) == 0;
  if (!good_) std::remove(part_.c_str());
  return good_;
}

void write_file(const std::string& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  if (!file.commit()) user_error("cannot write '{}': disk full or not writable", path);
}

std::string read_file(const std::string& path, std::string_view what) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path))
    user_error("{}: error: cannot read this {}", path, what);
  std::ostringstream bytes;
  if (file.peek() != std::ifstream::traits_type::eof()) bytes << file.rdbuf();
  return bytes.str();
}

}  // namespace aimc
