// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "aimc/noc/flit/config.h"
#include "aimc/noc/flit/geometry.h"
#include "aimc/noc/flit/vc_mask.h"

namespace aimc::noc::flit {

inline constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

/// What a source hands to its network interface.
struct PacketSpec {
  unsigned source = 0;
  unsigned destination = 0;
  unsigned message_class = 0;
  unsigned flits = 1;
  std::uint64_t created = 0;  ///< Cycle from which latency counts; not in the future.
  std::uint64_t tag = 0;      ///< Comes back with the delivery.
};

/// The tail of a packet has reached a destination.
struct Delivery {
  std::uint64_t tag = 0;
  unsigned source = 0;
  unsigned destination = 0;
  unsigned message_class = 0;
  unsigned flits = 0;
  unsigned routers = 0;  ///< Passed on the way.
  std::uint64_t created = 0;
  std::uint64_t injected = 0;  ///< The head left the source.
  std::uint64_t arrived = 0;
};

/// Hears of packets during `Network::step`; may inject, must not step.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void delivered(const Delivery& delivery) = 0;
  /// The last flit of a packet has left the injection queue.
  virtual void left(unsigned /*endpoint*/, unsigned /*message_class*/) {}
};

/// What delayed packets at one output of a router.
struct WaitStatistics {
  std::uint64_t no_channel = 0;       ///< Cycles that heads waited for a virtual channel.
  std::uint64_t no_credit = 0;        ///< Cycles that flits waited for buffer space downstream.
  std::uint64_t switch_conflict = 0;  ///< Requests for the switch that lost.
};

/// Flit-level model of a whole network in one object.
///
/// Routers act on each other only through links and credits, which take cycles, so the order in
/// which they are evaluated within a cycle has no influence, and only routers with something to
/// decide are evaluated at all. Work per cycle grows with the flits that move.
class Network {
 public:
  /// @throws UserError as `check` does.
  Network(const Config& config, Receiver& receiver);

  const Config& config() const { return config_; }
  const Geometry& geometry() const { return geometry_; }
  std::uint64_t cycle() const { return cycle_; }

  /// Whether the routing finds a way past dead links and routers.
  bool reachable(unsigned source, unsigned destination) const;
  bool can_inject(unsigned endpoint, unsigned message_class) const;
  /// Queues a packet; its head may leave in the coming step. The queue must have room and the
  /// destination be reachable.
  void inject(const PacketSpec& packet);

  /// Prepares the tree of X-then-Y ways to `destinations`. @returns its number, for `multicast`.
  unsigned add_tree(unsigned source, std::span<const unsigned> destinations);
  /// Outputs of routers that a packet crosses on the way along a tree.
  unsigned tree_links(unsigned tree) const;
  unsigned tree_source(unsigned tree) const { return trees_[tree].source; }
  unsigned tree_leaves(unsigned tree) const { return trees_[tree].leaves; }
  /// Queues a packet that the routers copy where the tree branches.
  void multicast(const PacketSpec& packet, unsigned tree);

  /// An endpoint takes no flits before this cycle; they wait in its buffers and then the network.
  void stall_sink(unsigned endpoint, std::uint64_t until);

  /// Simulates the present cycle.
  void step();
  /// Only what arrives in the present cycle; `step` then does the rest. What receivers make
  /// others inject in between is in time for this cycle.
  void begin_step();
  /// Simulates up to, but not including, this cycle; skips time in which nothing moves.
  void advance(std::uint64_t to_cycle);
  /// The next cycle in which something happens without further injections.
  std::uint64_t next_activity() const { return busy() ? cycle_ : kNever; }
  bool busy() const { return in_flight_ != 0 || events_ != 0; }
  /// Packets queued or on the way.
  std::uint64_t in_flight() const { return in_flight_; }
  /// Drops everything on the way; counters stay.
  void reset();

  std::uint64_t flit_moves() const { return flit_moves_; }        ///< Flit-router traversals.
  std::uint64_t ejected_flits() const { return ejected_flits_; }  ///< Taken by sinks.
  std::uint64_t last_move() const { return last_move_; }          ///< Cycle of the latest of them.
  std::uint64_t channel_flits(unsigned router, unsigned port, unsigned channel) const;
  std::uint64_t link_flits(unsigned router, unsigned port) const;
  std::uint64_t injected_flits(unsigned endpoint) const { return sources_[endpoint].sent; }
  const WaitStatistics& waits(unsigned router, unsigned port) const {
    return waits_[router * ports_ + port];
  }

  /// Packets that wait for each other in a ring, in words; empty if there are none.
  std::string waiting_cycle() const;

 private:
  static constexpr unsigned kMaxPorts = 9;
  static constexpr unsigned kMaxChannels = 16;
  static constexpr std::uint8_t kNone = 0xff;
  static constexpr std::uint32_t kNoTree = ~0u;

