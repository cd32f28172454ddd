// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "aimc/common/stream_port.h"
#include "aimc/noc/noc.h"

namespace aimc::noc {

/// Channels: vectors between endpoints with end-to-end credits.
///
/// A source may have as many vectors on the way as the sinks have slots, so whatever travels has
/// its place reserved and always drains; that is what keeps the class `stream` free of deadlock. A
/// vector travels in packets; it is written to its slot when the last one has arrived. Sums of
/// reductions are formed in the order in which sources were added, so they depend on no timing.
class Noc::Channels : public sc_core::sc_module, private Receiver {
 public:
  Channels(const sc_core::sc_module_name& name, Noc& noc);
  ~Channels() override;

  StreamPort& port(unsigned endpoint);
  void bind_registers(RegisterBank& regs);
  /// False for a register write that is out of range or comes while the channel is open.
  bool accepts(std::uint64_t offset, std::uint32_t value) const;
  /// Sinks of an open channel of kind WINDOW; null if it is none.
  const std::vector<std::uint32_t>* window(unsigned channel) const;
  void reset();
  nlohmann::ordered_json report() const;

 private:
  class Port;
  struct Member {
    explicit Member(std::uint32_t number) : endpoint(number) {}
    std::uint32_t endpoint;
    std::uint64_t done = 0;              // source: vectors sent; sink: vectors written
    std::uint64_t released = 0;          // source: credits that are back; sink: vectors given back
    std::set<std::uint64_t> early;       // sink: written out of turn
    std::vector<std::uint64_t> credits;  // source: credits that are back from each sink
  };
  struct Vector {                                 // on its way
    std::vector<std::vector<std::uint8_t>> data;  // by source
    std::vector<unsigned> packets;                // still to arrive, by sink
    std::vector<std::uint64_t> reductions;        // by packet
    unsigned sinks_left = 0;
  };
  struct Channel {
    bool open = false;
    std::uint32_t error = 0;
    std::uint32_t kind = 0;
    std::uint32_t bytes = 0;
    std::uint32_t slots = 0;
    std::uint32_t address = 0;
    std::uint32_t pitch = 0;
    std::vector<Member> sources;
    std::vector<Member> sinks;
    std::vector<std::uint32_t> source_endpoints;
    std::vector<std::uint32_t> sink_endpoints;
    std::map<std::uint64_t, Vector> vectors;  // by sequence number
    std::uint64_t overflows = 0;
    std::uint64_t delivered = 0;  // to every sink, since it was opened
    std::uint64_t blocked = 0;    // sends that found no credit
    std::uint64_t total = 0;      // vectors delivered since the start of the run
  };
  // What the network is carrying for us.
  struct Tag {
    bool credit = false;
    unsigned channel = 0;
    std::uint64_t sequence = 0;
    unsigned member = 0;  // credit: the sink it comes from
    unsigned left = 1;    // arrivals still to come
  };
  struct Action {  // at the time something arrives
    Tag tag;
    std::uint32_t endpoint = 0;
    bool delivered = true;
  };

  StreamPort::Result send(unsigned endpoint, unsigned channel,
                          std::span<const std::uint8_t> vector);
  StreamPort::Result receive(unsigned endpoint, unsigned channel, std::uint64_t* offset);
  StreamPort::Result release(unsigned endpoint, unsigned channel);
  Channel* opened(unsigned channel);
  static Member* find(std::vector<Member>& members, unsigned endpoint);
  static std::uint64_t credits(const Channel& channel, const Member& source);

  void open(unsigned channel);
  void close(unsigned channel);
  std::uint32_t why_not(const Channel& channel) const;
  void show_state(unsigned channel);
  Vector& begin_vector(unsigned channel, std::uint64_t sequence);
  unsigned packets(const Channel& channel) const;
  Packet packet(const Channel& channel, unsigned part) const;
  std::uint64_t new_tag(Tag tag);

  void arrived(std::uint64_t tag, std::uint32_t endpoint, std::uint64_t arrival_ps,
               bool delivered) override;
  void act();
  void take_packet(Channel& channel, const Action& action);
  void take_credit(Channel& channel, const Action& action);
  void deliver(Channel& channel, std::uint64_t sequence, Member& sink);
  static void add_lanes(Channel& channel, Vector& vector);
  bool write(const Channel& channel, const Member& sink, std::uint64_t sequence,
             std::vector<std::uint8_t>& bytes);
  void stop(Channel& channel, std::uint32_t error, const std::string& message);

  // The watchdog: who waits for whom at the ports.
  struct Wait {
    unsigned channel = 0;
    bool sends = false;
    std::uint64_t since_ps = 0;
    bool reported = false;
  };
  void blocked(unsigned endpoint, unsigned channel, bool sends);
  void unblocked(unsigned endpoint) { waits_.erase(endpoint); }
  void watch();
  std::string circle(unsigned start) const;

  Noc& noc_;
  RegisterBank* regs_ = nullptr;
  std::vector<Channel> channels_;
  std::map<unsigned, std::unique_ptr<Port>> ports_;
  std::map<std::uint64_t, Tag> tags_;
  std::uint64_t next_tag_ = 1;
  std::multimap<std::uint64_t, Action> actions_;  // by time
  std::map<unsigned, Wait> waits_;                // by endpoint
  sc_core::sc_event act_event_;
  sc_core::sc_event watch_event_;
  sc_core::sc_event changed_;
};

}  // namespace aimc::noc
