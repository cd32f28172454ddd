// SPDX-License-Identifier: Apache-2.0
// Random traffic over every setting that the configuration accepts: nothing is lost, doubled,
// corrupted or handed over out of order, and the network always drains.
//
// AIMC_NOC_FLITS flits in all (10^6 in CI, 10^8 nightly), fixed seeds: no false alarms. The network
// itself throws when a flit arrives that is not the next one of its packet.
#include <gtest/gtest.h>

#include <unordered_map>

#include "aimc/common/error.h"
#include "aimc/noc/flit/network.h"
#include "aimc/noc/flit/traffic.h"

namespace aimc::noc::flit {
namespace {

constexpr std::uint64_t kFlits = AIMC_NOC_FLITS;
constexpr unsigned kLongest = 9;

// Knows what is on the way.
class Ledger : public Receiver {
 public:
  void sent(std::uint64_t tag, const PacketSpec& packet, unsigned copies) {
    open_[tag] = {packet, copies,
                  sent_[flow(packet.source, packet.destination, packet.message_class)]++};
  }
  void delivered(const Delivery& d) override {
    const auto at = open_.find(d.tag);
    ASSERT_NE(at, open_.end()) << "a packet that was not sent, or twice";
    const Entry& entry = at->second;
    ASSERT_EQ(entry.packet.source, d.source);
    ASSERT_EQ(entry.packet.flits, d.flits);
    ASSERT_GE(d.injected, d.created);
    ASSERT_GT(d.arrived, d.injected);
    if (entry.packet.destination != kTree) {
      ASSERT_EQ(entry.packet.destination, d.destination);
      ASSERT_EQ(entry.number, received_[flow(d.source, d.destination, d.message_class)]++)
          << "out of order";
    }
    if (--at->second.copies == 0) open_.erase(at);
  }
  bool empty() const { return open_.empty(); }
  static constexpr unsigned kTree = ~0u;

 private:
  struct Entry {
    PacketSpec packet;
    unsigned copies = 1;
    std::uint64_t number = 0;
  };
  static std::uint64_t flow(unsigned source, unsigned destination, unsigned message_class) {
    return (std::uint64_t{source} << 32 | destination) * 4 + message_class;
  }
  std::unordered_map<std::uint64_t, Entry> open_;
  std::unordered_map<std::uint64_t, std::uint64_t> sent_;
  std::unordered_map<std::uint64_t, std::uint64_t> received_;
};

void add_faults(Config& config, Random& random) {
  for (unsigned i = random.below(4); i > 0; --i)
    config.dead_links.push_back(
        {random.below(config.routers()), static_cast<Direction>(random.below(kNeighbours))});
  if (random.below(4) == 0) config.dead_routers.push_back(random.below(config.routers()));
}

// Sends `budget` flits as fast as the queues take them, with sinks that stop at random.
std::uint64_t exercise(const Config& config, std::uint64_t budget, Random& random) {
  Ledger ledger;
  Network network(config, ledger);
  std::vector<unsigned> tree;
  if (config.multicast_channels != 0 && config.dead_links.empty() && config.dead_routers.empty())
    for (unsigned i = 0; i < 4; ++i) {
      std::vector<unsigned> to(1 + random.below(6));
      for (unsigned& endpoint : to) endpoint = random.below(config.endpoints());
      tree.push_back(network.add_tree(random.below(config.endpoints()), to));
    }
  const bool hot = random.below(3) == 0;
  const unsigned hot_endpoint = random.below(config.endpoints());
  std::uint64_t sent = 0;
  std::uint64_t tag = 0;
  unsigned idle_rounds = 0;  // faults may have cut everybody off
  while (sent < budget && idle_rounds < 1000) {
    const std::uint64_t before = sent;
    for (unsigned i = 0; i < config.endpoints(); ++i) {
      PacketSpec packet;
      packet.source = random.below(config.endpoints());
      packet.destination =
          hot && random.below(2) == 0 ? hot_endpoint : random.below(config.endpoints());
      packet.message_class = random.below(config.message_classes);
      packet.flits = 1 + random.below(kLongest);
      packet.created = network.cycle();
      packet.tag = ++tag;
      if (!tree.empty() && random.below(8) == 0) {
        const unsigned number = tree[random.below(static_cast<unsigned>(tree.size()))];
        packet.source = network.tree_source(number);
        packet.destination = Ledger::kTree;
        if (!network.can_inject(packet.source, config.message_classes)) continue;
        ledger.sent(tag, packet, network.tree_leaves(number));
        network.multicast(packet, number);
      } else {
        if (!network.can_inject(packet.source, packet.message_class) ||
            !network.reachable(packet.source, packet.destination))
          continue;
        ledger.sent(tag, packet, 1);
        network.inject(packet);
      }
      sent += packet.flits;
    }
    idle_rounds = sent == before ? idle_rounds + 1 : 0;
    if (random.below(8) == 0)
      network.stall_sink(random.below(config.endpoints()), network.cycle() + random.below(200));
    network.advance(network.cycle() + 1 + random.below(20));
  }
  network.advance(network.cycle() + 1000000);
  EXPECT_FALSE(network.busy()) << network.waiting_cycle();
  EXPECT_TRUE(ledger.empty());
  return sent;
}

std::vector<Config> accepted_settings(Random& random) {
  std::vector<Config> result;
  for (const Routing routing : {Routing::xy, Routing::yx, Routing::o1turn, Routing::west_first,
                                Routing::odd_even, Routing::minimal})
    for (const bool torus : {false, true})
      for (const unsigned classes : {1u, 2u})
        for (const unsigned channels : {1u, 2u, 3u, 4u, 6u, 8u})
          for (const unsigned buffer : {1u, 2u, 4u, 8u})
            for (const bool p2 : {false, true}) {
              Config config;
              config.columns = 1 + random.below(6);
              config.rows = 1 + random.below(6);
              config.ports = 1 + random.below(2);
              config.torus = torus;
              config.message_classes = classes;
              config.virtual_channels = channels;
              config.buffer_flits = buffer;
              if (p2) config.pipeline = Pipeline::p2();
              config.pipeline.credit_delay = random.below(3);
              config.allocator = random.below(2) == 0 ? Allocator::islip : Allocator::separable;
              config.routing = routing;
              config.ordered = true;
              config.injection_queue_packets = 1 + random.below(4);
              if (!torus && random.below(2) == 0) {
                config.multicast_channels = 1 + random.below(2);
                config.multicast_buffer_flits = kLongest + random.below(4);
              }
              if (random.below(3) == 0) add_faults(config, random);
              try {
                check(config);
                result.push_back(config);
              } catch (const UserError&) {
                // Refused: could deadlock or has too few channels.
              }
            }
  return result;
}

class PropertyTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(PropertyTest, NothingIsLostDoubledCorruptedOrReorderedAndAllDrains) {
  Random random(GetParam());
  const std::vector<Config> settings = accepted_settings(random);
  ASSERT_GT(settings.size(), 250u);
  std::uint64_t sent = 0;
  for (const Config& config : settings) {
    SCOPED_TRACE(::testing::Message()
                 << to_string(config.routing) << (config.torus ? " torus " : " mesh ")
                 << config.columns << "x" << config.rows << " classes " << config.message_classes
                 << " channels " << config.virtual_channels << " buffer " << config.buffer_flits);
    ASSERT_NO_THROW(sent += exercise(config, kFlits / 4 / settings.size(), random));
    if (HasFailure()) return;
  }
  EXPECT_GE(sent, kFlits / 5);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PropertyTest, ::testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace aimc::noc::flit
