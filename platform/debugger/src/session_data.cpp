// SPDX-License-Identifier: Apache-2.0
// Queries, documents, registers and memory of a session.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aimc/gdb/documents.h"
#include "aimc/gdb/session.h"

namespace aimc::gdb {
namespace {

constexpr unsigned kGeneralRegisters = 33;  // x0 to x31 and pc
constexpr const char* kUnreadable = "xxxxxxxx";

/// The CRC of the qCRC packet: polynomial 0x04c11db7, most significant bit first.
std::uint32_t crc32(std::uint32_t crc, std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) {
    crc ^= std::uint32_t{byte} << 24;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 0x80000000u ? crc << 1 ^ 0x04c11db7u : crc << 1;
  }
  return crc;
}

/// address,length with both in 32 bits and no wrap.
struct Range {
  std::uint32_t address;
  std::uint64_t length;
};
std::optional<Range> range_of(Scanner& scanner) {
  const auto address = scanner.number();
  if (!address || !scanner.take(",")) return std::nullopt;
  const auto length = scanner.number();
  if (!length || *address > 0xffffffffu || *length > 0x100000000u - *address) return std::nullopt;
  return Range{static_cast<std::uint32_t>(*address), *length};
}

}  // namespace

// ---- q, Q, v packets

void Session::query(Scanner scanner) {
  if (scanner.take("Supported")) return supported(scanner);
  if (scanner.take("Xfer:")) return transfer(scanner);
  if (scanner.take("Rcmd,")) return remote_command(scanner.rest());
  if (scanner.take("CRC:")) return checksum_of_memory(scanner);
  if (scanner.take("ThreadExtraInfo,")) {
    const auto thread = parse_thread(scanner);
    if (!thread || !exists(*thread)) return reply("E01");
    const auto number = static_cast<unsigned>(*thread);
    return reply(to_hex(target_.thread_name(number) + ": " + target_.thread_state(number)));
  }
  if (scanner.take("fThreadInfo")) {
    std::string text = "m";
    for (unsigned i = 1; i <= target_.threads(); ++i)
      text += fmt::format("{}{}", i > 1 ? "," : "", thread_id(i));
    return reply(text);
  }
  if (scanner.take("sThreadInfo")) return reply("l");
  if (scanner.take("Attached")) return reply("1");  // leave it running when the client quits
  if (scanner.take("Symbol")) return reply("OK");   // nothing to look up
  if (scanner.take("C") && scanner.done()) return reply(fmt::format("QC{}", thread_id(thread_)));
  reply("");
}

void Session::set(Scanner scanner) {
  if (scanner.take("StartNoAckMode")) {
    reply("OK");
    acknowledge_ = false;
    return;
  }
  if (scanner.take("NonStop:0")) return reply("OK");
  if (scanner.take("NonStop:1"))
    return error("stopped threads stop simulated time, so there is no non-stop mode");
  reply("");
}

void Session::verbose(Scanner scanner) {
  if (scanner.take("Cont?")) return reply("vCont;c;C;s;S;r");
  if (scanner.take("Cont;")) return vcont(scanner);
  if (scanner.take("Kill;")) {
    if (!is_process(scanner.rest())) return reply("E01");
    reply("OK");
    // `run` of an extended-remote client is a kill and a start.
    gone_ = extended_ && !running_;
    if (gone_) return;
    finished_ = true;
    return target_.kill();
  }
  if (extended_ && scanner.take("Run;")) {  // the program is the one that the platform has
    start_again();
    return stop_reply(stop_);
  }
  reply("");
}

void Session::supported(Scanner scanner) {
  scanner.take(":");
  while (!scanner.done()) {
    const std::string_view feature = scanner.until(';');
    if (feature == "multiprocess+") multiprocess_ = true;
    if (feature == "swbreak+") swbreak_ = true;
    if (feature == "hwbreak+") hwbreak_ = true;
  }
  reply(
      fmt::format("PacketSize={:x};multiprocess+;swbreak+;hwbreak+;vContSupported+;"
                  "QStartNoAckMode+;qXfer:features:read+;qXfer:memory-map:read+;"
                  "qXfer:threads:read+",
                  kMaxPacket));
}

/// qXfer:object:read:annex:offset,length
void Session::transfer(Scanner scanner) {
  const std::string_view object = scanner.until(':');
  if (!scanner.take("read:")) return reply("");
  const std::string_view annex = scanner.until(':');
  std::string document;
  if (object == "features") {
    if (annex != "target.xml") return reply("E00");
    document = target_.description_xml();
  } else if (object == "memory-map") {
    document = target_.memory_map_xml();
  } else if (object == "threads") {
    document = threads_xml();
  } else {
    return reply("");
  }
  const auto offset = scanner.number();
  const auto length = scanner.take(",") ? scanner.number() : std::nullopt;
  if (!offset || !length || !scanner.done()) return reply("E01");
  if (*offset >= document.size()) return reply("l");
  // Every byte may need an escape.
  const std::size_t count =
      std::min<std::uint64_t>({*length, document.size() - *offset, (kMaxPacket - 1) / 2});
  const bool last = *offset + count == document.size();
  reply(fmt::format("{}{}", last ? 'l' : 'm',
                    escape_binary(std::string_view(document).substr(*offset, count))));
}

