// SPDX-License-Identifier: Apache-2.0
// Random settings of memory protection against a second, plain reading of the privileged
// specification: byte by byte, entry by entry, without ranges or windows.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "user_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

/// Registers and rules as the specification words them.
class Reference {
 public:
  explicit Reference(unsigned regions) : regions_(regions) {}

  void write_config(unsigned word, std::uint32_t value) {
    for (unsigned n = 4 * word; n < 4 * word + 4; ++n, value >>= 8) {
      if (n >= regions_ || locked(n)) continue;
      std::uint32_t byte = value & 0x9fu;
      if ((byte & 3u) == 2) byte &= ~2u;
      config_[n] = byte;
    }
  }
  void write_address(unsigned n, std::uint32_t value) {
    const bool bottom_of_locked = n + 1 < 16 && locked(n + 1) && field_a(n + 1) == 1;
    if (n < regions_ && !locked(n) && !bottom_of_locked) address_[n] = value;
  }
  std::uint32_t config(unsigned word) const {
    return config_[4 * word] | config_[4 * word + 1] << 8 | config_[4 * word + 2] << 16 |
           config_[4 * word + 3] << 24;
  }
  std::uint32_t address(unsigned n) const { return address_[n]; }

  bool allows(std::uint32_t address, unsigned size, std::uint32_t right, bool machine) const {
    for (unsigned n = 0; n < regions_; ++n) {
      unsigned matched = 0;
      for (unsigned byte = 0; byte < size; ++byte)
        matched += matches(n, std::uint64_t{address} + byte) ? 1 : 0;
      if (matched == 0) continue;
      if (matched < size) return false;
      return (machine && !locked(n)) || (config_[n] & right) != 0;
    }
    return machine || regions_ == 0;
  }

 private:
  bool locked(unsigned n) const { return config_[n] & 0x80u; }
  std::uint32_t field_a(unsigned n) const { return config_[n] >> 3 & 3u; }
  bool matches(unsigned n, std::uint64_t byte) const {
    const std::uint64_t word = byte >> 2;
    switch (field_a(n)) {
      case 1:
        return word < address_[n] && (n == 0 || word >= address_[n - 1]);
      case 2:
        return word == address_[n];
      case 3: {  // address bits up to and with the lowest 0 do not count
        std::uint64_t ignored = 1;
        while ((address_[n] & ignored) == ignored) ignored = ignored << 1 | 1;
        return (word | ignored) == (address_[n] | ignored);
      }
      default:
        return false;
    }
  }
  unsigned regions_;
  std::array<std::uint32_t, 16> config_{}, address_{};
};

using Random = std::mt19937;

std::uint32_t bits(Random& random) { return static_cast<std::uint32_t>(random()); }

std::uint32_t below(Random& random, std::uint32_t limit) {
  return static_cast<std::uint32_t>(std::uint64_t{random()} * limit >> 32);
}

/// A word of pmpcfg; one byte in `lock` is locked.
std::uint32_t random_config(Random& random, std::uint32_t lock) {
  std::uint32_t value = bits(random) & 0x1f1f1f1fu;
  for (unsigned n = 0; n < 4; ++n) {
    if (below(random, 3) == 0) value &= ~(0x18u << (8 * n));
    if (below(random, lock) == 0) value |= 0x80u << (8 * n);
  }
  return value;
}

/// Addresses that meet: in 16 KiB, on coarse and fine grids, NAPOT sizes of all kinds.
std::uint32_t random_address(Random& random, std::uint32_t base) {
  std::uint32_t address = (base + below(random, 0x4000)) >> 2;
  const std::uint32_t kind = below(random, 8);
  if (kind < 3) address &= ~0xfu;
  if (kind >= 3 && kind < 6) {
    const std::uint32_t ones = below(random, 11);
    address = (address & ~((2u << ones) - 1)) | ((1u << ones) - 1);
  }
  if (kind == 7) address = bits(random);
  return address;
}