  enum : std::uint8_t { kHead = 1, kTail = 2 };
  struct Flit {
    std::uint32_t packet;
    std::uint16_t sequence;
    std::uint8_t channel;
    std::uint8_t flags;
  };
  struct Packet {
    std::uint64_t tag = 0;
    std::uint64_t created = 0;
    std::uint64_t injected = 0;
    std::uint32_t source = 0;
    std::uint32_t destination = 0;
    std::uint32_t tree = kNoTree;
    std::uint32_t deliveries = 1;  // still to come
    std::uint32_t sequence = 0;    // in its flow
    std::uint16_t flits = 1;
    std::uint8_t message_class = 0;
    std::uint8_t order = 0;  // O1TURN: 1 is Y first
  };
  enum class State : std::uint8_t { idle, routing, allocating, active, forking };
  struct InputVc {
    std::uint64_t since = 0;  // start of the present wait
    std::uint16_t head = 0;
    std::uint16_t count = 0;
    State state = State::idle;
    std::uint8_t out_port = 0;
    std::uint8_t out_channel = 0;
    std::uint8_t group = 0;
  };
  struct OutputVc {
    std::uint16_t credits = 0;
    std::uint8_t owner = kNone;      // local number of the input channel
    std::uint8_t grant_pointer = 0;  // of the channel allocator
    std::uint64_t flits = 0;
  };
  struct Router {
    VcMask ready = 0;          // input channels with a flit and an output channel
    VcMask credited = 0;       // whose output channel has room
    VcMask forks = 0;          // that hold a multicast packet
    std::uint64_t asking = 0;  // (port, group) pairs with entries in requests_
    std::array<std::uint16_t, kMaxPorts> available{};    // output channels nobody holds
    std::array<std::uint8_t, kMaxPorts> next_channel{};  // round robin among channels of an input
    std::array<std::uint8_t, kMaxPorts> grant_pointer{};
    std::array<std::uint8_t, kMaxPorts> accept_pointer{};
  };
  // Progress of the copies of one multicast packet out of one input channel.
  struct Fork {
    std::uint32_t packet = 0;
    std::uint16_t popped = 0;
    std::uint16_t flits = 0;
    std::uint16_t ports = 0;  // not finished
    std::uint16_t fresh = 0;  // channel taken in this cycle
    std::array<std::uint8_t, kMaxPorts> channel{};
    std::array<std::uint16_t, kMaxPorts> sent{};
  };
  // Packets of one source to one destination.
  struct Flow {
    std::uint32_t next_out = 0;
    std::uint32_t next_in = 0;
    std::map<std::uint32_t, Delivery> early;
  };
  struct Tree {
    unsigned source = 0;
    std::uint32_t next_out = 0;
    std::vector<std::pair<std::uint32_t, std::uint16_t>> ports;  // by router
    std::uint32_t leaves = 0;
  };
  struct Source {
    std::vector<std::uint32_t> queue;  // ring, all classes one after the other
    std::array<std::uint16_t, 3> head{};
    std::array<std::uint16_t, 3> count{};
    std::array<std::uint16_t, 3> next_flit{};
    std::array<std::uint8_t, 3> channel{kNone, kNone, kNone};  // of the packet being sent
    std::array<std::uint8_t, 3> last_channel{kNone, kNone, kNone};
    std::array<std::uint16_t, kMaxChannels> credits{};
    std::uint16_t busy_channels = 0;
    std::uint8_t last_class = 0;
    bool active = false;
    std::uint64_t sent = 0;
  };
  struct Sink {
    std::uint64_t stalled_until = 0;
    bool draining = false;
    std::vector<Flit> waiting;
    std::array<std::uint32_t, kMaxChannels> packet{};
    std::array<std::uint16_t, kMaxChannels> sequence{};
  };
  struct Arrival {
    std::uint16_t router;
    std::uint8_t input;  // local number of the input channel
    Flit flit;
  };
  struct Ejection {
    std::uint32_t endpoint;
    Flit flit;
  };
  struct Local {
    std::uint16_t router;
    std::uint8_t index;
  };
  struct Grant {
    std::uint16_t router;
    std::uint8_t input;
    std::uint8_t output;  // kNone: lost
  };
  struct SourceCredit {
    std::uint32_t endpoint;
    std::uint8_t channel;
  };
  // What happens in one cycle to come.
  struct Slot {
    std::vector<Arrival> arrivals;
    std::vector<Ejection> ejections;
    std::vector<Local> credits;
    std::vector<SourceCredit> source_credits;
    std::vector<Local> routed;
    std::vector<Grant> channel_grants;  // only for allocation over several cycles
    std::vector<Grant> switch_grants;
    std::vector<std::uint32_t> sinks;
    std::uint32_t size = 0;
  };
  struct Wire {
    enum class Kind : std::uint8_t { none, router, endpoint } kind = Kind::none;
    std::uint8_t base = 0;    // first channel of the port at the other end
    std::uint32_t other = 0;  // router or endpoint
  };

