// SPDX-License-Identifier: Apache-2.0
// Random bytes from a debugger's client: first byte 0 for a raw stream, otherwise lines that become
// packets with right checksums. Whatever comes, replies stay well-formed.
#include <cstdlib>

#include "aimc/gdb/session.h"
#include "aimc/gdb/stop_points.h"
#include "fake_target.h"

namespace {

using namespace aimc::gdb;

/// Replies are packets that a client can cut, no longer than announced.
void check(std::string_view bytes) {
  PacketReader reader;
  reader.feed(bytes);
  while (const auto incoming = reader.next())
    if (incoming->kind == Incoming::Kind::bad_checksum ||
        incoming->kind == Incoming::Kind::too_long || incoming->kind == Incoming::Kind::interrupt)
      std::abort();
}

/// A target whose stop points are looked at, as harts do.
class Machine : public aimc::gdb::testing::FakeTarget {
 public:
  void insert(const StopPoint& point) override {
    if (count_++ < 1000) points_.insert(point);
  }
  void remove(const StopPoint& point) override { points_.remove(point); }
  void resume(const std::vector<Action>& wanted) override {
    if (wanted.size() != threads()) std::abort();
    for (std::uint32_t pc = 0; pc < 64; pc += 2) points_.breakpoint(pc);
    points_.watch(0xfffffffe, 4, true, true);
    points_.watch(0, 1, false, true);
  }

 private:
  StopPoints points_;
  int count_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Machine target;
  Session session(
      target, [](std::string_view bytes) { check(bytes); }, Stop{});
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] == 0) {
    session.receive(text);
    session.stopped({12, Signal::trap, StopPoint::Kind::write, 0x1000});
    session.receive(text);
    session.exited(3);
    return 0;
  }
  Scanner lines(text);
  while (!lines.done()) {
    session.receive(frame(lines.until('\n')));
    if (session.running()) session.stopped({1, Signal::interrupt});
  }
  session.killed();
  return 0;
}
