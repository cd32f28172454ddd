// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

namespace aimc::noc::flit {

/// Random numbers of the traffic generator: xoshiro256**, seeded by splitmix64.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }  ///< [0, 1)
  unsigned below(unsigned limit) {
    return static_cast<unsigned>((static_cast<unsigned __int128>(next()) * limit) >> 64);
  }

 private:
  std::uint64_t state_[4];
};

/// Where packets of synthetic traffic go.
class Pattern {
 public:
  virtual ~Pattern() = default;
  virtual unsigned destination(unsigned source, Random& random) const = 0;
  /// The destination if there is only one, else `kMany`.
  static constexpr unsigned kMany = ~0u;
  virtual unsigned fixed(unsigned /*source*/) const { return kMany; }
  /// Probability of each destination.
  virtual std::vector<double> shares(unsigned source) const = 0;
};

/// uniform (sources send to themselves too), transpose, bitcomp, bitrev, shuffle, tornado (shifts
/// by ceil(k/2)-1 in both dimensions), neighbor (+1 in both), hotspot1, hotspot4, or
/// hotspot:node[,node...] (all packets go to these, evenly). hotspot is hotspot4.
/// @throws UserError for unknown names and sizes on which a pattern does not exist.
std::unique_ptr<Pattern> make_pattern(std::string_view name, unsigned columns, unsigned rows);

/// Packets that sources make: in each cycle one with probability `packets_per_cycle`, at every
/// source. Sources never wait to make packets; a packet carries the cycle it was made in.
class Generator {
 public:
  Generator(const Pattern& pattern, unsigned nodes, double packets_per_cycle, std::uint64_t seed);

  struct Made {
    unsigned source;
    unsigned destination;
    std::uint64_t created;
  };
  /// The next packet of a source that is ready for one, made no later than `now`.
  /// @returns false if there is none yet; `wake` then names the source when there is.
  bool take(unsigned source, std::uint64_t now, Made& made);
  /// Creation of the next packet of a source.
  std::uint64_t next(unsigned source) const { return next_[source]; }
  /// Sources that asked in vain and have a packet by now, one after the other; `kNobody` at the
  /// end.
  static constexpr unsigned kNobody = ~0u;
  unsigned wake(std::uint64_t now);
  /// Cycle of the next `wake` that names somebody.
  std::uint64_t next_wake() const;

 private:
  void draw(unsigned source);

  const Pattern& pattern_;
  Random random_;
  double probability_;
  double log_miss_;
  std::vector<std::uint64_t> next_;  // creation of the next packet of each source
  std::priority_queue<std::pair<std::uint64_t, unsigned>,
                      std::vector<std::pair<std::uint64_t, unsigned>>, std::greater<>>
      sleeping_;
};

}  // namespace aimc::noc::flit
