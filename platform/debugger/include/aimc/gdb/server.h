// SPDX-License-Identifier: Apache-2.0
/// A TCP port for one client at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aimc::gdb {

/// Where to listen.
struct Endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: the system chooses.

  bool loopback() const;
};

/// Reads "PORT", "HOST:PORT" or "[IPV6]:PORT". @throws UserError naming the option.
Endpoint parse_endpoint(const std::string& text);

/// Listens while nobody is connected. A second client is refused by the system, because the port is
/// closed while the first one is there.
class Server {
 public:
  /// @throws UserError if the place cannot be listened at.
  explicit Server(const Endpoint& endpoint);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// "127.0.0.1:3333", with the port that was chosen.
  std::string address() const;
  bool connected() const { return client_ >= 0; }
  /// Is there anybody, now or later? False once listening again has failed.
  bool usable() const { return client_ >= 0 || listener_ >= 0; }

  /// Waits until a client comes or the one that is there sends something.
  bool ready(int timeout_ms) const;
  /// Waits for a client, at most `timeout_ms` (0: only looks).
  bool accept(int timeout_ms);
  /// Waits for bytes; empty if none came. A lost connection shows in `connected`.
  std::string receive(int timeout_ms);
  /// Waits up to some seconds for a slow client, then drops it.
  void send(std::string_view bytes);
  /// Says good-bye and listens again. @returns false if that fails.
  bool disconnect();

 private:
  std::string listen();  ///< @returns an empty text or what went wrong

  Endpoint endpoint_;
  int listener_ = -1;
  int client_ = -1;
};

}  // namespace aimc::gdb
