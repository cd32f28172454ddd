// SPDX-License-Identifier: Apache-2.0
#include "aimc/gdb/packet.h"

#include <gtest/gtest.h>

#include <vector>

namespace aimc::gdb {
namespace {

using Kind = Incoming::Kind;

std::vector<Incoming> read_all(std::string_view bytes, std::size_t portion) {
  PacketReader reader;
  std::vector<Incoming> found;
  while (!bytes.empty()) {
    reader.feed(bytes.substr(0, portion));
    bytes.remove_prefix(std::min(portion, bytes.size()));
    while (auto incoming = reader.next()) found.push_back(*incoming);
  }
  return found;
}

TEST(PacketReader, CutsTheStreamWhateverThePortions) {
  for (const std::size_t portion : {1u, 2u, 3u, 100u}) {
    const auto found = read_all("+$g#67" + frame("m1000,4") + "\x03-junk$#00", portion);
    ASSERT_EQ(found.size(), 6u);
    EXPECT_EQ(found[0].kind, Kind::acknowledged);
    EXPECT_EQ(found[1].payload, "g");
    EXPECT_EQ(found[2].payload, "m1000,4");
    EXPECT_EQ(found[3].kind, Kind::interrupt);
    EXPECT_EQ(found[4].kind, Kind::rejected);
    EXPECT_EQ(found[5].kind, Kind::packet);
    EXPECT_EQ(found[5].payload, "");
  }
}

TEST(PacketReader, TellsWrongChecksums) {
  for (const char* const text : {"$g#68", "$g#zz", "$g#6", "$g#$6"}) {
    const auto found = read_all(std::string(text) + "#", 100);
    ASSERT_EQ(found.size(), 1u) << text;
    EXPECT_EQ(found[0].kind, Kind::bad_checksum) << text;
  }
}

TEST(PacketReader, StartsAgainAtADollarSign) {
  const auto found = read_all("$m1000,$g#67", 100);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].payload, "g");
}

TEST(PacketReader, DropsWhatIsTooLongAndGoesOn) {
  const std::string longest(kMaxPacket, 'a');
  const auto found = read_all(frame(longest) + frame(longest + "a") + frame("g"), 1000);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].payload.size(), kMaxPacket);
  EXPECT_EQ(found[1].kind, Kind::too_long);
  EXPECT_EQ(found[2].payload, "g");
}

TEST(PacketReader, ControlCInsideAPacketIsData) {
  const auto found = read_all(frame("X0,1:\x03"), 1);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].payload, "X0,1:\x03");
}

TEST(Hex, GoesThereAndBack) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(from_hex(to_hex(all)), all);
  EXPECT_EQ(unescape_binary(escape_binary(all)), all);
  EXPECT_EQ(from_hex("aF"), "\xaf");
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("0g"));
  EXPECT_FALSE(unescape_binary("ab}"));
  EXPECT_EQ(word_to_hex(0x12345678), "78563412");
  EXPECT_EQ(word_from_hex("78563412"), 0x12345678u);
  EXPECT_FALSE(word_from_hex("7856341"));
  EXPECT_FALSE(word_from_hex("7856341200"));
}

TEST(Scanner, ReadsFieldsAndRefusesNumbersAbove64Bits) {
  Scanner scanner("10,ff:rest");
  EXPECT_EQ(scanner.number(), 0x10u);
  EXPECT_FALSE(scanner.take(":"));
  EXPECT_TRUE(scanner.take(","));
  EXPECT_EQ(scanner.until(':'), "ff");
  EXPECT_EQ(scanner.rest(), "rest");
  EXPECT_FALSE(scanner.number());
  EXPECT_FALSE(Scanner("11112222333344445").number());
  EXPECT_EQ(Scanner("ffffffffffffffff").number(), ~std::uint64_t{0});
}

}  // namespace
}  // namespace aimc::gdb
