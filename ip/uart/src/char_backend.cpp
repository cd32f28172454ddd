// SPDX-License-Identifier: Apache-2.0
// Far ends that only take characters, and input from a file.
#include "aimc/uart/char_backend.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"

namespace aimc::uart {
namespace {

class NullBackend : public CharBackend {
 public:
  void write(std::uint8_t) override {}
};

class StdoutBackend : public CharBackend {
 public:
  ~StdoutBackend() override { std::fflush(stdout); }
  void write(std::uint8_t byte) override {
    std::fputc(byte, stdout);
    if (byte == '\n') flush();
  }
  void flush() override { std::fflush(stdout); }
  bool complete() override { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }
};

class FileBackend : public CharBackend {
 public:
  explicit FileBackend(const std::string& path)
      : path_(path), existed_(::access(path.c_str(), F_OK) == 0) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    stream_ = file < 0 ? nullptr : ::fdopen(file, "wb");
    if (stream_ == nullptr) user_error("cannot write '{}': {}", path, std::strerror(errno));
  }
  ~FileBackend() override {
    std::fclose(stream_);
    if (!begun_ && !existed_) std::remove(path_.c_str());
  }
  FileBackend(const FileBackend&) = delete;
  FileBackend& operator=(const FileBackend&) = delete;

  void write(std::uint8_t byte) override {
    begin();
    std::fputc(byte, stream_);
    if (byte == '\n') flush();
  }
  void flush() override { std::fflush(stream_); }
  bool complete() override {
    begin();
    return std::fflush(stream_) == 0 && std::ferror(stream_) == 0;
  }

 private:
  void begin() {
    // A device or pipe has no length to set.
    if (!begun_ && ::ftruncate(::fileno(stream_), 0) != 0) errno = 0;
    begun_ = true;
  }

  std::string path_;
  bool existed_;
  bool begun_ = false;
  std::FILE* stream_ = nullptr;
};

/// The same characters at the same simulated times in every run.
class InputFile : public CharBackend {
 public:
  InputFile(std::unique_ptr<CharBackend> output, std::string bytes)
      : output_(std::move(output)), bytes_(std::move(bytes)) {}

  void write(std::uint8_t byte) override { output_->write(byte); }
  void flush() override { output_->flush(); }
  bool complete() override { return output_->complete(); }
  bool listening() const override { return at_ < bytes_.size(); }
  bool read(std::uint8_t* byte) override {
    if (at_ >= bytes_.size()) return false;
    *byte = static_cast<std::uint8_t>(bytes_[at_++]);
    return true;
  }

 private:
  std::unique_ptr<CharBackend> output_;
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<CharBackend> make_stdout_backend() { return std::make_unique<StdoutBackend>(); }

std::unique_ptr<CharBackend> make_null_backend() { return std::make_unique<NullBackend>(); }

std::unique_ptr<CharBackend> make_file_backend(const std::string& path) {
  return std::make_unique<FileBackend>(path);
}

std::unique_ptr<CharBackend> make_input_file(std::unique_ptr<CharBackend> output,
                                             const std::string& path) {
  return std::make_unique<InputFile>(std::move(output), read_file(path, "serial input"));
}

}  // namespace aimc::uart
