// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace aimc::uart {

/// The far end of a serial line, on the host.
class CharBackend {
 public:
  using Receiver = std::function<void(std::uint8_t)>;

  virtual ~CharBackend() = default;
  /// A character that the guest sent.
  virtual void write(std::uint8_t byte) = 0;
  /// Makes everything written visible.
  virtual void flush() {}

  /// Sets who gets the characters that come from the host.
  void on_receive(Receiver receiver) { receiver_ = std::move(receiver); }
  /// Sends text to the guest; call from the simulation's thread.
  void send(std::string_view text) {
    for (const char c : text)
      if (receiver_) receiver_(static_cast<std::uint8_t>(c));
  }

 private:
  Receiver receiver_;
};

/// Keeps all output in memory.
class CaptureBackend : public CharBackend {
 public:
  void write(std::uint8_t byte) override { text_.push_back(static_cast<char>(byte)); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Standard output, flushed at each newline and at the end.
std::unique_ptr<CharBackend> make_stdout_backend();
/// Drops everything.
std::unique_ptr<CharBackend> make_null_backend();
/// A file of the host. @throws UserError if it cannot be made.
std::unique_ptr<CharBackend> make_file_backend(const std::string& path);

}  // namespace aimc::uart
