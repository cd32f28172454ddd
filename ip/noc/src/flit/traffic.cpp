// SPDX-License-Identifier: Apache-2.0
#include "aimc/noc/flit/traffic.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "aimc/common/error.h"

namespace aimc::noc::flit {
namespace {

std::uint64_t rotate(std::uint64_t value, int by) { return std::rotl(value, by); }

class Uniform : public Pattern {
 public:
  explicit Uniform(unsigned nodes) : nodes_(nodes) {}
  unsigned destination(unsigned, Random& random) const override { return random.below(nodes_); }
  std::vector<double> shares(unsigned) const override {
    return std::vector<double>(nodes_, 1.0 / nodes_);
  }

 private:
  unsigned nodes_;
};

class Permutation : public Pattern {
 public:
  explicit Permutation(std::vector<unsigned> to) : to_(std::move(to)) {}
  unsigned destination(unsigned source, Random&) const override { return to_[source]; }
  unsigned fixed(unsigned source) const override { return to_[source]; }
  std::vector<double> shares(unsigned source) const override {
    std::vector<double> result(to_.size());
    result[to_[source]] = 1.0;
    return result;
  }

 private:
  std::vector<unsigned> to_;
};

class Hotspot : public Pattern {
 public:
  Hotspot(std::vector<unsigned> sinks, unsigned nodes) : sinks_(std::move(sinks)), nodes_(nodes) {}
  unsigned destination(unsigned, Random& random) const override {
    return sinks_[random.below(static_cast<unsigned>(sinks_.size()))];
  }
  std::vector<double> shares(unsigned) const override {
    std::vector<double> result(nodes_);
    for (const unsigned sink : sinks_) result[sink] += 1.0 / static_cast<double>(sinks_.size());
    return result;
  }

 private:
  std::vector<unsigned> sinks_;
  unsigned nodes_;
};

// Patterns on the bits of the node number.
unsigned bits_pattern(std::string_view name, unsigned source, unsigned bits) {
  const unsigned mask = (1u << bits) - 1;
  if (name == "bitcomp") return ~source & mask;
  if (name == "transpose") {
    const unsigned half = bits / 2;
    return (source >> half | source << half) & mask;
  }
  if (name == "shuffle") return (source << 1 | source >> (bits - 1)) & mask;
  unsigned reversed = 0;
  for (unsigned b = 0; b < bits; ++b) reversed |= (source >> b & 1u) << (bits - 1 - b);
  return reversed;
}

std::vector<unsigned> hotspots(std::string_view name, unsigned columns, unsigned rows) {
  const unsigned nodes = columns * rows;
  // The middle of the mesh, as in the reference curves: 27, 28, 35, 36 on 8x8.
  const unsigned x = (columns - 1) / 2;
  const unsigned y = (rows - 1) / 2;
  if (name == "hotspot1") return {y * columns + x};
  if (name == "hotspot" || name == "hotspot4") {
    const unsigned right = columns > 1 ? 1 : 0;
    const unsigned down = rows > 1 ? columns : 0;
    const unsigned first = y * columns + x;
    return {first, first + right, first + down, first + down + right};
  }
  std::vector<unsigned> result;
  std::string_view rest = name.substr(name.find(':') + 1);
  while (true) {
    const std::string_view item = rest.substr(0, rest.find(','));
    unsigned node = 0;
    const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), node);
    if (error != std::errc() || end != item.data() + item.size() || node >= nodes)
      user_error("traffic '{}': '{}' is not a node of 0..{}", name, item, nodes - 1);
    result.push_back(node);
    if (item.size() == rest.size()) return result;
    rest.remove_prefix(item.size() + 1);
  }
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15ull;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    word = z ^ (z >> 31);
  }
}

std::uint64_t Random::next() {
  const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = rotate(state_[3], 45);
  return result;
}

std::unique_ptr<Pattern> make_pattern(std::string_view name, unsigned columns, unsigned rows) {
  const unsigned nodes = columns * rows;
  if (name == "uniform") return std::make_unique<Uniform>(nodes);
  if (name == "hotspot" || name == "hotspot1" || name == "hotspot4" || name.starts_with("hotspot:"))
    return std::make_unique<Hotspot>(hotspots(name, columns, rows), nodes);
  std::vector<unsigned> to(nodes);
  if (name == "tornado" || name == "neighbor") {
    const bool tornado = name == "tornado";
    const auto shift = [tornado](unsigned length) { return tornado ? (length + 1) / 2 - 1 : 1u; };
    for (unsigned i = 0; i < nodes; ++i)
      to[i] =
          (i / columns + shift(rows)) % rows * columns + (i % columns + shift(columns)) % columns;
    return std::make_unique<Permutation>(std::move(to));
  }
  if (name != "transpose" && name != "bitcomp" && name != "shuffle" && name != "bitrev")
    user_error(
        "unknown traffic '{}'. Known: uniform, transpose, bitcomp, bitrev, shuffle, tornado, "
        "neighbor, hotspot, hotspot1, hotspot4, hotspot:node,...",
        name);
  const auto bits = static_cast<unsigned>(std::bit_width(nodes) - 1);
  if (nodes < 2 || !std::has_single_bit(nodes))
    user_error("traffic '{}' needs a number of nodes that is a power of two, not {}", name, nodes);
  if (name == "transpose" && (bits % 2 != 0 || columns != rows))
    user_error("traffic 'transpose' needs a square mesh, not {}x{}", columns, rows);
  for (unsigned i = 0; i < nodes; ++i) to[i] = bits_pattern(name, i, bits);
  return std::make_unique<Permutation>(std::move(to));
}

Generator::Generator(const Pattern& pattern, unsigned nodes, double packets_per_cycle,
                     std::uint64_t seed)
    : pattern_(pattern),
      random_(seed),
      probability_(packets_per_cycle),
      log_miss_(packets_per_cycle < 1.0 ? std::log1p(-packets_per_cycle) : 0.0),
      next_(nodes, ~std::uint64_t{0}) {
  for (unsigned source = 0; source < nodes; ++source) {
    draw(source);
    sleeping_.emplace(next_[source], source);
  }
}

// The cycles between two successes of a coin with this probability.
void Generator::draw(unsigned source) {
  std::uint64_t& next = next_[source];
  if (probability_ <= 0.0) {
    next = std::numeric_limits<std::uint64_t>::max();
    return;
  }
  std::uint64_t misses = 0;
  if (probability_ < 1.0)
    misses = static_cast<std::uint64_t>(std::log1p(-random_.uniform()) / log_miss_);
  next += 1 + misses;
}

bool Generator::take(unsigned source, std::uint64_t now, Made& made) {
  if (next_[source] > now) {
    sleeping_.emplace(next_[source], source);
    return false;
  }
  made = {source, pattern_.destination(source, random_), next_[source]};
  draw(source);
  return true;
}

unsigned Generator::wake(std::uint64_t now) {
  if (sleeping_.empty() || sleeping_.top().first > now) return kNobody;
  const unsigned source = sleeping_.top().second;
  sleeping_.pop();
  return source;
}

std::uint64_t Generator::next_wake() const {
  return sleeping_.empty() ? std::numeric_limits<std::uint64_t>::max() : sleeping_.top().first;
}

}  // namespace aimc::noc::flit
