// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "aimc/noc/fabric.h"
#include "aimc/noc/flit/network.h"
#include "aimc/noc/routes.h"

namespace aimc::noc {

/// What the flit level needs of the simulation kernel, so that it can let time pass.
class FlitHost {
 public:
  virtual ~FlitHost() = default;
  /// Time until a process other than the driver may run [ps]; 0 if one still may at this time.
  virtual std::uint64_t quiet_ps() const = 0;
  /// Calls `FlitFabric::drive` after this time, or earlier if asked for earlier before.
  virtual void drive_after(std::uint64_t delay_ps) = 0;
  /// Suspends the calling thread until `resume` with the same key. Resumption may come first.
  virtual void suspend(const void* key) = 0;
  virtual void resume(const void* key) = 0;
};

/// The flit level: packets move flit by flit through the routers of `flit::Network` as simulated
/// time passes; `carry` and `exchange` return when they have arrived.
///
/// The network runs ahead of the kernel to the next time at which anybody could send or would hear
/// of an arrival, without a kernel event per cycle. Requests, responses and streams have channels
/// of their own. Reductions are added in merge units behind a local port of the routers where ways
/// meet: a unit waits for all its contributions and sends one packet on.
class FlitFabric : public Fabric, private flit::Receiver {
 public:
  /// @throws UserError for what the flit level cannot be built as.
  FlitFabric(const Topology& topology, const FabricConfig& config, Clock clock,
             std::unique_ptr<FlitHost> host);
  ~FlitFabric() override;

  void carry(std::span<Packet> burst) override;
  void exchange(std::span<Exchange> burst, Service& service) override;
  void post(const Packet& packet, std::uint64_t tag, noc::Receiver& receiver) override;
  void post_multicast(const Packet& packet, std::span<const std::uint32_t> destinations,
                      std::uint64_t tag, noc::Receiver& receiver) override;
  std::uint64_t open_reduction(const Packet& packet, std::span<const std::uint32_t> sources,
                               std::uint64_t tag, noc::Receiver& receiver) override;
  void contribute(std::uint64_t reduction, std::uint32_t source, std::uint64_t ready_ps) override;
  bool reachable(std::uint32_t source, std::uint32_t destination) const override;
  bool tree_reachable(std::uint32_t source, std::uint32_t destination) const override;
  void reset() override;
  void refresh_statistics() override;

  /// The host calls this at the times asked for.
  void drive();
  const flit::Network& network() const { return network_; }

 private:
  // Somebody's packet on its way; its place in `flights_` is the tag in the network.
  struct Flight {
    Packet packet;
    std::uint64_t tag = 0;
    noc::Receiver* receiver = nullptr;  // of what was posted
    Packet* caller = nullptr;           // of what is waited for
    const void* waiting = nullptr;      // key of the thread
    std::uint64_t reduction = 0;        // 0: none
    unsigned merge = 0;                 // where it goes to, unless it is the last
    bool last = false;                  // goes from the last merge to the root's endpoint
    unsigned tree = ~0u;
    bool multicast = false;
    unsigned copies = 1;  // still to arrive
    bool active = false;
  };
  struct Arrival {
    std::uint64_t flight;
    std::uint32_t endpoint;
    std::uint64_t time_ps;
    bool delivered;
  };
  // Where contributions of a reduction meet.
  struct Merge {
    unsigned router = 0;
    unsigned expected = 0;
    unsigned arrived = 0;
    unsigned next = 0;  // index; one past the last is the root's endpoint
  };
  struct Reduction {
    Packet packet;
    std::uint64_t tag = 0;
    noc::Receiver* receiver = nullptr;
    std::vector<Merge> merges;
    std::map<std::uint32_t, unsigned> first;  // merge of each source
    std::uint64_t first_ready_ps = ~std::uint64_t{0};
    unsigned routers = 0;
    bool possible = true;
  };
  void delivered(const flit::Delivery& delivery) override;
  void left(unsigned endpoint, unsigned message_class) override;

  void send_and_note(Packet& packet, const void* key);
  void post_stream(const Packet& packet, std::span<const std::uint32_t> destinations,
                   std::uint64_t tag, noc::Receiver& receiver, bool multicast);
  unsigned tree_of(std::uint32_t source, std::span<const std::uint32_t> destinations);
  std::uint64_t new_flight(const Flight& flight);
  void launch(std::uint64_t flight, std::uint64_t ready_ps);
  void submit(std::uint64_t flight);
  void feed(unsigned endpoint, unsigned queue);
  std::uint64_t run_until(std::uint64_t horizon_ps);
  void hand_over(const Arrival& arrival);
  void settle(const Flight& flight);
  void send_contribution(std::uint64_t number, unsigned endpoint, unsigned merge,
                         std::uint64_t ready_ps);
  void merge_arrived(std::uint64_t flight, std::uint64_t time_ps);
  void finish_reduction(const Flight& flight);
  void lose_all();
  std::uint64_t cycle_at(std::uint64_t time_ps) const {
    return (time_ps + period_ps() - 1) / period_ps();
  }
  std::uint64_t time_of(std::uint64_t cycle) const { return cycle * period_ps(); }

  std::unique_ptr<FlitHost> host_;
  flit::Network network_;
  MeshRoutes trees_;  // for the reach of collectives
  std::vector<Flight> flights_;
  std::vector<std::uint64_t> free_flights_;
  std::multimap<std::uint64_t, std::uint64_t> launches_;  // by cycle
  std::vector<std::deque<std::uint64_t>> queues_;         // by (endpoint, class)
  std::deque<Arrival> arrivals_;
  std::map<std::vector<std::uint32_t>, unsigned> tree_numbers_;
  std::map<std::uint64_t, Reduction> reductions_;
  std::uint64_t next_reduction_ = 1;
  std::uint64_t moved_at_ = 0;
  bool driving_ = false;
};

}  // namespace aimc::noc
