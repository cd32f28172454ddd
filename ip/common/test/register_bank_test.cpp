// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/register_bank.h"

#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>

#include "aimc/common/registry.h"

namespace aimc {
namespace {

constexpr FieldInfo kModeFields[] = {
    {"STORED", 0, 8, Access::rw, 0x12, ""},
    {"SEEN", 8, 8, Access::ro, 0x34, ""},
    {"EVENT", 16, 8, Access::w1c, 0x0, ""},
    {"GO", 24, 8, Access::wo, 0x0, ""},
};
constexpr FieldInfo kWordFields[] = {{"VALUE", 0, 32, Access::rw, 0, ""}};
constexpr FieldInfo kFixedFields[] = {{"VALUE", 0, 32, Access::ro, 0xabcd, ""}};
constexpr RegisterInfo kRegisters[] = {
    {"MODE", 0x0, 1, 4, 4, 0x3412, kModeFields, ""},
    {"FIXED", 0x4, 1, 4, 4, 0xabcd, kFixedFields, ""},
    {"ARRAY", 0x10, 3, 8, 4, 0, kWordFields, ""},
};
constexpr RegisterMap kMap{"toy", "", 0x40, kRegisters};
constexpr RegisterInfo kUpperRegisters[] = {{"UPPER", 0x40, 1, 4, 4, 7, kWordFields, ""}};
constexpr RegisterMap kUpper{"upper", "", 0x80, kUpperRegisters};
constexpr RegisterInfo kByteRegisters[] = {{"BYTE", 0x0, 1, 1, 1, 0, kWordFields, ""}};
constexpr RegisterMap kBytes{"bytes", "", 0x10, kByteRegisters};

class RegisterBankTest : public ::testing::Test {
 protected:
  tlm::tlm_response_status transfer(tlm::tlm_command command, std::uint64_t offset, void* data,
                                    unsigned length) {
    tlm::tlm_generic_payload txn;
    prepare(txn, command, offset, data, length);
    return bank.access(txn);
  }
  static void prepare(tlm::tlm_generic_payload& txn, tlm::tlm_command command, std::uint64_t offset,
                      void* data, unsigned length) {
    txn.set_command(command);
    txn.set_address(offset);
    txn.set_data_ptr(static_cast<unsigned char*>(data));
    txn.set_data_length(length);
    txn.set_streaming_width(length);
  }
  tlm::tlm_response_status write(std::uint64_t offset, std::uint32_t value) {
    return transfer(tlm::TLM_WRITE_COMMAND, offset, &value, 4);
  }
  std::uint32_t read(std::uint64_t offset) {
    std::uint32_t value = 0xdeadbeef;
    EXPECT_EQ(transfer(tlm::TLM_READ_COMMAND, offset, &value, 4), tlm::TLM_OK_RESPONSE);
    return value;
  }
  RegisterBank bank{&kMap, &kUpper};
};

TEST_F(RegisterBankTest, StartsWithTheResetValues) {
  EXPECT_EQ(read(0x0), 0x3412u);
  EXPECT_EQ(read(0x4), 0xabcdu);
  EXPECT_EQ(read(0x18), 0u);
  EXPECT_EQ(read(0x40), 7u) << "the second map";
}

TEST_F(RegisterBankTest, TreatsEachFieldByItsAccess) {
  bank.raise(0x0, 0x00f00000);
  EXPECT_EQ(write(0x0, 0xff50ff99), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(read(0x0), 0x00a03499u) << "rw stored, ro kept, w1c cleared, wo reads 0";
  bank.drop(0x0, 0x00a00000);
  EXPECT_EQ(bank.get(0x0) & 0x00ff0000, 0u);
}

TEST_F(RegisterBankTest, RefusesWhatTheMapDoesNotAllow) {
  std::uint32_t word = 0;
  EXPECT_EQ(write(0x4, 1), tlm::TLM_COMMAND_ERROR_RESPONSE) << "read-only";
  EXPECT_EQ(write(0x8, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "hole";
  EXPECT_EQ(write(0x14, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "between array elements";
  EXPECT_EQ(write(0x80, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "beyond the map";
  EXPECT_EQ(write(~std::uint64_t{3}, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(write(0x2, 1), tlm::TLM_BURST_ERROR_RESPONSE) << "unaligned";
  EXPECT_EQ(transfer(tlm::TLM_READ_COMMAND, 0, &word, 2), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(transfer(tlm::TLM_READ_COMMAND, 0, &word, 0), tlm::TLM_BURST_ERROR_RESPONSE);
  tlm::tlm_generic_payload txn;
  prepare(txn, tlm::TLM_WRITE_COMMAND, 0, &word, 4);
  unsigned char enables[4] = {0xff, 0, 0, 0};
  txn.set_byte_enable_ptr(enables);
  txn.set_byte_enable_length(4);
  EXPECT_EQ(bank.access(txn), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  EXPECT_EQ(read(0x0), 0x3412u) << "nothing was changed";
}

TEST_F(RegisterBankTest, MovesRunsOfWordsOrNothing) {
  std::uint32_t words[2] = {0, 0};
  EXPECT_EQ(transfer(tlm::TLM_READ_COMMAND, 0, words, 8), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(words[0], 0x3412u);
  EXPECT_EQ(words[1], 0xabcdu);
  words[0] = 0x55;
  EXPECT_EQ(transfer(tlm::TLM_WRITE_COMMAND, 0, words, 8), tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_EQ(read(0x0), 0x3412u) << "the second word is read-only, so the first keeps its value";
}

TEST_F(RegisterBankTest, CallsHooksWithTheElementOfAnArray) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> writes;
  bank.on_write(0x10, [&](std::uint32_t value, std::uint32_t index) {
    writes.emplace_back(value, index);
    EXPECT_EQ(bank.get(0x10 + 8 * index), value) << "the value is stored before the hook runs";
  });
  bank.on_read(0x10, [](std::uint32_t index) { return 100 + index; });
  write(0x10, 5);
  write(0x20, 6);
  EXPECT_EQ(writes, (std::vector<std::pair<std::uint32_t, std::uint32_t>>{{5, 0}, {6, 2}}));
  EXPECT_EQ(read(0x18), 101u);
  EXPECT_EQ(bank.get(0x18), 0u);
}

TEST_F(RegisterBankTest, ShowsHooksTheWholeWordThatWasWritten) {
  std::uint32_t seen = 0;
  bank.on_write(0x0, [&](std::uint32_t value, std::uint32_t) { seen = value; });
  write(0x0, 0xff0000ff);
  EXPECT_EQ(seen, 0xff0000ffu);
}

TEST_F(RegisterBankTest, DebugAccessesHaveNoSideEffects) {
  int hooks = 0;
  bank.on_write(0x0, [&](std::uint32_t, std::uint32_t) { ++hooks; });
  unsigned char bytes[6] = {};
  tlm::tlm_generic_payload txn;
  prepare(txn, tlm::TLM_READ_COMMAND, 1, bytes, 6);
  EXPECT_EQ(bank.debug(txn), 6u) << "any alignment";
  EXPECT_EQ(bytes[0], 0x34);
  EXPECT_EQ(bytes[3], 0xcd);
  prepare(txn, tlm::TLM_READ_COMMAND, 4, bytes, 6);
  EXPECT_EQ(bank.debug(txn), 4u) << "up to the hole";
  bytes[0] = 0x77;
  prepare(txn, tlm::TLM_WRITE_COMMAND, 0, bytes, 1);
  EXPECT_EQ(bank.debug(txn), 1u);
  EXPECT_EQ(read(0x0) & 0xff, 0x77u);
  EXPECT_EQ(hooks, 0);
}

TEST_F(RegisterBankTest, ResetsEverythingWithoutHooks) {
  int hooks = 0;
  write(0x0, 0xff);
  write(0x20, 9);
  bank.on_write(0x20, [&](std::uint32_t, std::uint32_t) { ++hooks; });
  bank.reset();
  EXPECT_EQ(read(0x0), 0x3412u);
  EXPECT_EQ(read(0x20), 0u);
  EXPECT_EQ(hooks, 0);
}

TEST_F(RegisterBankTest, RefusesWrongMapsAndOffsetsOfTheModel) {
  EXPECT_THROW((RegisterBank{&kMap, &kMap}), std::logic_error) << "overlap";
  EXPECT_THROW((RegisterBank{&kBytes}), std::logic_error) << "byte registers";
  EXPECT_THROW(bank.get(0x8), std::logic_error);
  EXPECT_THROW(bank.set(0x8, 1), std::logic_error);
  EXPECT_THROW(bank.on_read(0x14, [](std::uint32_t) { return 0u; }), std::logic_error);
}

TEST(RegistryTest, FindsKindsAndListsThemOtherwise) {
  Registry registry;
  registry.add(IpKind{"uart", "", {}, 0, {}, {}, {}});
  registry.add(IpKind{"dma", "", {}, 0, {}, {}, {}});
  EXPECT_EQ(registry.find("dma", {}).name, "dma");
  try {
    registry.find("dmaa", {"p.yaml", 4, 9});
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "p.yaml:4:9: error: there is no IP kind 'dmaa'. Known: dma, uart");
  }
  EXPECT_THROW(registry.add(IpKind{"dma", "", {}, 0, {}, {}, {}}), UserError);
}

}  // namespace
}  // namespace aimc
