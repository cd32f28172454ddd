// SPDX-License-Identifier: Apache-2.0
// SEND, RECEIVE and REPEAT, which every command engine has, against a port made for the test.
#include <gmock/gmock.h>

#include <cstring>
#include <deque>

#include "aimc/common/command_engine.h"
#include "aimc/common/engine_map.h"
#include "aimc/common/engine_regs.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/services.h"

namespace aimc {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::uint64_t kSram = ENGINE_SRAM_OFFSET;

constexpr FieldInfo kFields[] = {{"VALUE", 0, 32, Access::rw, 0, ""}};
constexpr RegisterInfo kRegisters[] = {{"OWN", 0x100, 1, 4, 4, 0, kFields, ""}};
constexpr RegisterMap kMap{"counter", "", 0x200, kRegisters};

/// One command of its own: opcode 1 adds one to the word at the address.
class Counter : public CommandEngine {
 public:
  Counter(const sc_core::sc_module_name& name, Services& services, const EngineConfig& config)
      : CommandEngine(name, services, config, "CNTR", kMap) {}

 protected:
  Outcome execute(std::uint32_t descriptor) override {
    if (load_word(descriptor) != 1) return {ENGINE_ERROR_BAD_OPCODE, descriptor};
    const std::uint32_t address = load_word(descriptor + 4);
    store_word(address, load_word(address) + 1);
    return {};
  }
  std::uint16_t command_name(std::uint32_t) override { return 0; }
};

/// Channel 3 carries vectors of 16 bytes; credits and arrivals are the test's to give.
class FakePort : public StreamPort {
 public:
  std::uint32_t vector_bytes(unsigned channel) const override { return channel == 3 ? 16 : 0; }
  Result send(unsigned, std::span<const std::uint8_t> vector) override {
    if (closed) return Result::refused;
    if (credits == 0) return Result::blocked;
    --credits;
    sent.emplace_back(vector.begin(), vector.end());
    return Result::done;
  }
  Result receive(unsigned, std::uint64_t* offset) override {
    if (closed) return Result::refused;
    if (arrived.empty()) return Result::blocked;
    *offset = arrived.front();
    return Result::done;
  }
  Result release(unsigned) override {
    arrived.pop_front();
    ++released;
    return Result::done;
  }
  const sc_core::sc_event& changed() const override { return changed_; }
  void give_up() override { ++given_up; }
  void tell() { changed_.notify(sc_core::SC_ZERO_TIME); }

  unsigned credits = 0;
  unsigned released = 0;
  unsigned given_up = 0;
  bool closed = false;
  std::vector<Bytes> sent;
  std::deque<std::uint64_t> arrived;

