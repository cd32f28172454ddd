// SPDX-License-Identifier: Apache-2.0
#include "aimc/gdb/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "aimc/common/error.h"

namespace aimc::gdb {
namespace {

/// A client's socket; -1 if the connection is refused.
int connect_to(const Server& server) {
  const Endpoint place = parse_endpoint(server.address());
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(place.port);
  inet_pton(AF_INET, place.host.c_str(), &address.sin_addr);
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  if (::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return client;
  ::close(client);
  return -1;
}

TEST(Endpoint, IsThisMachineUnlessSaidOtherwise) {
  EXPECT_EQ(parse_endpoint("3333").host, "127.0.0.1");
  EXPECT_EQ(parse_endpoint("3333").port, 3333);
  EXPECT_TRUE(parse_endpoint(":3333").loopback());
  EXPECT_TRUE(parse_endpoint("localhost:3333").loopback());
  EXPECT_TRUE(parse_endpoint("[::1]:3333").loopback());
  EXPECT_FALSE(parse_endpoint("0.0.0.0:3333").loopback());
  for (const char* const bad : {"", "x", "65536", "-1", "3333x", "localhost:", "::1", "[::1]"})
    EXPECT_THROW(parse_endpoint(bad), UserError) << bad;
}

TEST(Server, RefusesASecondClientAndListensAgainAfterTheFirst) {
  Server server(Endpoint{});
  EXPECT_FALSE(server.accept(0));
  const int first = connect_to(server);
  ASSERT_GE(first, 0);
  ASSERT_TRUE(server.accept(1000));
  EXPECT_LT(connect_to(server), 0) << "a second client was let in";
  ASSERT_EQ(::send(first, "hello", 5, 0), 5);
  EXPECT_EQ(server.receive(1000), "hello");
  server.send("bye");
  char reply[4] = {};
  EXPECT_EQ(::recv(first, reply, 3, MSG_WAITALL), 3);
  EXPECT_STREQ(reply, "bye");

  ::close(first);
  EXPECT_EQ(server.receive(1000), "");
  EXPECT_FALSE(server.connected());
  const int again = connect_to(server);
  ASSERT_GE(again, 0);
  EXPECT_TRUE(server.accept(1000));
  ::close(again);
  server.send("nobody there");  // no signal ends the program
  server.send("nobody there");
}

TEST(Server, SaysWhyItCannotListen) {
  Server server(Endpoint{});
  EXPECT_THROW(Server{parse_endpoint(server.address())}, UserError) << "the port is taken";
  EXPECT_THROW((Server{Endpoint{"192.0.2.1", 0}}), UserError) << "not an address of this machine";
  EXPECT_THROW((Server{Endpoint{"example", 0}}), UserError);
}

}  // namespace
}  // namespace aimc::gdb
