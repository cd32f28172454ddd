// SPDX-License-Identifier: Apache-2.0
#include "aimc/gdb/server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "aimc/common/error.h"

namespace aimc::gdb {
namespace {

constexpr int kSendTimeoutS = 10;

/// True if something can be read or accepted within the time. A signal ends the wait.
bool readable(int socket, int timeout_ms) {
  pollfd entry{socket, POLLIN, 0};
  return ::poll(&entry, 1, timeout_ms) > 0;
}

bool is_ipv6(const std::string& host) { return host.find(':') != std::string::npos; }

}  // namespace

bool Endpoint::loopback() const { return host.starts_with("127.") || host == "::1"; }

Endpoint parse_endpoint(const std::string& text) {
  const auto fail = [&](const std::string& reason) {
    user_error("--gdb {}: error: {}; write PORT or HOST:PORT, e.g. 3333 or 127.0.0.1:3333", text,
               reason);
  };
  Endpoint endpoint;
  std::string port = text;
  if (const std::size_t colon = text.rfind(':'); colon != std::string::npos) {
    endpoint.host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (endpoint.host.size() > 2 && endpoint.host.front() == '[' && endpoint.host.back() == ']') {
      endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
    } else if (is_ipv6(endpoint.host)) {
      fail("an IPv6 address stands in brackets");
    }
    if (endpoint.host.empty() || endpoint.host == "localhost") endpoint.host = "127.0.0.1";
  }
  const char* const end = port.data() + port.size();
  const auto [stop, problem] = std::from_chars(port.data(), end, endpoint.port);
  if (problem != std::errc() || stop != end) fail(fmt::format("'{}' is no port", port));
  return endpoint;
}

Server::Server(const Endpoint& endpoint) : endpoint_(endpoint) {
  const std::string problem = listen();
  if (!problem.empty()) user_error("--gdb {}: error: {}", address(), problem);
}

Server::~Server() {
  if (client_ >= 0) ::close(client_);
  if (listener_ >= 0) ::close(listener_);
}

std::string Server::address() const {
  if (is_ipv6(endpoint_.host)) return fmt::format("[{}]:{}", endpoint_.host, endpoint_.port);
  return fmt::format("{}:{}", endpoint_.host, endpoint_.port);
}

std::string Server::listen() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
  addrinfo* found = nullptr;
  if (::getaddrinfo(endpoint_.host.c_str(), std::to_string(endpoint_.port).c_str(), &hints,
                    &found) != 0)
    return "the host must be an address of this machine, in numbers";
  const int one = 1;
  listener_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool fine =
      listener_ >= 0 && ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
      ::bind(listener_, found->ai_addr, found->ai_addrlen) == 0 && ::listen(listener_, 1) == 0;
  ::freeaddrinfo(found);
  if (!fine) {
    const std::string reason = std::strerror(errno);
    if (listener_ >= 0) ::close(listener_);
    listener_ = -1;
    return "cannot listen there: " + reason;
  }
  if (endpoint_.port != 0) return {};
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size);
  endpoint_.port =
      ntohs(name.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(name).sin6_port
                                       : reinterpret_cast<const sockaddr_in&>(name).sin_port);
  return {};
}

bool Server::ready(int timeout_ms) const {
  return usable() && readable(client_ >= 0 ? client_ : listener_, timeout_ms);
}

bool Server::accept(int timeout_ms) {
  if (listener_ < 0 || !readable(listener_, timeout_ms)) return false;
  client_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client_ < 0) return false;
  ::close(listener_);
  listener_ = -1;
  const int one = 1;
  ::setsockopt(client_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const timeval limit{kSendTimeoutS, 0};
  ::setsockopt(client_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return true;
}

std::string Server::receive(int timeout_ms) {
  if (client_ < 0 || !readable(client_, timeout_ms)) return {};
  std::array<char, 0x8000> buffer;
  const ssize_t count = ::recv(client_, buffer.data(), buffer.size(), 0);
  if (count > 0) return {buffer.data(), static_cast<std::size_t>(count)};
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return {};
  disconnect();
  return {};
}

void Server::send(std::string_view bytes) {
  while (!bytes.empty() && client_ >= 0) {
    const ssize_t count = ::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      disconnect();
    }
  }
}

bool Server::disconnect() {
  if (client_ >= 0) ::close(client_);
  client_ = -1;
  return listener_ >= 0 || listen().empty();
}

}  // namespace aimc::gdb
