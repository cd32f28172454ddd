// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace aimc::noc {

/// Classes travel on disjoint virtual channels: requests wait for responses at the targets, and
/// streams and collectives wait for neither.
enum class MessageClass : std::uint8_t { request, response, stream };
inline constexpr unsigned kMessageClasses = 3;
inline constexpr const char* kMessageClassNames[kMessageClasses] = {"request", "response",
                                                                    "stream"};

/// Counters that every level of detail keeps in the same way.
struct FabricStatistics {
  /// Bin b of a latency histogram counts packets of 2^b .. 2^(b+1) - 1 cycles.
  static constexpr unsigned kLatencyBins = 24;
  struct Class {
    std::uint64_t packets = 0;
    std::uint64_t flits = 0;
    std::uint64_t bytes = 0;           ///< Payload.
    std::uint64_t flit_hops = 0;       ///< Flits times routers passed.
    std::uint64_t latency_sum_ps = 0;  ///< From ready to tail arrival.
    std::uint64_t latency_max_ps = 0;
    std::uint64_t lost = 0;  ///< Packets without a way, or dropped.
    std::array<std::uint64_t, kLatencyBins> histogram{};
  };
  struct Link {
    std::uint64_t flits = 0;
    std::uint64_t blocked_ps = 0;  ///< Time that heads waited for this link, for any cause.
    /// Flits by virtual channel; a level that does not tell channels apart counts by class.
    std::vector<std::uint64_t> vc_flits;
    std::uint64_t blocked_channel_ps = 0;  ///< Of it: no virtual channel was free.
    std::uint64_t blocked_switch_ps = 0;   ///< Another packet had the wires.
    std::uint64_t blocked_credit_ps = 0;   ///< The buffer behind the link was full.
  };
  std::array<Class, kMessageClasses> classes;
  std::vector<Link> links;  ///< By the fabric's link number.
  std::uint64_t multicasts = 0;
  std::uint64_t reductions = 0;
  std::uint64_t additions = 0;  ///< Flits added to others in routers.

  void count(MessageClass message_class, std::uint64_t flit_count, std::uint64_t payload_bytes,
             std::uint64_t routers, std::uint64_t latency_ps, std::uint64_t period_ps) {
    Class& c = classes[static_cast<unsigned>(message_class)];
    ++c.packets;
    c.flits += flit_count;
    c.bytes += payload_bytes;
    c.flit_hops += flit_count * routers;
    c.latency_sum_ps += latency_ps;
    c.latency_max_ps = std::max(c.latency_max_ps, latency_ps);
    const auto bits = static_cast<unsigned>(std::bit_width(latency_ps / period_ps));
    ++c.histogram[std::min(bits == 0 ? 0 : bits - 1, kLatencyBins - 1)];
  }

  std::uint64_t packets() const { return sum(&Class::packets); }
  std::uint64_t flits() const { return sum(&Class::flits); }
  std::uint64_t bytes() const { return sum(&Class::bytes); }
  std::uint64_t flit_hops() const { return sum(&Class::flit_hops); }
  std::uint64_t lost() const { return sum(&Class::lost); }

 private:
  std::uint64_t sum(std::uint64_t Class::*member) const {
    std::uint64_t total = 0;
    for (const Class& c : classes) total += c.*member;
    return total;
  }
};

}  // namespace aimc::noc
