// SPDX-License-Identifier: Apache-2.0
// The registers of physical memory protection, and which bytes an entry matches.
#include "aimc/riscv/pmp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "user_machine.h"

namespace aimc::riscv {
namespace {

constexpr std::uint32_t kAll = kPmpR | kPmpW | kPmpX;

/// User mode may load the byte.
bool user_loads(const Pmp& pmp, std::uint32_t address) {
  return pmp.ask(address, AccessKind::kLoad, Privilege::kUser).allowed;
}

/// One byte of pmpcfg.
void set(Pmp& pmp, unsigned entry, std::uint32_t config) {
  const unsigned shift = 8 * (entry % 4);
  pmp.set_config(entry / 4, (pmp.config(entry / 4) & ~(0xffu << shift)) | config << shift);
}
std::uint32_t get(const Pmp& pmp, unsigned entry) {
  return pmp.config(entry / 4) >> (8 * (entry % 4)) & 0xffu;
}

TEST(Pmp, NapotMatchesEverySizeToTheByte) {
  for (unsigned log = 3; log <= 34; ++log) {
    const std::uint64_t size = std::uint64_t{1} << log;
    for (const std::uint64_t base : {std::uint64_t{0}, size, 5 * size}) {
      if (base + size > std::uint64_t{1} << 34) continue;  // pmpaddr holds bits 33 to 2
      Pmp pmp(16);
      pmp.set_address(3, static_cast<std::uint32_t>(base >> 2 | (size / 8 - 1)));
      set(pmp, 3, kPmpNapot | kPmpR);
      const std::uint64_t last = base + size - 1;
      for (const std::uint64_t at : {base, base + 1, base + size / 2, last - 1, last}) {
        if (at >> 32) continue;
        EXPECT_TRUE(user_loads(pmp, static_cast<std::uint32_t>(at))) << log << " " << at;
      }
      for (const std::uint64_t at : {base - 1, base - 4, last + 1, last + size}) {
        if (at >> 32) continue;
        EXPECT_FALSE(user_loads(pmp, static_cast<std::uint32_t>(at))) << log << " " << at;
      }
    }
  }
}

TEST(Pmp, Na4MatchesFourBytes) {
  for (const std::uint32_t base : {0u, 4u, 0x80000204u, 0xfffffffcu}) {
    Pmp pmp(16);
    pmp.set_address(0, base >> 2);
    set(pmp, 0, kPmpNa4 | kPmpR);
    for (std::uint32_t n = 0; n < 4; ++n) EXPECT_TRUE(user_loads(pmp, base + n));
    EXPECT_FALSE(user_loads(pmp, base - 1));
    EXPECT_FALSE(user_loads(pmp, base + 4));
  }
  Pmp beyond(16);  // bits 33 and 32 are beyond what a hart without translation can reach
  beyond.set_address(0, 0x40000000u | 0x80000204u >> 2);
  set(beyond, 0, kPmpNa4 | kPmpR);
  EXPECT_FALSE(user_loads(beyond, 0x80000204u));
}

TEST(Pmp, TorGoesFromTheEntryBelowWhateverThatOneIs) {
  for (const std::uint32_t below_mode : {0u, kPmpTor, kPmpNa4, kPmpNapot}) {
    Pmp pmp(16);
    pmp.set_address(6, 0x80000100u >> 2);
    pmp.set_address(7, 0x80000208u >> 2);
    set(pmp, 7, kPmpTor | kPmpR);
    set(pmp, 6, below_mode);  // without rights
    EXPECT_TRUE(user_loads(pmp, 0x80000207u));
    EXPECT_FALSE(user_loads(pmp, 0x80000208u));
    EXPECT_TRUE(user_loads(pmp, 0x80000110u));
    EXPECT_FALSE(user_loads(pmp, 0x800000ffu));
    EXPECT_EQ(user_loads(pmp, 0x80000100u), below_mode == 0 || below_mode == kPmpTor);
  }
}

TEST(Pmp, TorOfTheFirstEntryBeginsAtZero) {
  Pmp pmp(16);
  pmp.set_address(0, 0x1000u >> 2);
  set(pmp, 0, kPmpTor | kPmpR);
  EXPECT_TRUE(user_loads(pmp, 0));
  EXPECT_TRUE(user_loads(pmp, 0xfff));
  EXPECT_FALSE(user_loads(pmp, 0x1000));
}

TEST(Pmp, TorThatEndsBeforeItBeginsMatchesNothing) {
  for (const std::uint32_t top : {0x80000000u, 0x7ffffffcu, 0u}) {
    Pmp pmp(16);
    pmp.set_address(1, 0x80000000u >> 2);
    pmp.set_address(2, top >> 2);
    set(pmp, 2, kPmpTor | kAll | kPmpLock);
    for (const std::uint32_t at : {0u, 0x7ffffffcu, 0x80000000u, 0xffffffffu})
      EXPECT_FALSE(user_loads(pmp, at)) << top;
  }
}

TEST(Pmp, TorToTheEndOfTheAddresses) {
  Pmp pmp(16);
  pmp.set_address(0, 0xfffff000u >> 2);
  pmp.set_address(1, 0x40000000u);  // 2^32
  set(pmp, 1, kPmpTor | kPmpR);
  EXPECT_TRUE(user_loads(pmp, 0xfffff000u));
  EXPECT_TRUE(user_loads(pmp, 0xffffffffu));
  EXPECT_FALSE(user_loads(pmp, 0xffffefffu));
}

TEST(Pmp, LowestMatchingEntryDecides) {
  Pmp pmp(16);
  for (unsigned n = 0; n < 16; ++n) {  // each entry half as big as the next, nested
    pmp.set_address(n, napot(0x80000000u, 8u << n));
    set(pmp, n, kPmpNapot | (n % 2 ? kPmpR : kPmpX));
  }
  for (unsigned n = 0; n < 16; ++n) {
    const std::uint32_t inside = 0x80000000u + (8u << n) - 1;
    EXPECT_EQ(user_loads(pmp, inside), n % 2 == 1) << n;
    EXPECT_EQ(pmp.ask(inside, AccessKind::kFetch, Privilege::kUser).allowed, n % 2 == 0) << n;
  }
  EXPECT_FALSE(user_loads(pmp, 0x80000000u + (8u << 15))) << "no entry matches";
}

TEST(Pmp, WithoutAMatchMachineModeMayAndUserModeMayNot) {
  for (const unsigned regions : {0u, 1u, 16u}) {
    const Pmp pmp(regions);
    for (const AccessKind kind : {AccessKind::kFetch, AccessKind::kLoad, AccessKind::kStore}) {
      EXPECT_TRUE(pmp.ask(0x80000000u, kind, Privilege::kMachine).allowed);
      EXPECT_EQ(pmp.ask(0x80000000u, kind, Privilege::kUser).allowed, regions == 0)
          << "user mode needs an entry as soon as there is one";
    }
  }
}

TEST(Pmp, RightsOfEachKindOfAccessAtBothLevels) {
  for (std::uint32_t config = 0; config < 256; ++config) {
    if ((config & (kPmpR | kPmpW)) == kPmpW) continue;  // reserved, see below
    if ((config & 0x18) != kPmpNapot) continue;
    Pmp pmp(16);
    pmp.set_address(9, napot(0x80000000u, 64));
    set(pmp, 9, config);
    const std::pair<AccessKind, std::uint32_t> kinds[] = {
        {AccessKind::kLoad, kPmpR}, {AccessKind::kStore, kPmpW}, {AccessKind::kFetch, kPmpX}};
    for (const auto& [kind, right] : kinds) {
      const bool may = config & right;
      EXPECT_EQ(pmp.ask(0x80000010u, kind, Privilege::kUser).allowed, may) << config;
      EXPECT_EQ(pmp.ask(0x80000010u, kind, Privilege::kMachine).allowed,
                may || !(config & kPmpLock))
          << config << ": entries bind machine mode only when they are locked";
    }
  }
}

TEST(PmpRegisters, EveryByteOfEveryEntryReadsBackLegal) {
  for (unsigned entry = 0; entry < 16; ++entry) {
    for (std::uint32_t written = 0; written < 256; ++written) {
      UserMachine m;
      m.set_entry(15, 0);
      m.set_entry(entry, written);
      const bool reserved = (written & (kPmpR | kPmpW)) == kPmpW;
      const std::uint32_t legal = (written & 0x9fu) & ~(reserved ? kPmpW : 0u);
      for (unsigned word = 0; word < 4; ++word) {
        EXPECT_EQ(m.core.read_csr(kCsrPmpcfg0 + word),
                  word == entry / 4 ? legal << (8 * (entry % 4)) : 0u)
            << entry << " " << written;
      }
    }
  }
}

TEST(PmpRegisters, AddressesHoldAll32Bits) {
  TestMachine m;
  for (std::uint32_t n = 0; n < 16; ++n) {
    for (const std::uint32_t value : {~0u, 0x55555555u, 0xaaaaaaaau, 0u, 0x12345678u + n}) {
      EXPECT_TRUE(m.core.write_csr(kCsrPmpaddr0 + n, value));
      EXPECT_EQ(m.core.read_csr(kCsrPmpaddr0 + n), value) << "granularity is 4 bytes";
    }
  }
  for (std::uint32_t n = 0; n < 16; ++n)
    EXPECT_EQ(m.core.read_csr(kCsrPmpaddr0 + n), 0x12345678u + n) << "each has its own";
}

TEST(PmpRegisters, LockKeepsConfigurationAndAddress) {
  for (unsigned entry = 0; entry < 16; ++entry) {
    for (const std::uint32_t mode : {0u, kPmpTor, kPmpNa4, kPmpNapot}) {
      Pmp pmp(16);
      for (unsigned n = 0; n < 16; ++n) pmp.set_address(n, 0x20000000u + 0x1000 * n);
      set(pmp, entry, kPmpLock | mode | kPmpR);
      EXPECT_FALSE(pmp.set_address(entry, 1)) << "an entry that is off is locked, too";
      for (const std::uint32_t value : {0u, kAll, kPmpLock, ~0u & 0x9fu}) set(pmp, entry, value);
      EXPECT_EQ(get(pmp, entry), kPmpLock | mode | kPmpR);
      EXPECT_EQ(pmp.address(entry), 0x20000000u + 0x1000 * entry);
      if (entry > 0) {
        EXPECT_EQ(pmp.set_address(entry - 1, 1), mode != kPmpTor)
            << "the address below a locked TOR entry is its bottom";
        set(pmp, entry - 1, kPmpNa4 | kPmpX);
        EXPECT_EQ(get(pmp, entry - 1), kPmpNa4 | kPmpX) << "but its configuration is free";
      }
      if (entry > 1) {
        EXPECT_TRUE(pmp.set_address(entry - 2, 1));
      }
      if (entry < 15) {
        EXPECT_TRUE(pmp.set_address(entry + 1, 1));
      }
    }
  }
}

TEST(PmpRegisters, LockedBytesStayWhileTheirNeighboursChange) {
  Pmp pmp(16);
  pmp.set_config(1, 0x9b011900);
  EXPECT_EQ(pmp.config(1), 0x9b011900u);
  pmp.set_config(1, 0x00ff9f1f);
  EXPECT_EQ(pmp.config(1), 0x9b9f9f1fu);
  pmp.set_config(1, 0);
  EXPECT_EQ(pmp.config(1), 0x9b9f9f00u);
  pmp.reset();
  EXPECT_EQ(pmp.config(1), 0u) << "a reset unlocks";
}

TEST(PmpRegisters, LockThatComesWithTheSameWriteTakesTheWholeWrite) {
  Pmp pmp(16);
  set(pmp, 2, kPmpNa4 | kAll);
  set(pmp, 2, kPmpLock | kPmpTor | kPmpR);
  EXPECT_EQ(get(pmp, 2), kPmpLock | kPmpTor | kPmpR);
}

TEST(PmpRegisters, AsManyAsTheParameterSays) {
  for (const unsigned regions : {0u, 1u, 5u, 16u}) {
    CoreConfig config;
    config.pmp_regions = regions;
    TestMachine m(config);
    const auto found = m.core.implemented_csrs();
    for (std::uint32_t n = 0; n < 16; ++n) {
      const bool there = std::count(found.begin(), found.end(), kCsrPmpaddr0 + n) == 1;
      EXPECT_EQ(there, regions > 0) << "all or none: those beyond the last entry read 0";
      EXPECT_EQ(m.core.write_csr(kCsrPmpaddr0 + n, ~0u), regions > 0);
      if (regions > 0) {
        EXPECT_EQ(m.core.read_csr(kCsrPmpaddr0 + n), n < regions ? ~0u : 0u);
      }
    }
    for (std::uint32_t word = 0; word < 4; ++word) {
      EXPECT_EQ(m.core.write_csr(kCsrPmpcfg0 + word, 0x07070707), regions > 0);
      std::uint32_t expected = 0;
      for (unsigned n = 0; n < 4; ++n) expected |= 4 * word + n < regions ? 7u << (8 * n) : 0;
      if (regions > 0) {
        EXPECT_EQ(m.core.read_csr(kCsrPmpcfg0 + word), expected);
      }
    }
  }
}

TEST(PmpRegisters, ResetTurnsAllEntriesOff) {
  UserMachine m;
  m.set_entry(0, kPmpLock | kPmpNapot, napot(kRam, 64));
  m.core.reset();
  for (std::uint32_t word = 0; word < 4; ++word) EXPECT_EQ(m.core.read_csr(kCsrPmpcfg0 + word), 0u);
  m.put(kRam, {assembler::lw(assembler::a0, 0, assembler::a1), assembler::wfi()});
  m.core.set_x(assembler::a1, kRam);
  EXPECT_EQ(m.core.run(10).exit, Exit::kWfi);
  EXPECT_EQ(m.core.pc(), kRam + 8);
}

}  // namespace
}  // namespace aimc::riscv