 private:
  sc_core::sc_event changed_;
};

class CommandStreamTest : public ::testing::Test {
 protected:
  CommandStreamTest()
      : engine("engine", services.services,
               {.sram_bytes = 8192,
                .queue_depth = 4,
                .clock_hz = 100e6,
                .sram_bytes_per_cycle = 8,
                .dispatch_cycles = 2}),
        bus("bus"),
        irq("irq_line") {
    bus.out.bind(engine.noc_in);
    engine.irq.bind(irq);
    engine.attach_stream(port);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  void put(std::uint32_t at, const std::vector<std::uint32_t>& words) {
    std::memcpy(&engine.sram()[at], words.data(), words.size() * 4);
  }
  void push(std::uint32_t at) {
    ASSERT_EQ(bus.write(ENGINE_QUEUE_PUSH_OFFSET, at), tlm::TLM_OK_RESPONSE);
  }
  void run(unsigned cycles) { sc_core::sc_start(cycles * 10.0, sc_core::SC_NS); }
  std::uint32_t error() { return bus.read(ENGINE_ERROR_CODE_OFFSET); }
  bool busy() { return ENGINE_STATUS_BUSY_GET(bus.read(ENGINE_STATUS_OFFSET)) != 0; }
  Bytes at(std::uint32_t address) {
    return {engine.sram().begin() + address, engine.sram().begin() + address + 16};
  }

  testing::TestServices services;
  Counter engine;
  testing::BusMaster bus;
  sc_core::sc_signal<bool> irq;
  FakePort port;
};

TEST_F(CommandStreamTest, SendTakesDispatchAndTheWayOutOfSramThenWaitsForACredit) {
  put(0, {ENGINE_STREAM_SEND, 3, 0x100, 0, 0});
  std::fill_n(&engine.sram()[0x100], 16, std::uint8_t{7});
  push(0);
  run(10);
  EXPECT_TRUE(busy());
  EXPECT_TRUE(port.sent.empty());
  port.credits = 1;
  port.tell();
  run(1);
  EXPECT_FALSE(busy());
  EXPECT_EQ(port.sent, std::vector<Bytes>{Bytes(16, 7)});
  EXPECT_EQ(bus.read(ENGINE_DONE_COUNT_OFFSET), 1u);
  port.credits = 1;
  push(0);
  run(3);
  EXPECT_TRUE(busy()) << "2 cycles of dispatch, 16 bytes at 8 a cycle";
  run(2);
  EXPECT_FALSE(busy());
}

TEST_F(CommandStreamTest, ReceiveCopiesTheVectorAndGivesItsPlaceBack) {
  put(0, {ENGINE_STREAM_RECEIVE, 3, 0x200, 0, 0});
  push(0);
  run(20);
  EXPECT_TRUE(busy());
  std::fill_n(&engine.sram()[0x400], 16, std::uint8_t{9});
  port.arrived.push_back(kSram + 0x400);
  port.tell();
  run(5);
  EXPECT_FALSE(busy());
  EXPECT_EQ(at(0x200), Bytes(16, 9));
  EXPECT_EQ(port.released, 1u);
}

TEST_F(CommandStreamTest, RepeatRunsItsListInOrderAsOneCommand) {
  put(0, {ENGINE_STREAM_REPEAT, 0, 0x80, 3, 5});
  put(0x80, {0x20, 0x40, 0x60});
  put(0x20, {1, 0x300});
  put(0x40, {ENGINE_STREAM_SEND, 3, 0x300, 0, 0});
  put(0x60, {1, 0x304});
  port.credits = 5;
  push(0);
  run(100);
  EXPECT_FALSE(busy());
  ASSERT_EQ(port.sent.size(), 5u);
  for (std::uint8_t n = 0; n < 5; ++n) {
    EXPECT_EQ(port.sent[n][0], n + 1);
    EXPECT_EQ(port.sent[n][4], n);
  }
  EXPECT_EQ(bus.read(ENGINE_DONE_COUNT_OFFSET), 1u);
}

TEST_F(CommandStreamTest, SaysWhichCommandOfAListFailed) {
  put(0, {ENGINE_STREAM_REPEAT, 0, 0x80, 2, 2});
  put(0x80, {0x20, 0x40});
  put(0x20, {1, 0x300});
  put(0x40, {77});
  push(0);
  run(50);
  EXPECT_EQ(error(), ENGINE_ERROR_BAD_OPCODE);
  EXPECT_EQ(bus.read(ENGINE_ERROR_COMMAND_OFFSET), 0x40u);
}

TEST_F(CommandStreamTest, RefusesWhatCannotBe) {
  struct Case {
    std::vector<std::uint32_t> words;
    std::uint32_t error;
    std::uint32_t address;
  };
  const Case cases[] = {
      {{ENGINE_STREAM_SEND, 4, 0x100, 0, 0}, ENGINE_ERROR_NO_STREAM, 4},
      {{ENGINE_STREAM_SEND, 3, 8192 - 12, 0, 0}, ENGINE_ERROR_SRAM_RANGE, 8192 - 12},
      {{ENGINE_STREAM_RECEIVE, 3, 8192, 0, 0}, ENGINE_ERROR_SRAM_RANGE, 8192},
      {{ENGINE_STREAM_REPEAT, 0, 0x80, 0, 1}, ENGINE_ERROR_BAD_ARGUMENT, 12},
      {{ENGINE_STREAM_REPEAT, 0, 0x80, 1, 0}, ENGINE_ERROR_BAD_ARGUMENT, 16},
      {{ENGINE_STREAM_REPEAT, 0, 8190, 1, 1}, ENGINE_ERROR_SRAM_RANGE, 8190},
      {{ENGINE_STREAM_REPEAT, 0, 0x84, 1, 1}, ENGINE_ERROR_BAD_OPCODE, 0},  // a list in a list
  };
  put(0x84, {0});
  for (const Case& one : cases) {
    put(0, one.words);
    push(0);
    run(20);
    EXPECT_EQ(error(), one.error) << one.words[0] << " " << one.words[2];
    EXPECT_EQ(bus.read(ENGINE_ERROR_ADDRESS_OFFSET), one.address);
    bus.write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
    run(1);
  }
}

TEST_F(CommandStreamTest, FailsWhenTheChannelCloses) {
  put(0, {ENGINE_STREAM_SEND, 3, 0x100, 0, 0});
  push(0);
  run(20);
  port.closed = true;
  port.tell();
  run(1);
  EXPECT_EQ(error(), ENGINE_ERROR_NO_STREAM);
}

TEST_F(CommandStreamTest, ResetFreesACommandThatWaits) {
  put(0, {ENGINE_STREAM_RECEIVE, 3, 0x100, 0, 0});
  push(0);
  run(20);
  bus.write(ENGINE_CTRL_OFFSET, ENGINE_CTRL_RESET_MASK);
  run(1);
  EXPECT_FALSE(busy());
  EXPECT_EQ(port.given_up, 1u);
  put(0, {1, 0x300});
  push(0);
  run(5);
  EXPECT_EQ(bus.read(ENGINE_DONE_COUNT_OFFSET), 1u);
}

}  // namespace
}  // namespace aimc
