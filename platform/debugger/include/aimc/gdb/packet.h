// SPDX-License-Identifier: Apache-2.0
/// Framing of the GDB remote serial protocol: packets, checksums, hexadecimal and binary data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace aimc::gdb {

/// Longest packet either side may send, without frame; announced as PacketSize.
inline constexpr std::size_t kMaxPacket = 0x4000;

/// One thing that the client sent.
struct Incoming {
  enum class Kind {
    packet,        ///< `payload` holds what stood between $ and #, escapes as they came.
    interrupt,     ///< Ctrl-C: byte 0x03 outside of a packet.
    acknowledged,  ///< +
    rejected,      ///< -
    bad_checksum,  ///< A packet whose checksum does not fit.
    too_long,      ///< A packet above kMaxPacket; its contents are dropped.
  };
  Kind kind;
  std::string payload;
};

/// Cuts a byte stream into packets. Takes any bytes in any portions.
class PacketReader {
 public:
  void feed(std::string_view bytes);
  /// The next thing that is complete, in order.
  std::optional<Incoming> next();

 private:
  enum class State { outside, payload, checksum_high, checksum_low };
  void byte(unsigned char value);
  void finish(unsigned char low_digit);

  State state_ = State::outside;
  std::string payload_;
  unsigned sum_ = 0;
  bool too_long_ = false;
  unsigned char high_digit_ = 0;
  std::deque<Incoming> ready_;
};

/// `payload` with its frame: $payload#checksum.
std::string frame(std::string_view payload);

/// Binary data as the X packet and qXfer replies carry it: } marks a byte that is XORed with 0x20.
std::string escape_binary(std::string_view bytes);
/// The reverse. Empty if the data ends inside an escape.
std::optional<std::string> unescape_binary(std::string_view text);

std::string to_hex(std::string_view bytes);
/// Empty for an odd number of digits or anything that is no digit.
std::optional<std::string> from_hex(std::string_view text);
/// A register as the protocol wants it: target byte order, little-endian here.
std::string word_to_hex(std::uint32_t value);
std::optional<std::uint32_t> word_from_hex(std::string_view text);

/// Reads a packet's fields from left to right.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  /// Takes `text` if it comes next.
  bool take(std::string_view text);
  /// Takes a hexadecimal number of 1 to 16 digits.
  std::optional<std::uint64_t> number();
  bool number(std::uint64_t& value);
  /// Takes everything up to the next `end` (which is dropped) or to the end of the packet.
  std::string_view until(char end);
  std::string_view rest() const { return rest_; }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace aimc::gdb
