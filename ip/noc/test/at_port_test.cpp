// SPDX-License-Identifier: Apache-2.0
// The non-blocking protocol at the network interface, and direct memory pointers.
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <deque>
#include <map>

#include "aimc/noc/noc.h"
#include "bench.h"

namespace aimc::noc {
namespace {

using namespace aimc::noc::testing;

/// Sends words as fast as the protocol lets it; notes when requests and responses end.
class AtMaster : public sc_core::sc_module, private tlm::tlm_mm_interface {
 public:
  tlm_utils::simple_initiator_socket<AtMaster> out;

  explicit AtMaster(const sc_core::sc_module_name& name) : sc_module(name), out("out") {
    out.register_nb_transport_bw(this, &AtMaster::backward);
    SC_HAS_PROCESS(AtMaster);
    SC_THREAD(run);
  }
  struct Item {
    std::uint64_t address;
    std::uint32_t word;
    bool write;
    std::uint64_t accepted_ps = 0;
    std::uint64_t answered_ps = 0;
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
  };
  std::deque<Item> items;
  std::vector<std::size_t> answers;  // in order
  sc_core::sc_time response_time;    // END_RESP comes this much later; zero: at once
  int freed = 0;
  int overlapping_responses = 0;

 private:
  void run() {
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto* const txn = new tlm::tlm_generic_payload(this);
      txn->acquire();
      index_[txn] = i;
      txn->set_command(items[i].write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
      txn->set_address(items[i].address);
      txn->set_data_ptr(reinterpret_cast<unsigned char*>(&items[i].word));
      txn->set_data_length(4);
      txn->set_streaming_width(4);
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay;
      const auto result = out->nb_transport_fw(*txn, phase, delay);
      if (result == tlm::TLM_ACCEPTED) {
        wait(accepted_);
      } else {
        ASSERT_EQ(result, tlm::TLM_UPDATED);
        ASSERT_EQ(phase, tlm::END_REQ);
        wait(delay);
      }
      items[i].accepted_ps = now_ps();
    }
  }
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& txn, tlm::tlm_phase& phase,
                              sc_core::sc_time&) {
    if (phase == tlm::END_REQ) {
      accepted_.notify(sc_core::SC_ZERO_TIME);
      return tlm::TLM_ACCEPTED;
    }
    EXPECT_EQ(phase, tlm::BEGIN_RESP);
    if (open_ != nullptr) ++overlapping_responses;
    Item& item = items[index_.at(&txn)];
    item.answered_ps = now_ps();
    item.status = txn.get_response_status();
    answers.push_back(index_.at(&txn));
    if (response_time == sc_core::SC_ZERO_TIME) {
      txn.release();
      return tlm::TLM_COMPLETED;
    }
    open_ = &txn;
    sc_core::sc_spawn([this, &txn] {
      wait(response_time);
      open_ = nullptr;
      tlm::tlm_phase end = tlm::END_RESP;
      sc_core::sc_time delay;
      out->nb_transport_fw(txn, end, delay);
      txn.release();
    });
    return tlm::TLM_ACCEPTED;
  }
  void free(tlm::tlm_generic_payload* txn) override {
    ++freed;
    delete txn;
  }
  std::map<tlm::tlm_generic_payload*, std::size_t> index_;
  tlm::tlm_generic_payload* open_ = nullptr;
  sc_core::sc_event accepted_;
};

struct AtBench : Bench {
  explicit AtBench(const NocConfig& config) : Bench(config) {
    master.out.bind(noc.attach_initiator("master", {0, 0, 1, 0, 0}));
    for (unsigned endpoint = 0; endpoint < 16; ++endpoint) target(endpoint);
  }
  void run(double us) { sc_core::sc_start(us, sc_core::SC_US); }
  AtMaster master{"master"};
};

NocConfig narrow(unsigned queue, unsigned outstanding) {
  NocConfig config = mesh(4, 4);
  config.fabric.injection_packets = queue;
  config.outstanding = outstanding;
  return config;
}

TEST(AtPortTest, CarriesWritesAndReadsInTheTimeOfTheWay) {
  AtBench bench(narrow(8, 4));
  bench.targets[2]->bytes[8] = 0x77;
  bench.master.items = {{window(2), 0x11223344, true}, {window(2) + 8, 0, false}};
  bench.run(10);
  EXPECT_EQ(bench.targets[2]->bytes[0], 0x44);
  EXPECT_EQ(bench.master.items[1].word, 0x77u);
  EXPECT_EQ(bench.master.items[0].status, tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.master.items[0].answered_ps, one_way(1, 2) + one_way(1, 1));
  EXPECT_EQ(bench.master.freed, 2);
}

TEST(AtPortTest, OverlapsTransactionsAndAnswersThoseOfOneDestinationInOrder) {
  AtBench bench(narrow(64, 8));
  for (std::uint32_t i = 0; i < 60; ++i)
    bench.master.items.push_back({window(i % 2 == 0 ? 15 : 2) + 4 * i, i, true});
  bench.run(20);
  ASSERT_EQ(bench.master.answers.size(), 60u);
  std::size_t last[2] = {0, 0};
  for (const std::size_t index : bench.master.answers) {
    EXPECT_GE(index, last[index % 2]);
    last[index % 2] = index;
  }
  const std::uint64_t alone = one_way(5, 2) + one_way(5, 1);
  EXPECT_LT(bench.master.items[59].answered_ps, 60 * alone / 4) << "eight at a time";
  for (std::uint32_t i = 0; i < 60; ++i)
    EXPECT_EQ(bench.targets[i % 2 == 0 ? 15 : 2]->bytes[4 * i], i);
}

TEST(AtPortTest, HoldsTheInitiatorBackWhenItsQueueIsFull) {
  AtBench bench(narrow(2, 1));
  for (std::uint32_t i = 0; i < 8; ++i) bench.master.items.push_back({window(15) + 4 * i, i, true});
  bench.run(20);
  const std::uint64_t round = one_way(5, 2) + one_way(5, 1);
  const auto& items = bench.master.items;
  EXPECT_LT(items[1].accepted_ps, round);
  // Two in the queue and one in the network: the rest is accepted one by one as they end.
  EXPECT_GE(items[5].accepted_ps, 2 * round);
  EXPECT_GE(items[7].accepted_ps, 4 * round);
  EXPECT_EQ(bench.master.answers.size(), 8u);
}

TEST(AtPortTest, WaitsForTheEndOfEachResponse) {
  AtBench bench(narrow(16, 8));
  bench.master.response_time = sc_core::sc_time(100, sc_core::SC_NS);
  for (std::uint32_t i = 0; i < 10; ++i)
    bench.master.items.push_back({window(i % 16) + 4 * i, i, true});
  bench.run(20);
  EXPECT_EQ(bench.master.answers.size(), 10u);
  EXPECT_EQ(bench.master.overlapping_responses, 0);
  EXPECT_EQ(bench.master.freed, 10);
  EXPECT_GE(bench.master.items[bench.master.answers.back()].answered_ps, 900000u);
}

TEST(AtPortTest, CarriesErrorsBack) {
  AtBench bench(narrow(16, 2));
  bench.targets[3]->fail_at = 16;
  bench.master.items = {{window(3) + 16, 1, true}, {0x80000000, 1, true}, {window(3), 1, true}};
  bench.run(20);
  EXPECT_EQ(bench.master.items[0].status, tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(bench.master.items[1].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.master.items[2].status, tlm::TLM_OK_RESPONSE);
}

/// A target with direct memory pointers.
struct DirectMemory : sc_core::sc_module {
  tlm_utils::simple_target_socket<DirectMemory> in;
  std::vector<unsigned char> bytes = std::vector<unsigned char>(256);
  explicit DirectMemory(const sc_core::sc_module_name& name) : sc_module(name), in("in") {
    in.register_b_transport(this, &DirectMemory::b_transport);
    in.register_get_direct_mem_ptr(this, &DirectMemory::direct);
  }
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time&) {
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  bool direct(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
    dmi.allow_read_write();
    dmi.set_dmi_ptr(bytes.data());
    dmi.set_start_address(0);
    dmi.set_end_address(255);
    return true;
  }
};

// That it is denied otherwise is in NocTest.RestoresThePayloadAndDeniesDmi.
TEST(AtPortTest, GrantsDirectMemoryToAPlatformThatAsksForIt) {
  NocConfig config = mesh(4, 4);
  config.dmi = "debug";
  Bench bench(config);
  DirectMemory memory("memory");
  bench.noc.attach_target("memory", memory.in, {0, 0, 2, 1, 0});
  bench.start();
  tlm::tlm_generic_payload txn;
  tlm::tlm_dmi dmi;
  txn.set_address(window(6) + 16);
  EXPECT_TRUE(bench.host.out->get_direct_mem_ptr(txn, dmi));
  EXPECT_EQ(dmi.get_start_address(), window(6));
  EXPECT_EQ(dmi.get_end_address(), window(6) + 255);
  EXPECT_EQ(dmi.get_dmi_ptr(), memory.bytes.data());
  EXPECT_EQ(txn.get_address(), window(6) + 16);
  txn.set_address(window(7));
  EXPECT_FALSE(bench.host.out->get_direct_mem_ptr(txn, dmi));
}

}  // namespace
}  // namespace aimc::noc