  Slot& slot_after(unsigned delay) {
    Slot& slot = wheel_[(cycle_ + delay) & wheel_mask_];
    ++slot.size;
    ++events_;
    return slot;
  }
  InputVc& input(unsigned router, unsigned local) { return inputs_[router * pv_ + local]; }
  OutputVc& output(unsigned router, unsigned port, unsigned channel) {
    return outputs_[router * pv_ + port * channels_ + channel];
  }
  Flit& flit_at(unsigned router, unsigned local, unsigned position) {
    return flits_[std::size_t{router} * router_flits_ + ring_base_[local] + position];
  }
  unsigned depth(unsigned channel) const {
    return channel < config_.virtual_channels ? config_.buffer_flits
                                              : config_.multicast_buffer_flits;
  }
  void activate(unsigned router) {
    active_[router >> 6] |= std::uint64_t{1} << (router & 63);
    active_words_ |= std::uint64_t{1} << (router >> 6);
  }
  void activate_source(unsigned endpoint);
  std::uint32_t new_packet(const PacketSpec& spec);
  void enqueue(unsigned endpoint, unsigned queue, std::uint32_t packet);

  void wire_up();
  void take_events();
  void arrive(const Arrival& arrival);
  void take_credit(const Local& credit);
  void eject(unsigned endpoint, const Flit& flit);
  void consume(unsigned endpoint, const Flit& flit);
  void drain_sink(unsigned endpoint);
  std::uint64_t flow_key(const Packet& packet, unsigned endpoint) const;
  void hand_over(std::uint64_t flow, std::uint32_t sequence, const Delivery& delivery);
  void run_sources();
  bool send_from(unsigned endpoint, Source& source);
  bool pick_channel(Source& source, unsigned queue);
  void start_routing(unsigned router, unsigned local, unsigned wait);
  void route(unsigned router, unsigned local);
  void fork(unsigned router, unsigned local, const Flit& head);
  unsigned choose_port(unsigned router, const Packet& packet) const;
  void request_channel(unsigned router, unsigned local, unsigned port, unsigned group);

  void evaluate(unsigned router);
  bool can_allocate(const Router& state) const;
  VcMask speculative_requests(unsigned router);
  void allocate_channels(unsigned router);
  void allocate_channels_of(unsigned router, unsigned port, unsigned group, std::uint32_t free);
  void allocate_whole(unsigned router, unsigned port, std::uint32_t free);
  void channel_granted(unsigned router, unsigned local, unsigned port, unsigned channel);
  void channel_lost_late(unsigned router, VcMask losers, unsigned port, unsigned group);
  void take_channel(unsigned router, unsigned local, unsigned port, unsigned channel);
  void allocate_switch(unsigned router, VcMask asking, VcMask speculative);
  void allocate_switch_with_forks(unsigned router, VcMask asking);
  void switch_granted(unsigned router, unsigned local, unsigned port, bool speculative);
  void late_grants();
  void send(unsigned router, unsigned local);
  void send_copy(unsigned router, unsigned local, unsigned port);
  void put_on_wire(unsigned router, unsigned port, unsigned channel, Flit flit);
  void return_credit(unsigned router, unsigned local);
  void end_packet(unsigned router, unsigned local);

  Config config_;
  Geometry geometry_;
  Receiver& receiver_;
  unsigned ports_;         // of a router
  unsigned channels_;      // of a port
  unsigned pv_;            // ports times channels
  unsigned queues_;        // classes and, if there is any, multicast
  unsigned router_flits_;  // buffer space of a router
  bool late_channels_;
  bool late_switch_;
  std::vector<std::uint32_t> ring_base_;
  std::vector<std::uint8_t> port_of_;     // by local channel number
  std::vector<std::uint8_t> channel_of_;  // by local channel number

  std::vector<Router> routers_;
  std::vector<InputVc> inputs_;
  std::vector<std::uint8_t> accept_pointers_;  // of the channel allocator, by input channel
  std::vector<OutputVc> outputs_;
  std::vector<VcMask> requests_;  // for channels, by (router, port, group)
  std::vector<Flit> flits_;
  std::vector<Wire> downstream_;       // by (router, output port)
  std::vector<Wire> upstream_;         // by (router, input port)
  std::vector<WaitStatistics> waits_;  // by (router, output port)
  std::vector<Source> sources_;
  std::vector<Sink> sinks_;
  std::vector<std::uint32_t> active_sources_;
  std::vector<Packet> packets_;
  std::vector<std::uint32_t> free_packets_;
  std::vector<Tree> trees_;
  std::unordered_map<std::uint64_t, Flow> flows_;  // only if ordered
  std::vector<Fork> forks_;                        // by (router, local) of the multicast channels

  std::vector<std::uint64_t> active_;
  std::uint64_t active_words_ = 0;
  std::vector<Slot> wheel_;
  unsigned wheel_mask_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t cycle_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t flit_moves_ = 0;
  std::uint64_t last_move_ = 0;
  std::uint64_t ejected_flits_ = 0;
  std::uint64_t draws_ = 0;
  bool begun_ = false;
};

}  // namespace aimc::noc::flit
