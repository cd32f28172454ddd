// SPDX-License-Identifier: Apache-2.0
#include "aimc/bus/bus.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "aimc/common/error.h"
#include "aimc/common/registry.h"
#include "aimc/testing/bus_master.h"
#include "aimc/testing/services.h"

namespace aimc::bus {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using testing::BusMaster;
using testing::TestServices;

/// A target that notes what it saw.
class Probe : public sc_core::sc_module {
 public:
  explicit Probe(const sc_core::sc_module_name& name) : sc_module(name), in("in") {
    in.register_b_transport(this, &Probe::b_transport);
    in.register_get_direct_mem_ptr(this, &Probe::get_direct_mem_ptr);
    in.register_transport_dbg(this, &Probe::transport_dbg);
  }
  tlm_utils::simple_target_socket<Probe> in;
  std::uint64_t address = ~std::uint64_t{0};
  tlm::tlm_response_status answer = tlm::TLM_OK_RESPONSE;
  std::uint64_t direct_end = 0xfff;
  unsigned char memory[0x1000] = {};

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_time& delay) {
    address = txn.get_address();
    delay += sc_time(100, SC_NS);
    txn.set_response_status(answer);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
    address = txn.get_address();
    dmi.set_start_address(0x100);
    dmi.set_end_address(direct_end);
    dmi.set_dmi_ptr(memory + 0x100);
    dmi.allow_read();
    return txn.is_read();
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& txn) {
    address = txn.get_address();
    return txn.get_data_length();
  }
};

/// An initiator that notes which direct regions are withdrawn.
class Master : public BusMaster {
 public:
  explicit Master(const sc_core::sc_module_name& name) : BusMaster(name) {
    out.register_invalidate_direct_mem_ptr(
        this, static_cast<void (BusMaster::*)(sc_dt::uint64, sc_dt::uint64)>(&Master::invalidate));
  }
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last) { withdrawn = {first, last}; }
  std::pair<std::uint64_t, std::uint64_t> withdrawn{};
};

