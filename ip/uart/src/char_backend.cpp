// SPDX-License-Identifier: Apache-2.0
// Far ends that only take characters, and input from a file.
#include "aimc/uart/char_backend.h"

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

class StreamBackend : public CharBackend {
 public:
  /// @param owned  close the stream at the end.
  StreamBackend(std::FILE* stream, bool owned) : stream_(stream), owned_(owned) {}
  ~StreamBackend() override {
    std::fflush(stream_);
    if (owned_) std::fclose(stream_);
  }
  StreamBackend(const StreamBackend&) = delete;
  StreamBackend& operator=(const StreamBackend&) = delete;

  void write(std::uint8_t byte) override {
    std::fputc(byte, stream_);
    if (byte == '\n') flush();
  }
  void flush() override { std::fflush(stream_); }

 private:
  std::FILE* stream_;
  bool owned_;
};

/// The same characters at the same simulated times in every run.
class InputFile : public CharBackend {
 public:
  InputFile(std::unique_ptr<CharBackend> output, std::string bytes)
      : output_(std::move(output)), bytes_(std::move(bytes)) {}

  void write(std::uint8_t byte) override { output_->write(byte); }
  void flush() override { output_->flush(); }
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

std::unique_ptr<CharBackend> make_stdout_backend() {
  return std::make_unique<StreamBackend>(stdout, false);
}

std::unique_ptr<CharBackend> make_null_backend() { return std::make_unique<NullBackend>(); }

std::unique_ptr<CharBackend> make_file_backend(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) user_error("cannot write '{}': {}", path, std::strerror(errno));
  return std::make_unique<StreamBackend>(file, true);
}

std::unique_ptr<CharBackend> make_input_file(std::unique_ptr<CharBackend> output,
                                             const std::string& path) {
  return std::make_unique<InputFile>(std::move(output), read_file(path, "serial input"));
}

}  // namespace aimc::uart