std::string Session::threads_xml() const {
  std::string text = "<?xml version=\"1.0\"?>\n<threads>\n";
  for (unsigned i = 1; i <= target_.threads(); ++i)
    text +=
        fmt::format("<thread id=\"{}\" core=\"{}\" name=\"{}\">{}</thread>\n", thread_id(i), i - 1,
                    escape_xml(target_.thread_name(i)), escape_xml(target_.thread_state(i)));
  return text + "</threads>\n";
}

void Session::remote_command(std::string_view hex) {
  const auto command = from_hex(hex);
  if (!command) return reply("E01");
  target_.monitor(*command, [this](std::string_view text) {
    while (!text.empty()) {
      const std::string_view part = text.substr(0, kMaxPacket / 4);
      send_(frame(fmt::format("O{}", to_hex(part))));
      text.remove_prefix(part.size());
    }
  });
  reply("OK");
}

void Session::checksum_of_memory(Scanner scanner) {
  const auto range = range_of(scanner);
  if (!range) return reply("E01");
  std::uint32_t crc = 0xffffffffu;
  std::array<std::uint8_t, 4096> bytes;
  for (std::uint64_t done = 0; done < range->length;) {
    const auto part =
        std::span(bytes).first(std::min<std::uint64_t>(bytes.size(), range->length - done));
    const auto address = static_cast<std::uint32_t>(range->address + done);
    if (target_.read_memory(address, part) != part.size()) return reply("E14");
    crc = crc32(crc, part);
    done += part.size();
  }
  reply(fmt::format("C{:x}", crc));
}

// ---- registers

void Session::read_all_registers() {
  std::string text;
  for (unsigned i = 0; i < kGeneralRegisters; ++i) {
    const auto value = target_.read_register(thread_, i);
    text += value ? word_to_hex(*value) : kUnreadable;
  }
  reply(text);
}

void Session::write_all_registers(std::string_view hex) {
  if (hex.size() < kGeneralRegisters * 8) return error("G has too few registers");
  for (unsigned i = 0; i < kGeneralRegisters; ++i) {
    const auto value = word_from_hex(hex.substr(std::size_t{8} * i, 8));
    if (!value) return error("a register's value cannot be read");
    const std::string problem = target_.write_register(thread_, i, *value);
    if (!problem.empty()) return error(problem);
  }
  reply("OK");
}

void Session::read_register(Scanner scanner) {
  const auto number = scanner.number();
  if (!number || !scanner.done() || *number > kRegisterPrivilege) return reply("E01");
  const auto value = target_.read_register(thread_, static_cast<unsigned>(*number));
  reply(value ? word_to_hex(*value) : kUnreadable);
}

void Session::write_register(Scanner scanner) {
  const auto number = scanner.number();
  if (!number || *number > kRegisterPrivilege || !scanner.take("=")) return reply("E01");
  const auto value = word_from_hex(scanner.rest());
  if (!value) return error("the register has 32 bits: eight hexadecimal digits");
  const std::string problem =
      target_.write_register(thread_, static_cast<unsigned>(*number), *value);
  problem.empty() ? reply("OK") : error(problem);
}

// ---- memory

void Session::read_memory(Scanner scanner) {
  const auto range = range_of(scanner);
  if (!range || !scanner.done()) return reply("E01");
  std::vector<std::uint8_t> bytes(std::min<std::uint64_t>(range->length, kMaxPacket / 2));
  const std::size_t count = target_.read_memory(range->address, bytes);
  // A reply that begins with "E." would be taken for data, so the number has to do.
  if (count == 0 && !bytes.empty()) return reply("E14");
  reply(to_hex({reinterpret_cast<const char*>(bytes.data()), count}));
}

void Session::write_memory(Scanner scanner, bool binary) {
  const auto range = range_of(scanner);
  if (!range || !scanner.take(":")) return reply("E01");
  const auto bytes = binary ? unescape_binary(scanner.rest()) : from_hex(scanner.rest());
  if (!bytes || bytes->size() != range->length) return error("the data do not have that length");
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes->data());
  const std::size_t count = target_.write_memory(range->address, {data, bytes->size()});
  count == bytes->size() ? reply("OK") : reply("E14");
}

}  // namespace aimc::gdb
