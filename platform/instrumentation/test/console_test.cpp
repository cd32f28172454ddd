// SPDX-License-Identifier: Apache-2.0
// Ways in which a program ends and leaves results: tohost and the signature.
#include <gtest/gtest.h>

#include <cerrno>
#include <limits>
#include <optional>

#include "aimc/common/error.h"
#include "aimc/instrumentation/htif.h"
#include "aimc/instrumentation/signature.h"
#include "aimc/instrumentation/symbol_table.h"
#include "small_memory.h"

namespace aimc::instrumentation {
namespace {

constexpr std::uint32_t kTohost = 0x80001000, kFromhost = 0x80001040;

class HtifTest : public ::testing::Test {
 protected:
  HtifTest()
      : htif(memory, kTohost, kFromhost,
             {[this](char c) { printed += c; },
              [this](int code, const std::string&) { exit_code = code; },
              [this](const std::string& message) { warnings += message + "\n"; }}) {}
  void settle() {
    htif.serve(false);
    htif.serve(true);
  }
  std::uint64_t fromhost() {
    std::uint64_t value = 0;
    memory.read(kFromhost, &value, sizeof value);
    return value;
  }

  SmallMemory memory;
  std::string printed, warnings;
  std::optional<int> exit_code;
  Htif htif;
};

TEST_F(HtifTest, EndsWithTheValueShiftedRightByOne) {
  EXPECT_FALSE(htif.serve(true)) << "nothing stands there";
  memory.put(kTohost, 1);
  EXPECT_TRUE(htif.serve(false)) << "may be half of a longer command";
  EXPECT_FALSE(htif.serve(false)) << "is no news any more";
  EXPECT_FALSE(exit_code);
  EXPECT_FALSE(htif.serve(true));
  EXPECT_EQ(exit_code, 0);
  EXPECT_EQ(memory.word(kTohost), 0u) << "consumed";
  memory.put(kTohost, 7 << 1 | 1);
  EXPECT_TRUE(htif.serve(true)) << "this value is new";
  EXPECT_EQ(exit_code, 0);
  htif.serve(true);
  EXPECT_EQ(exit_code, 7);
}

TEST_F(HtifTest, ACodeTooLargeForAnIntIsNotTakenForAPass) {
  memory.put(kTohost, 1);
  memory.put(kTohost + 4, 2);  // code 2^32
  EXPECT_FALSE(htif.serve(false));
  EXPECT_EQ(exit_code, std::numeric_limits<int>::max());
}

TEST_F(HtifTest, PrintsACharacterWhateverHalfIsWrittenFirst) {
  memory.put(kTohost, 'a');  // odd: looks like an end with code 48
  EXPECT_TRUE(htif.serve(false));
  memory.put(kTohost + 4, 0x01010000);
  EXPECT_FALSE(htif.serve(false));
  EXPECT_EQ(printed, "a");
  EXPECT_FALSE(exit_code);
  EXPECT_EQ(fromhost(), 0x0101000000000000u);
  memory.put(kTohost + 4, 0x01010000);
  EXPECT_TRUE(htif.serve(false));
  memory.put(kTohost, 'b');
  EXPECT_FALSE(htif.serve(false));
  EXPECT_EQ(printed, "ab");
}

TEST_F(HtifTest, WritesAndEndsBySystemCalls) {
  constexpr std::uint32_t kBlock = 0x80002000, kText = 0x80003000;
  memory.put(kText, std::string("hello"));
  memory.put(kBlock, 64);
  memory.put(kBlock + 8, 1);
  memory.put(kBlock + 16, kText);
  memory.put(kBlock + 24, 5);
  memory.put(kTohost, kBlock);
  settle();
  EXPECT_EQ(printed, "hello");
  EXPECT_EQ(memory.word(kBlock), 5u);
  EXPECT_EQ(fromhost(), 1u);
  memory.put(kBlock, 64);
  memory.put(kBlock + 4, 0);
  memory.put(kBlock + 16, 0x10);  // no memory
  memory.put(kTohost, kBlock);
  settle();
  EXPECT_EQ(static_cast<std::int32_t>(*memory.word(kBlock)), -EFAULT);
  memory.put(kBlock, 1234);
  memory.put(kBlock + 4, 0);
  memory.put(kTohost, kBlock);
  settle();
  EXPECT_EQ(static_cast<std::int32_t>(*memory.word(kBlock)), -ENOSYS);
  EXPECT_NE(warnings.find("1234"), std::string::npos);
  memory.put(kBlock, 93);
  memory.put(kBlock + 4, 0);
  memory.put(kBlock + 8, 3);
  memory.put(kTohost, kBlock);
  settle();
  EXPECT_EQ(exit_code, 3);
}

TEST_F(HtifTest, WarnsOfWhatIsNoCommand) {
  memory.put(kTohost, 0x4000);  // even, no memory
  settle();
  EXPECT_NE(warnings.find("0x4000"), std::string::npos);
  memory.put(kTohost, 2);
  memory.put(kTohost + 4, 0x05000000);
  htif.serve(true);
  EXPECT_NE(warnings.find("device 5"), std::string::npos);
  EXPECT_FALSE(exit_code);
}

soc::ElfImage image_with(std::vector<soc::ElfImage::Symbol> symbols) {
  soc::ElfImage image;
  image.file = "x.elf";
  image.segments.push_back({0x80000000, 0x4000, {}});
  image.symbols = std::move(symbols);
  return image;
}

TEST(SignatureTest, WritesWordsMostSignificantByteFirst) {
  SmallMemory memory;
  memory.put(0x80001000, 0xdeadbeef);
  memory.put(0x80001004, 0x00000001);
  memory.put(0x80001008, 0x000000aa);
  const auto image = image_with(
      {{"begin_signature", 0x80001000, 0, false}, {"end_signature", 0x80001009, 0, false}});
  EXPECT_EQ(Signature(image, 4).text(memory), "deadbeef\n00000001\n000000aa\n");
  EXPECT_EQ(Signature(image, 16).text(memory), "00000000000000aa00000001deadbeef\n")
      << "the last line is filled up with zeros";
  EXPECT_EQ(Signature(image, 1).text(memory).substr(0, 6), "ef\nbe\n");
}

TEST(SignatureTest, RefusesProgramsWithoutOne) {
  EXPECT_THROW(Signature(image_with({}), 4), UserError);
  EXPECT_THROW(Signature(image_with({{"begin_signature", 8, 0, false}}), 4), UserError);
  EXPECT_THROW(
      Signature(image_with({{"begin_signature", 8, 0, false}, {"end_signature", 4, 0, false}}), 4),
      UserError);
  SmallMemory memory;
  const auto outside =
      image_with({{"begin_signature", 8, 0, false}, {"end_signature", 16, 0, false}});
  EXPECT_THROW(Signature(outside, 4).text(memory), UserError);
}

TEST(SymbolTableTest, FindsFunctionsAndLabelsOfAssemblyCode) {
  const SymbolTable table(image_with({{"_start", 0x80000000, 0, false, true},
                                      {"main", 0x80000010, 8, true, true},
                                      {"$x", 0x80000010, 0, false, true},
                                      {"last", 0x80000040, 0, false, true},
                                      {"data", 0x80000020, 4, false, false}}));
  EXPECT_EQ(table.describe(0x80000000), "_start");
  EXPECT_EQ(table.describe(0x8000000c), "_start+0xc") << "a label reaches to the next";
  EXPECT_EQ(table.describe(0x80000014), "main+0x4");
  EXPECT_EQ(table.describe(0x80000018), "0x80000018") << "behind main";
  EXPECT_EQ(table.describe(0x80003ffe), "last+0x3fbe");
  EXPECT_EQ(table.find(0x80004000), nullptr);
  EXPECT_EQ(table.address("data"), 0x80000020u);
  EXPECT_EQ(table.address("nothing"), std::nullopt);
}

}  // namespace
}  // namespace aimc::instrumentation
