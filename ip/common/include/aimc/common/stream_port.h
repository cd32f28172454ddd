// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "aimc/common/module.h"

namespace aimc {

/// What a network offers the block behind one of its interfaces: channels that carry vectors to
/// other endpoints' buffers with end-to-end credits.
class StreamPort {
 public:
  enum class Result {
    done,
    blocked,  ///< Not now: no credit, or nothing has arrived. `changed` tells when to try again.
    refused,  ///< Never: no such channel, or this endpoint is on no such side of it.
  };
  virtual ~StreamPort() = default;
  /// Bytes of the vectors of a channel; 0 if it is not open.
  virtual std::uint32_t vector_bytes(unsigned channel) const = 0;
  /// Sends one vector, of which the port keeps a copy.
  virtual Result send(unsigned channel, std::span<const std::uint8_t> vector) = 0;
  /// The oldest vector that has arrived and not been released: where it lies in this endpoint's
  /// window.
  virtual Result receive(unsigned channel, std::uint64_t* offset) = 0;
  /// Gives the place of the oldest vector back to the senders.
  virtual Result release(unsigned channel) = 0;
  /// Whoever was blocked here waits no longer: it was stopped.
  virtual void give_up() {}
  /// Notified when what was blocked may go on.
  virtual const sc_core::sc_event& changed() const = 0;
};

/// A block that uses streams.
class StreamClient {
 public:
  virtual ~StreamClient() = default;
  virtual void attach_stream(StreamPort& port) = 0;
};

/// A network that offers them.
class StreamNetwork {
 public:
  virtual ~StreamNetwork() = default;
  /// The port of the interface at `place`; lives as long as the network.
  virtual StreamPort& stream_port(const Interconnect::Place& place) = 0;
};

}  // namespace aimc