// 3,000 sequences of 24 register writes, 15 questions after each: 1,080,000 accesses.
TEST(PmpModel, RegistersAndAnswersAreThoseOfTheSpecification) {
  Random random(20211203);
  unsigned refused = 0, asked = 0;
  for (unsigned sequence = 0; sequence < 3000; ++sequence) {
    static constexpr unsigned kRegions[] = {16, 16, 16, 16, 5, 1, 0};
    const unsigned regions = kRegions[sequence % 7];
    const std::uint32_t base = sequence % 5 == 0   ? 0u
                               : sequence % 5 == 1 ? 0xffffc000u
                                                   : 0x80000000u;
    Pmp pmp(regions);
    Reference reference(regions);
    for (unsigned step = 0; step < 24; ++step) {
      if (below(random, 3) == 0) {
        const std::uint32_t word = below(random, 4), value = random_config(random, 24);
        pmp.set_config(word, value);
        reference.write_config(word, value);
      } else {
        const std::uint32_t entry = below(random, 16), value = random_address(random, base);
        pmp.set_address(entry, value);
        reference.write_address(entry, value);
      }
      for (unsigned word = 0; word < 4; ++word)
        ASSERT_EQ(pmp.config(word), reference.config(word)) << sequence;
      for (unsigned n = 0; n < 16; ++n) ASSERT_EQ(pmp.address(n), reference.address(n)) << sequence;
      for (unsigned question = 0; question < 15; ++question) {
        const unsigned size = 1u << below(random, 3), kind = below(random, 3);
        const bool machine = below(random, 3) == 0;
        std::uint32_t address = base + below(random, 0x4000 - 4);
        if (question % 2)
          address = (reference.address(below(random, 16)) << 2) + below(random, 9) - 4;
        if (address > 0u - size) continue;  // would wrap
        static constexpr AccessKind kKinds[] = {AccessKind::kLoad, AccessKind::kStore,
                                                AccessKind::kFetch};
        const auto answer =
            pmp.ask(address, kKinds[kind], machine ? Privilege::kMachine : Privilege::kUser);
        ASSERT_TRUE(answer.first <= address && address <= answer.last);
        const bool allowed = answer.allowed && address + (size - 1) <= answer.last;
        ASSERT_EQ(allowed, reference.allows(address, size, 1u << kind, machine))
            << "sequence " << sequence << " step " << step << " address " << std::hex << address
            << " size " << size << " kind " << kind << " machine " << machine;
        ++asked;
        refused += allowed ? 0 : 1;
      }
    }
  }
  EXPECT_GT(asked, 1000000u);
  EXPECT_GT(refused, asked / 8);
  EXPECT_LT(refused, asked - asked / 8);
}

constexpr std::uint32_t kData = kRam + 0x1000, kCode = kRam + 0x2000;  // 4 KiB each

struct Access {
  std::uint32_t word, right, cause, size;
  bool atomic;
};

const Access kAccesses[] = {
    {lbu(a0, 0, a1), kPmpR, kCauseLoadAccess, 1, false},
    {lh(a0, 0, a1), kPmpR, kCauseLoadAccess, 2, false},
    {lw(a0, 0, a1), kPmpR, kCauseLoadAccess, 4, false},
    {flw(1, 0, a1), kPmpR, kCauseLoadAccess, 4, false},
    {sb(a2, 0, a1), kPmpW, kCauseStoreAccess, 1, false},
    {sh(a2, 0, a1), kPmpW, kCauseStoreAccess, 2, false},
    {sw(a2, 0, a1), kPmpW, kCauseStoreAccess, 4, false},
    {fsw(1, 0, a1), kPmpW, kCauseStoreAccess, 4, false},
    {lr(a0, a1), kPmpR, kCauseLoadAccess, 4, true},
    {sc(a0, a2, a1), kPmpW, kCauseStoreAccess, 4, true},
    {amo(0, a0, a2, a1), kPmpW, kCauseStoreAccess, 4, true},
};
constexpr std::uint32_t kAccessCount = std::size(kAccesses);

