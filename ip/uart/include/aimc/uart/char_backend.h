// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
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
  /// The run is over: nothing more is written. @returns false if anything was lost (disk full).
  virtual bool complete() {
    flush();
    return true;
  }

  /// May `read` ever have characters again, or `carrier` change? The UART asks such a backend
  /// regularly in simulated time.
  virtual bool listening() const { return false; }
  /// Takes one character that waits on the host. @returns false if there is none now.
  virtual bool read(std::uint8_t* /*byte*/) { return false; }
  /// Is somebody at the far end? Shown as carrier, data set ready and clear to send.
  virtual bool carrier() { return true; }
  /// Gives the host at most `milliseconds` to say something; called when simulated time passes
  /// faster than real time, so that an idle guest does not occupy the host.
  virtual void wait(int /*milliseconds*/) {}

  /// Sets who gets the characters that `send` brings.
  void on_receive(Receiver receiver) { receiver_ = std::move(receiver); }
  /// Sends text to the guest at once, room or not; call from the simulation's thread.
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
/// Standard output, and input from standard input until its end.
std::unique_ptr<CharBackend> make_stdio_backend();
/// Drops everything.
std::unique_ptr<CharBackend> make_null_backend();
/// A file of the host. What it holds is replaced at the first character or by `complete`, so that a
/// run that does not begin leaves it alone. @throws UserError if it cannot be made.
std::unique_ptr<CharBackend> make_file_backend(const std::string& path);
/// A pseudo-terminal; says on standard error which one. @throws UserError if there is none.
std::unique_ptr<CharBackend> make_pty_backend(const std::string& instance);
/// One client at a time on a TCP port of the loopback interface (0: any free one); says on standard
/// error which one. What the guest sends before the first client comes is kept for it.
/// @throws UserError if the port is taken.
std::unique_ptr<CharBackend> make_tcp_backend(const std::string& instance, unsigned port);
/// Output as `output` has it, input from a file. @throws UserError if it cannot be read.
std::unique_ptr<CharBackend> make_input_file(std::unique_ptr<CharBackend> output,
                                             const std::string& path);

}  // namespace aimc::uart
