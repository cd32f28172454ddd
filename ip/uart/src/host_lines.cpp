// SPDX-License-Identifier: Apache-2.0
// Far ends that talk back: standard input, a pseudo-terminal, a TCP client.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "aimc/common/error.h"
#include "aimc/uart/char_backend.h"

namespace aimc::uart {
namespace {

/// A file descriptor that is closed.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

bool readable(int fd, int milliseconds) {
  pollfd wanted{fd, POLLIN, 0};
  return ::poll(&wanted, 1, milliseconds) > 0 && (wanted.revents & (POLLIN | POLLHUP)) != 0;
}

/// Characters read ahead from a descriptor, so that a system call is made once for many.
class ReadAhead {
 public:
  enum class Result { character, nothing, ended };
  Result take(int fd, std::uint8_t* byte) {
    if (at_ == end_) {
      if (!readable(fd, 0)) return Result::nothing;
      const ssize_t count = ::read(fd, bytes_, sizeof bytes_);
      if (count < 0) return errno == EAGAIN || errno == EINTR ? Result::nothing : Result::ended;
      if (count == 0) return Result::ended;
      at_ = 0;
      end_ = static_cast<std::size_t>(count);
    }
    *byte = bytes_[at_++];
    return Result::character;
  }
  void clear() { at_ = end_ = 0; }

 private:
  std::uint8_t bytes_[256];
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

class StdioBackend : public CharBackend {
 public:
  ~StdioBackend() override { std::fflush(stdout); }
  void write(std::uint8_t byte) override {
    std::fputc(byte, stdout);
    if (byte == '\n') flush();
  }
  void flush() override { std::fflush(stdout); }
  bool complete() override { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }
  bool listening() const override { return !ended_; }
  bool read(std::uint8_t* byte) override {
    if (ended_) return false;
    const ReadAhead::Result result = input_.take(STDIN_FILENO, byte);
    ended_ = result == ReadAhead::Result::ended;
    return result == ReadAhead::Result::character;
  }
  void wait(int milliseconds) override { readable(STDIN_FILENO, milliseconds); }

 private:
  ReadAhead input_;
  bool ended_ = false;
};

/// What waits for a far end that does not take it at the moment; beyond the limit it is lost.
class Backlog {
 public:
  void add(std::uint8_t byte) {
    if (bytes_.size() < kLimit) bytes_.push_back(static_cast<char>(byte));
  }
  /// Passes on what `send` takes. @returns false when the far end is gone.
  template <class Send>
  bool drain(const Send& send) {
    while (!bytes_.empty()) {
      const ssize_t count = send(bytes_.data(), bytes_.size());
      if (count <= 0) return count < 0 && (errno == EAGAIN || errno == EINTR);
      bytes_.erase(0, static_cast<std::size_t>(count));
    }
    return true;
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  static constexpr std::size_t kLimit = 1 << 20;
  std::string bytes_;
};

class PtyBackend : public CharBackend {
 public:
  explicit PtyBackend(const std::string& instance)
      : near_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    char name[64] = {};
    if (!near_ || ::grantpt(near_.get()) != 0 || ::unlockpt(near_.get()) != 0 ||
        ::ptsname_r(near_.get(), name, sizeof name) != 0)
      user_error("cannot make a pseudo-terminal: {}", std::strerror(errno));
    // Held open so that the line stays up while nobody else has it open; raw, because the guest
    // does its own echo and line editing.
    far_.reset(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
    termios mode{};
    if (far_ && ::tcgetattr(far_.get(), &mode) == 0) {
      ::cfmakeraw(&mode);
      ::tcsetattr(far_.get(), TCSANOW, &mode);
    }
    ::fcntl(near_.get(), F_SETFL, O_NONBLOCK);
    fmt::print(stderr, "{}: {}\n", instance, name);
  }
  /// What nobody has read is lost when the terminal goes, so a reader gets half a second.
  ~PtyBackend() override {
    int unread = 0;
    int quiet = 0;  // the terminal hands characters over a moment after they are written
    for (int tries = 0; tries < 50 && quiet < 3; ++tries) {
      flush();
      ::usleep(10000);
      if (::ioctl(far_.get(), FIONREAD, &unread) != 0) return;
      quiet = unread == 0 && backlog_.size() == 0 ? quiet + 1 : 0;
    }
  }

  void write(std::uint8_t byte) override {
    backlog_.add(byte);
    if (byte == '\n' || backlog_.size() >= 256) flush();
  }
  void flush() override {
    backlog_.drain(
        [this](const char* data, std::size_t size) { return ::write(near_.get(), data, size); });
  }
  bool listening() const override { return true; }
  bool read(std::uint8_t* byte) override {
    return input_.take(near_.get(), byte) == ReadAhead::Result::character;
  }
  void wait(int milliseconds) override { readable(near_.get(), milliseconds); }

 private:
  Descriptor near_;
  Descriptor far_;
  ReadAhead input_;
  Backlog backlog_;
};

class TcpBackend : public CharBackend {
 public:
  TcpBackend(const std::string& instance, unsigned port)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const int yes = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    if (!listener_ || ::bind(listener_.get(), any, length) != 0 ||
        ::listen(listener_.get(), 1) != 0 || ::getsockname(listener_.get(), any, &length) != 0)
      user_error("cannot listen on 127.0.0.1:{}: {}", port, std::strerror(errno));
    fmt::print(stderr, "{}: listening on 127.0.0.1:{}\n", instance, ntohs(address.sin_port));
  }
  ~TcpBackend() override { finish(); }

  void write(std::uint8_t byte) override {
    if (!client_ && had_client_) return;  // nobody will read it
    backlog_.add(byte);
    if (byte == '\n' || backlog_.size() >= 256) flush();
  }
  void flush() override {
    if (!client_) accept_one();
    if (!client_) return;
    if (!backlog_.drain([this](const char* data, std::size_t size) {
          return ::send(client_.get(), data, size, MSG_NOSIGNAL);
        }))
      hang_up();
  }
  bool listening() const override { return true; }
  bool read(std::uint8_t* byte) override {
    if (!client_) accept_one();
    if (!client_) return false;
    const ReadAhead::Result result = input_.take(client_.get(), byte);
    if (result == ReadAhead::Result::ended) hang_up();
    return result == ReadAhead::Result::character;
  }
  bool carrier() override { return static_cast<bool>(client_); }
  void wait(int milliseconds) override {
    readable(client_ ? client_.get() : listener_.get(), milliseconds);
  }

 private:
  void accept_one() {
    client_.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!client_) return;
    const int yes = 1;
    ::setsockopt(client_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    had_client_ = true;
    flush();
  }
  void hang_up() {
    client_.reset();
    input_.clear();
  }
  /// The last characters reach a client that still reads.
  void finish() {
    flush();
    for (int tries = 0; client_ && backlog_.size() > 0 && tries < 100; ++tries) {
      pollfd wanted{client_.get(), POLLOUT, 0};
      ::poll(&wanted, 1, 10);
      flush();
    }
  }

  Descriptor listener_;
  Descriptor client_;
  bool had_client_ = false;
  ReadAhead input_;
  Backlog backlog_;
};

}  // namespace

std::unique_ptr<CharBackend> make_stdio_backend() { return std::make_unique<StdioBackend>(); }

std::unique_ptr<CharBackend> make_pty_backend(const std::string& instance) {
  return std::make_unique<PtyBackend>(instance);
}

std::unique_ptr<CharBackend> make_tcp_backend(const std::string& instance, unsigned port) {
  return std::make_unique<TcpBackend>(instance, port);
}

}  // namespace aimc::uart