/// 100 MHz: one cycle is 10 ns; hop 20 ns; 4 bytes a cycle.
class BusTest : public ::testing::Test {
 protected:
  BusTest()
      : bus("bus", {.clock_hz = 100e6, .hop_cycles = 2, .bytes_per_cycle = 4}, services.services),
        low("low"),
        high("high"),
        cpu("cpu"),
        dma("dma") {
    bus.attach_target("low", low.in, {.base = 0x1000, .size = 0x1000});
    bus.attach_target("high", high.in, {.base = 0x8000'0000, .size = 0x800});
    cpu.out.bind(bus.attach_initiator("cpu", {}));
    dma.out.bind(bus.attach_initiator("dma", {}));
  }
  TestServices services;
  Bus bus;
  Probe low;
  Probe high;
  Master cpu;
  Master dma;
};

TEST_F(BusTest, RoutesByAddressAndSubtractsTheBase) {
  EXPECT_EQ(cpu.write(0x1004, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(low.address, 4u);
  EXPECT_EQ(cpu.write(0x8000'07fc, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(high.address, 0x7fcu);
  EXPECT_EQ(dma.write(0x1ffc, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(low.address, 0xffcu);
}

TEST_F(BusTest, GivesTheAddressBackAsItWas) {
  std::uint32_t word = 0;
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(0x1010);
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
  txn.set_data_length(4);
  txn.set_streaming_width(4);
  sc_time delay;
  cpu.out->b_transport(txn, delay);
  EXPECT_EQ(txn.get_address(), 0x1010u);
  cpu.out->transport_dbg(txn);
  EXPECT_EQ(low.address, 0x10u);
  EXPECT_EQ(txn.get_address(), 0x1010u);
}

TEST_F(BusTest, AnswersUnmappedAddressesWithAnError) {
  for (const std::uint64_t hole : {0x0ull, 0xfffull, 0x2000ull, 0x8000'0800ull, ~0ull}) {
    cpu.read(hole);
    EXPECT_EQ(cpu.status, tlm::TLM_ADDRESS_ERROR_RESPONSE) << std::hex << hole;
  }
  EXPECT_EQ(low.address, ~std::uint64_t{0}) << "no target may see them";
}

TEST_F(BusTest, RefusesTransactionsThatCrossTheEndOfARange) {
  EXPECT_EQ(cpu.write(0x1ffd, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(low.address, ~std::uint64_t{0});
}

TEST_F(BusTest, TellsObserversOfReadsAndWritesThatWentWell) {
  std::vector<std::string> seen;
  bus.add_observer(
      [&seen](const std::string& port, const tlm::tlm_generic_payload& txn, std::uint64_t length) {
        seen.push_back(fmt::format("{} {} {:#x} {}", port, txn.is_write() ? "writes" : "reads",
                                   txn.get_address(), length));
      });
  cpu.write(0x1004, 1);
  dma.read(0x8000'0010);
  dma.write_bytes(0x8000'0100, std::vector<std::uint8_t>(17));
  cpu.write(0x5000, 1);  // nothing is there
  low.answer = tlm::TLM_COMMAND_ERROR_RESPONSE;
  cpu.write(0x1004, 1);
  tlm::tlm_generic_payload debug;
  std::uint32_t word = 0;
  debug.set_command(tlm::TLM_WRITE_COMMAND);
  debug.set_address(0x1010);
  debug.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
  debug.set_data_length(4);
  cpu.out->transport_dbg(debug);
  EXPECT_THAT(seen, ::testing::ElementsAre("cpu writes 0x1004 4", "dma reads 0x80000010 4",
                                           "dma writes 0x80000100 17"));
}

TEST_F(BusTest, AddsHopTransferAndTargetTime) {
  cpu.write(0x1000, 1);
  EXPECT_EQ(cpu.delay, sc_time(20 + 10 + 100, SC_NS));
  cpu.write_bytes(0x8000'0000, std::vector<std::uint8_t>(17));
  EXPECT_EQ(cpu.delay, sc_time(20 + 50 + 100, SC_NS)) << "17 bytes are 5 cycles of 4 bytes";
}

TEST_F(BusTest, MakesTwoInitiatorsOfOneTargetWaitForEachOther) {
  const std::vector<std::uint8_t> burst(40);
  cpu.write_bytes(0x1000, burst);
  EXPECT_EQ(cpu.delay, sc_time(20 + 100 + 100, SC_NS));
  dma.write(0x1000, 1);
  EXPECT_EQ(dma.delay, sc_time(20 + 100 + 10 + 100, SC_NS)) << "waits for the burst's 100 ns";
  dma.write(0x8000'0000, 1);
  EXPECT_EQ(dma.delay, sc_time(20 + 10 + 100, SC_NS)) << "another target is free";
}

TEST_F(BusTest, ForwardsErrorsOfTargetsAndCountsThem) {
  low.answer = tlm::TLM_COMMAND_ERROR_RESPONSE;
  EXPECT_EQ(cpu.write(0x1000, 1), tlm::TLM_COMMAND_ERROR_RESPONSE);
  cpu.write(0x8000'0000, 1);
  dma.write(0x8000'0004, 1);
  cpu.read(0);
  nlohmann::ordered_json stats;
  bus.report(stats);
  EXPECT_EQ(stats["transactions"], 3);
  EXPECT_EQ(stats["bytes"], 12);
  EXPECT_EQ(stats["errors"], 1);
  EXPECT_EQ(stats["unmapped"], 1);
  EXPECT_EQ(stats["targets"]["high"]["transactions"], 2);
  EXPECT_DOUBLE_EQ(stats["targets"]["high"]["busy_s"], 20e-9);
  EXPECT_DOUBLE_EQ(stats["targets"]["high"]["wait_s"], 10e-9);
  EXPECT_EQ(stats["targets"]["low"]["errors"], 1);
}

TEST_F(BusTest, TranslatesDirectRegionsIntoItsOwnAddresses) {
  tlm::tlm_generic_payload txn;
  tlm::tlm_dmi dmi;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(0x1200);
  ASSERT_TRUE(cpu.out->get_direct_mem_ptr(txn, dmi));
  EXPECT_EQ(low.address, 0x200u);
  EXPECT_EQ(txn.get_address(), 0x1200u);
  EXPECT_EQ(dmi.get_start_address(), 0x1100u);
  EXPECT_EQ(dmi.get_end_address(), 0x1fffu);
  EXPECT_EQ(dmi.get_dmi_ptr(), low.memory + 0x100);
  txn.set_command(tlm::TLM_WRITE_COMMAND);
  EXPECT_FALSE(cpu.out->get_direct_mem_ptr(txn, dmi));
  txn.set_address(0x5000);
  EXPECT_FALSE(cpu.out->get_direct_mem_ptr(txn, dmi));
}

TEST_F(BusTest, CutsDirectRegionsAtTheEndOfTheRange) {
  tlm::tlm_generic_payload txn;
  tlm::tlm_dmi dmi;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(0x8000'0200);
  high.direct_end = ~std::uint64_t{0};
  ASSERT_TRUE(cpu.out->get_direct_mem_ptr(txn, dmi));
  EXPECT_EQ(dmi.get_start_address(), 0x8000'0100u);
  EXPECT_EQ(dmi.get_end_address(), 0x8000'07ffu);
}

TEST_F(BusTest, WithdrawsDirectRegionsFromAllInitiators) {
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // completes the binding of the backward paths
  low.in->invalidate_direct_mem_ptr(0x10, ~std::uint64_t{0});
  EXPECT_EQ(cpu.withdrawn, std::make_pair(std::uint64_t{0x1010}, std::uint64_t{0x1fff}));
  EXPECT_EQ(dma.withdrawn, cpu.withdrawn);
}

TEST_F(BusTest, RefusesOverlappingRangesAndNamesBoth) {
  Probe other("other");
  try {
    bus.attach_target("other", other.in, {.base = 0x1fff, .size = 2});
    FAIL() << "the overlap was accepted";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "'other' 0x1fff-0x2000 overlaps 'low' 0x1000-0x1fff");
  }
  EXPECT_THROW(bus.attach_target("other", other.in, {.base = 0x3000, .size = 0}), UserError);
  EXPECT_THROW(bus.attach_target("other", other.in, {.base = ~std::uint64_t{0}, .size = 2}),
               UserError);
}

TEST_F(BusTest, MakesItsSocketsItsOwnChildren) {
  EXPECT_NE(sc_core::sc_find_object("bus.cpu_in"), nullptr);
  EXPECT_NE(sc_core::sc_find_object("bus.low_out"), nullptr);
}

/// Keeps the events of a trace.
class EventLog : public trace::Sink {
 public:
  explicit EventLog(std::vector<trace::Event>& events) : events_(events) {}
  void open(const trace::Names&) override {}
  void consume(const trace::Event* events, std::size_t count) override {
    events_.insert(events_.end(), events, events + count);
  }
  bool close() override { return true; }

 private:
  std::vector<trace::Event>& events_;
};

TEST_F(BusTest, TracesTransfersWithoutChangingThem) {
  std::vector<trace::Event> events;
  services.hub.add_sink(std::make_unique<EventLog>(events));
  cpu.write(0x1000, 1);
  services.hub.select({});
  dma.write(0x1008, 1);
  EXPECT_EQ(dma.delay, sc_time(20 + 10 + 10 + 100, SC_NS));
  services.hub.close();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].time_ps, 30'000u);
  EXPECT_EQ(events[0].value, 0x1008u);
  EXPECT_EQ(events[0].name, services.hub.intern("write"));
  EXPECT_EQ(events[1].time_ps, 40'000u);
}

TEST_F(BusTest, ForgetsBookingsByReset) {
  cpu.write_bytes(0x1000, std::vector<std::uint8_t>(400));
  bus.reset();
  dma.write(0x1000, 1);
  EXPECT_EQ(dma.delay, sc_time(20 + 10 + 100, SC_NS));
}

TEST(BusKindTest, ReadsItsParametersAndRefusesBadOnes) {
  Registry registry;
  registry.add<Bus>("bus", "");
  const IpKind& kind = registry.find("bus", {});
  EXPECT_EQ(kind.defaults().size(), 3u);
  EXPECT_THROW(kind.parameters("x", load_yaml_text("{bytes_per_cycle: 0}", "p.yaml")), UserError);
}

TEST_F(BusTest, DecodesAsABruteForceSearchDoes) {
  std::vector<std::unique_ptr<Probe>> probes;
  std::vector<std::uint64_t> bases;
  for (unsigned i = 0; i < 40; ++i) {
    probes.push_back(std::make_unique<Probe>(fmt::format("p{}", i).c_str()));
    bases.push_back(0x10000 + 0x1000 * ((i * 17) % 40));
    bus.attach_target(probes.back()->name(), probes.back()->in,
                      {.base = bases.back(), .size = 0x400u + 0x10 * i});
  }
  for (std::uint64_t address = 0x10000; address < 0x10000 + 0x28000; address += 0x1fc) {
    unsigned expected = 40;
    for (unsigned i = 0; i < 40; ++i)
      if (address >= bases[i] && address + 4 <= bases[i] + 0x400 + 0x10 * i) expected = i;
    const auto status = cpu.write(address, 0);
    ASSERT_EQ(status == tlm::TLM_OK_RESPONSE, expected < 40) << std::hex << address;
    if (expected < 40) {
      ASSERT_EQ(probes[expected]->address, address - bases[expected]);
    }
  }
}

}  // namespace
}  // namespace aimc::bus
