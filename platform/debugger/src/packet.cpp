// SPDX-License-Identifier: Apache-2.0
#include "aimc/gdb/packet.h"

#include <algorithm>

namespace aimc::gdb {
namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr char kEscape = '}';
constexpr unsigned char kEscapeMask = 0x20;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void PacketReader::feed(std::string_view bytes) {
  for (const char c : bytes) byte(static_cast<unsigned char>(c));
}

std::optional<Incoming> PacketReader::next() {
  if (ready_.empty()) return std::nullopt;
  Incoming first = std::move(ready_.front());
  ready_.pop_front();
  return first;
}

void PacketReader::byte(unsigned char value) {
  switch (state_) {
    case State::outside:
      if (value == '$') {
        state_ = State::payload;
        payload_.clear();
        sum_ = 0;
        too_long_ = false;
      } else if (value == 0x03) {
        ready_.push_back({Incoming::Kind::interrupt, {}});
      } else if (value == '+') {
        ready_.push_back({Incoming::Kind::acknowledged, {}});
      } else if (value == '-') {
        ready_.push_back({Incoming::Kind::rejected, {}});
      }
      return;
    case State::payload:
      if (value == '#') {
        state_ = State::checksum_high;
      } else if (value == '$') {  // the client gave up on the packet before and starts again
        payload_.clear();
        sum_ = 0;
        too_long_ = false;
      } else {
        sum_ += value;
        if (payload_.size() < kMaxPacket) {
          payload_.push_back(static_cast<char>(value));
        } else {
          too_long_ = true;
        }
      }
      return;
    case State::checksum_high:
      high_digit_ = value;
      state_ = State::checksum_low;
      return;
    case State::checksum_low:
      state_ = State::outside;
      finish(value);
      return;
  }
}

void PacketReader::finish(unsigned char low_digit) {
  const int high = digit(static_cast<char>(high_digit_));
  const int low = digit(static_cast<char>(low_digit));
  const bool fits = high >= 0 && low >= 0 && static_cast<unsigned>(high * 16 + low) == (sum_ & 255);
  if (too_long_) {
    ready_.push_back({Incoming::Kind::too_long, {}});
  } else if (!fits) {
    ready_.push_back({Incoming::Kind::bad_checksum, {}});
  } else {
    ready_.push_back({Incoming::Kind::packet, std::move(payload_)});
  }
  payload_.clear();
}

std::string frame(std::string_view payload) {
  unsigned sum = 0;
  for (const char c : payload) sum += static_cast<unsigned char>(c);
  std::string text = "$";
  text.append(payload);
  text += '#';
  text += kDigits[sum >> 4 & 15];
  text += kDigits[sum & 15];
  return text;
}

std::string escape_binary(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    if (c == '$' || c == '#' || c == kEscape || c == '*') {
      text += kEscape;
      text += static_cast<char>(c ^ kEscapeMask);
    } else {
      text += c;
    }
  }
  return text;
}

std::optional<std::string> unescape_binary(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != kEscape) {
      bytes += text[i];
    } else if (++i < text.size()) {
      bytes += static_cast<char>(text[i] ^ kEscapeMask);
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string word_to_hex(std::uint32_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift & 255);
  return to_hex(bytes);
}

std::optional<std::uint32_t> word_from_hex(std::string_view text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != 4) return std::nullopt;
  std::uint32_t value = 0;
  for (unsigned i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>((*bytes)[i]);
  return value;
}

bool Scanner::take(std::string_view text) {
  if (rest_.substr(0, text.size()) != text) return false;
  rest_.remove_prefix(text.size());
  return true;
}

std::optional<std::uint64_t> Scanner::number() {
  std::uint64_t value = 0;
  std::size_t count = 0;
  while (count < rest_.size() && digit(rest_[count]) >= 0) {
    if (count == 16) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(digit(rest_[count++]));
  }
  if (count == 0) return std::nullopt;
  rest_.remove_prefix(count);
  return value;
}

bool Scanner::number(std::uint64_t& value) {
  const auto read = number();
  value = read.value_or(0);
  return read.has_value();
}

std::string_view Scanner::until(char end) {
  const std::size_t at = std::min(rest_.find(end), rest_.size());
  const std::string_view field = rest_.substr(0, at);
  rest_.remove_prefix(std::min(at + 1, rest_.size()));
  return field;
}

}  // namespace aimc::gdb