/// A hart whose own code stays out of the game: entry 0 lets everybody use its first page.
struct ModelMachine : TrapMachine {
  ModelMachine() {
    for (std::uint32_t n = 0; n < kAccessCount; ++n) put(kRam + 16 * n, {kAccesses[n].word, wfi()});
    for (std::uint32_t at = 0; at < 0x800; at += 2) put16(kCode + at, {0x9002});  // c.ebreak
    for (std::uint32_t at = 0x802; at + 4 <= 0x1000; at += 4) write(kCode + at, ebreak());
    set(kCsrPmpaddr0, napot(kRam, 0x1000));
    set(kCsrPmpcfg0, kPmpNapot | kPmpR | kPmpW | kPmpX);
    core.write_csr(kCsrMstatus, kMstatusFs);
  }
  void set(std::uint32_t csr, std::uint32_t value) {
    core.write_csr(csr, value);
    if (csr <= kCsrPmpcfg3) {
      reference.write_config(csr - kCsrPmpcfg0, value);
    } else {
      reference.write_address(csr - kCsrPmpaddr0, value);
    }
  }
  /// @return mcause; 0 if no trap.
  std::uint32_t go(std::uint32_t pc, bool machine) {
    const Privilege level = machine ? Privilege::kMachine : Privilege::kUser;
    if (core.privilege() != level) core.set_privilege(level);  // which drops the windows
    core.set_pc(pc);
    EXPECT_EQ(core.run(100).exit, Exit::kWfi);
    return core.pc() == kHandler + 8 ? *core.read_csr(kCsrMcause) : 0;
  }
  Reference reference{16};
};

void try_access(ModelMachine& m, Random& random) {
  const std::uint32_t which = below(random, kAccessCount);
  const Access& access = kAccesses[which];
  const bool machine = below(random, 3) == 0;
  std::uint32_t address = (m.reference.address(below(random, 16)) << 2) + below(random, 9) - 5;
  if (address - kData >= 0x1000 - 4 || below(random, 2) == 0)
    address = kData + below(random, 0x1000 - 4);
  if (access.atomic) address &= ~3u;
  m.core.set_x(a1, address);
  const bool allowed = m.reference.allows(address, access.size, access.right, machine);
  ASSERT_EQ(m.go(kRam + 16 * which, machine), allowed ? 0u : access.cause)
      << std::hex << access.word << " at " << address;
  if (!allowed) {
    ASSERT_EQ(m.core.read_csr(kCsrMtval), address);
  }
}

void try_fetch(ModelMachine& m, Random& random) {
  const bool machine = below(random, 3) == 0;
  std::uint32_t address = kCode + 2 * below(random, 0x7fe);
  const bool both = address >= kCode + 0x800;  // an instruction in two words
  if (both) address |= 2;
  const bool low = m.reference.allows(address, 2, kPmpX, machine);
  const bool high = !both || m.reference.allows(address + 2, 2, kPmpX, machine);
  ASSERT_EQ(m.go(address, machine), low && high ? kCauseBreakpoint : kCauseFetchAccess)
      << std::hex << address;
  ASSERT_EQ(m.core.read_csr(kCsrMepc), address);
  ASSERT_EQ(m.core.read_csr(kCsrMtval), low && !high ? address + 2 : address);
}

// 250 harts, 40 changes each, 12 accesses after each: 120,000. Windows and blocks live on across
// the changes, so what is tested is above all that they are cut and dropped.
TEST(PmpModel, InstructionsDoWhatTheSpecificationSays) {
  Random random(19);
  for (unsigned hart = 0; hart < 250; ++hart) {
    ModelMachine m;
    for (unsigned change = 0; change < 40; ++change) {
      if (below(random, 3) == 0) {
        const std::uint32_t word = below(random, 4);
        std::uint32_t value = random_config(random, 48);
        if (word == 0) value = (value & ~0xffu) | (m.reference.config(0) & 0xffu);
        m.set(kCsrPmpcfg0 + word, value);
      } else {
        m.set(kCsrPmpaddr0 + 1 + below(random, 15), random_address(random, kRam));
      }
      for (unsigned n = 0; n < 12; ++n) {
        if (n % 3 == 2) {
          ASSERT_NO_FATAL_FAILURE(try_fetch(m, random)) << "hart " << hart << " change " << change;
        } else {
          ASSERT_NO_FATAL_FAILURE(try_access(m, random)) << "hart " << hart << " change " << change;
        }
      }
    }
  }
}

}  // namespace
}  // namespace aimc::riscv
