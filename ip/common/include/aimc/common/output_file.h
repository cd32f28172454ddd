// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace aimc {

/// A result file that appears only when it is whole: bytes go to "path.part", which takes the
/// final name in `commit`. Without a commit the part is removed. Symbolic links are followed; a
/// device or pipe is written as it is.
class OutputFile {
 public:
  /// @throws UserError if the file cannot be made.
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Remembers the first failure and ignores all later bytes.
  void write(std::string_view bytes);
  /// @returns false if any byte was lost (disk full); the final name is then left untouched.
  bool commit();

 private:
  std::string path_;
  std::string part_;  // empty for what cannot be replaced
  std::FILE* file_ = nullptr;
  bool good_ = true;
};

/// Writes a whole file through `OutputFile`. @throws UserError if it cannot be written.
void write_file(const std::string& path, std::string_view bytes);

/// Reads a whole file. @throws UserError if it cannot be read; `what` says what it is for.
std::string read_file(const std::string& path, std::string_view what);

}  // namespace aimc
