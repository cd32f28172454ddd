// SPDX-License-Identifier: Apache-2.0
#include "aimc/uart/char_backend.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "aimc/common/error.h"

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

}  // namespace aimc::uart
