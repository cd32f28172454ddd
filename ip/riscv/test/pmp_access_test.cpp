// SPDX-License-Identifier: Apache-2.0
// What memory protection does to instructions: each kind of access, fetches, mstatus.MPRV, and
// changes that must reach translated code and host pointers.
#include <gtest/gtest.h>

#include <vector>

#include "user_machine.h"

namespace aimc::riscv {
namespace {

using namespace assembler;

constexpr std::uint32_t kPage = kRam + 0x1000;  ///< 4 KiB that the tests protect.
constexpr std::uint32_t kAll = kPmpR | kPmpW | kPmpX;
constexpr std::uint16_t kCReturn = 0x8082;  ///< c.jr ra
constexpr std::uint16_t kCNop = 0x0001;

struct Access {
  const char* name;
  std::uint32_t word;   ///< Of a2 or f1, at the address in a1.
  std::uint32_t right;  ///< What it needs.
  std::uint32_t cause;  ///< Of its fault.
  unsigned size;
};

const Access kAccesses[] = {
    {"lb", lb(a0, 0, a1), kPmpR, kCauseLoadAccess, 1},
    {"lbu", lbu(a0, 0, a1), kPmpR, kCauseLoadAccess, 1},
    {"lh", lh(a0, 0, a1), kPmpR, kCauseLoadAccess, 2},
    {"lhu", lhu(a0, 0, a1), kPmpR, kCauseLoadAccess, 2},
    {"lw", lw(a0, 0, a1), kPmpR, kCauseLoadAccess, 4},
    {"flw", flw(1, 0, a1), kPmpR, kCauseLoadAccess, 4},
    {"lr.w", lr(a0, a1), kPmpR, kCauseLoadAccess, 4},
    {"sb", sb(a2, 0, a1), kPmpW, kCauseStoreAccess, 1},
    {"sh", sh(a2, 0, a1), kPmpW, kCauseStoreAccess, 2},
    {"sw", sw(a2, 0, a1), kPmpW, kCauseStoreAccess, 4},
    {"fsw", fsw(1, 0, a1), kPmpW, kCauseStoreAccess, 4},
    {"sc.w", sc(a0, a2, a1), kPmpW, kCauseStoreAccess, 4},
    {"amoadd.w", amo(0, a0, a2, a1), kPmpW, kCauseStoreAccess, 4},
    {"amoswap.w", amo(1, a0, a2, a1), kPmpW, kCauseStoreAccess, 4},
};

/// Runs one access at an address, from where it may be executed.
/// @return mcause of its fault, 0 if it did what it should.
std::uint32_t try_access(UserMachine& m, const Access& access, std::uint32_t address,
                         Privilege level) {
  m.restart();
  m.put(kRam, {access.word, wfi()});
  m.core.invalidate(kRam, 8);
  m.core.write_csr(kCsrMstatus, m.mstatus() | kMstatusFs);
  m.core.set_x(a1, address);
  m.core.set_x(a2, 0x5a5a5a5a);
  const std::uint32_t before = m.read(address & ~3u);
  m.core.set_privilege(level);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  if (m.core.pc() == kRam + 8) return 0;
  EXPECT_EQ(m.core.read_csr(kCsrMtval), address) << access.name;
  EXPECT_EQ(m.core.read_csr(kCsrMepc), kRam) << access.name;
  EXPECT_EQ(m.read(address & ~3u), before) << access.name << " has no effect";
  return *m.core.read_csr(kCsrMcause);
}

TEST(PmpAccess, EachInstructionNeedsItsRight) {
  for (const std::uint32_t lock : {0u, kPmpLock}) {
    for (const std::uint32_t rights : {0u, kPmpX, kPmpR, kPmpR | kPmpX, kPmpR | kPmpW, kAll}) {
      for (const Access& access : kAccesses) {
        UserMachine m;
        m.set_entry(3, kPmpNapot | rights | lock, napot(kPage, 0x1000));
        for (const Privilege level : {Privilege::kUser, Privilege::kMachine}) {
          const bool free = level == Privilege::kMachine && lock == 0;
          EXPECT_EQ(try_access(m, access, kPage + 0x40, level),
                    free || (rights & access.right) ? 0u : access.cause)
              << access.name << " rights " << rights << " lock " << lock;
        }
      }
    }
  }
}

/// An SC that would fail for want of a reservation faults all the same.
TEST(PmpAccess, ScWithoutReservationNeedsTheRightToWrite) {
  UserMachine m;
  m.set_entry(0, kPmpNapot | kPmpR, napot(kPage, 0x1000));
  m.put(kRam, {sc(a0, a2, a1)});
  m.core.set_x(a1, kPage);
  m.enter_user();
  m.expect_trap(kCauseStoreAccess, kRam, kPage);
}

TEST(PmpAccess, AccessesThatAnEntryMatchesInPartFailAtBothLevels) {
  for (const bool inside_allowed : {false, true}) {
    for (const Access& access : kAccesses) {
      const bool atomic = (access.word & 0x7f) == 0x2f;
      for (std::uint32_t offset = 0x40 - 4; offset <= 0x48 + 4; ++offset) {
        if (atomic && offset % 4 != 0) continue;
        UserMachine m;
        const std::uint32_t rights = inside_allowed ? kAll : 0u;
        m.set_entry(2, kPmpNapot | rights, napot(kPage + 0x40, 8));
        const bool outside = offset + access.size <= 0x40 || offset >= 0x48;
        const bool inside = offset >= 0x40 && offset + access.size <= 0x48;
        EXPECT_EQ(try_access(m, access, kPage + offset, Privilege::kUser),
                  outside || (inside && inside_allowed) ? 0u : access.cause)
            << access.name << " at " << offset;
        EXPECT_EQ(try_access(m, access, kPage + offset, Privilege::kMachine),
                  outside || inside ? 0u : access.cause)
            << access.name << " at " << offset
            << ": no lock binds machine mode, but a match in part does";
      }
    }
  }
}

TEST(PmpAccess, DevicesAreNotTouchedWhenDenied) {
  UserMachine m;
  m.set_entry(0, kPmpNapot, napot(kDevice, 256));
  for (const Access& access : kAccesses) {
    m.restart();
    m.put(kRam, {access.word});
    m.core.invalidate(kRam, 4);
    m.core.write_csr(kCsrMstatus, kMstatusFs);
    m.core.set_x(a1, kDevice + 0x10);
    m.enter_user();
    m.expect_trap(access.cause, kRam, kDevice + 0x10);
  }
  EXPECT_EQ(m.bus_loads + m.bus_stores, 0u);
  m.set_entry(0, kPmpNapot | kPmpR);
  m.put(kRam, {lw(a0, 0, a1), wfi()});
  m.core.invalidate(kRam, 8);
  m.enter_user();
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.pc(), kRam + 8);
  EXPECT_EQ(m.bus_loads, 1u);
}

// ---- fetches

/// @return mcause of the fault when a function at `address` is called, 0 if it came back.
std::uint32_t try_call(UserMachine& m, std::uint32_t address, Privilege level) {
  m.restart();
  m.put(kRam, {jalr(ra, a1, 0), wfi()});
  m.core.set_x(a1, address);
  m.core.set_privilege(level);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  return m.core.pc() == kRam + 8 ? 0 : *m.core.read_csr(kCsrMcause);
}

TEST(PmpFetch, NeedsTheRightToExecute) {
  for (const std::uint32_t lock : {0u, kPmpLock}) {
    for (const std::uint32_t rights : {0u, kPmpX, kPmpR, kPmpR | kPmpX, kPmpR | kPmpW, kAll}) {
      UserMachine m;
      m.put16(kPage + 0x40, {kCReturn});
      m.set_entry(3, kPmpNapot | rights | lock, napot(kPage, 0x1000));
      for (const Privilege level : {Privilege::kUser, Privilege::kMachine}) {
        const bool may = (rights & kPmpX) || (level == Privilege::kMachine && lock == 0);
        EXPECT_EQ(try_call(m, kPage + 0x40, level), may ? 0u : kCauseFetchAccess);
        if (!may) {
          EXPECT_EQ(m.core.read_csr(kCsrMepc), kPage + 0x40);
        }
        if (!may) {
          EXPECT_EQ(m.core.read_csr(kCsrMtval), kPage + 0x40);
        }
      }
    }
  }
}

TEST(PmpFetch, StopsAtTheBoundaryToTheHalfword) {
  // Code runs from allowed bytes into forbidden ones, which begin at kPage + 0x40.
  const auto machine = [](bool long_last) {
    UserMachine m;
    m.put16(kPage + 0x38, {kCNop, kCNop});
    if (long_last) {  // the last instruction lies across the boundary
      m.put16(kPage + 0x3c, {kCNop});
      m.write(kPage + 0x3e, jalr(zero, ra, 0));
    } else {
      m.put16(kPage + 0x3c, {kCNop, kCNop, kCReturn});
    }
    m.set_entry(1, kPmpNapot, napot(kPage + 0x40, 64));
    return m.ram;
  };
  for (const bool long_last : {false, true}) {
    UserMachine m;
    m.ram = machine(long_last);
    m.set_entry(1, kPmpNapot | kPmpR, napot(kPage + 0x40, 64));
    EXPECT_EQ(try_call(m, kPage + 0x38, Privilege::kUser), kCauseFetchAccess);
    EXPECT_EQ(m.core.read_csr(kCsrMepc), kPage + (long_last ? 0x3e : 0x40));
    EXPECT_EQ(m.core.read_csr(kCsrMtval), kPage + 0x40) << "the part that cannot be fetched";
    EXPECT_EQ(try_call(m, kPage + 0x38, Privilege::kMachine), 0u);
  }
  // The other way round: from forbidden bytes, compressed or not, into allowed ones.
  UserMachine m;
  m.put16(kPage + 0x3c, {kCNop, kCReturn, kCReturn});
  m.set_entry(1, kPmpNapot, napot(kPage, 64));
  EXPECT_EQ(try_call(m, kPage + 0x3e, Privilege::kUser), kCauseFetchAccess);
  EXPECT_EQ(try_call(m, kPage + 0x40, Privilege::kUser), 0u);
}

TEST(PmpFetch, TrapHandlerThatMayNotBeExecutedIsFatalNotEndless) {
  UserMachine m;
  m.put(kRam, {ecall()});
  m.set_entry(0, kPmpNapot | kPmpLock | kPmpR, napot(kHandler, 64));
  EXPECT_EQ(m.core.run(1000).exit, Exit::kFatal);
  EXPECT_NE(m.core.fatal_reason().find("instruction access fault"), std::string::npos);
}

// ---- mstatus.MPRV

TEST(Mprv, LoadsAndStoresGoByTheLevelInMpp) {
  for (const Access& access : kAccesses) {
    for (unsigned bits = 0; bits < 4; ++bits) {
      const bool mprv = bits & 1, mpp_machine = bits & 2;
      UserMachine m;
      m.set_entry(0, kPmpNapot, napot(kPage, 0x1000));
      m.core.write_csr(kCsrMstatus, (mprv ? kMstatusMprv : 0u) | (mpp_machine ? kMstatusMpp : 0u));
      const bool as_user = mprv && !mpp_machine;
      EXPECT_EQ(try_access(m, access, kPage + 0x80, Privilege::kMachine),
                as_user ? access.cause : 0u)
          << access.name << " " << bits;
    }
  }
}

TEST(Mprv, FetchesGoByTheRealLevel) {
  UserMachine m;
  m.put16(kPage, {kCReturn});
  m.set_entry(0, kPmpNapot, napot(kPage, 0x1000));  // not for user mode
  m.core.write_csr(kCsrMstatus, kMstatusMprv);      // MPP = user
  EXPECT_EQ(try_call(m, kPage, Privilege::kMachine), 0u);
}

/// MPRV and MPP change between accesses of one program; the host pointer must not outlive them.
TEST(Mprv, TakesEffectAtTheNextInstruction) {
  UserMachine m;
  m.set_entry(0, kPmpNapot, napot(kPage, 0x1000));
  m.put(kRam, {lw(a0, 0, a1), sw(a0, 0, a1),                   //
               csrrs(zero, kCsrMstatus, s0), lw(a0, 0, a1)});  // MPRV, MPP = user: faults
  m.core.write_csr(kCsrMstatus, 0);
  m.core.set_x(a1, kPage);
  m.core.set_x(s0, kMstatusMprv);
  m.expect_trap(kCauseLoadAccess, kRam + 12, kPage);
  EXPECT_EQ(m.mstatus() & kMstatusMprv, kMstatusMprv) << "traps leave MPRV alone";

  UserMachine back;
  back.set_entry(0, kPmpNapot, napot(kPage, 0x1000));
  back.put(kRam, {lw(a0, 0, a2), csrrc(zero, kCsrMstatus, s0), lw(a0, 0, a1), wfi()});
  back.core.write_csr(kCsrMstatus, kMstatusMprv);
  back.core.set_x(a1, kPage);
  back.core.set_x(a2, kRam);
  back.core.set_x(s0, kMstatusMprv);
  EXPECT_EQ(back.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(back.core.pc(), kRam + 16);

  UserMachine mpp;  // MPP alone changes
  mpp.set_entry(0, kPmpNapot, napot(kPage, 0x1000));
  mpp.put(kRam, {sw(a0, 0, a1), csrrc(zero, kCsrMstatus, s0), sw(a0, 0, a1)});
  mpp.core.write_csr(kCsrMstatus, kMstatusMprv | kMstatusMpp);
  mpp.core.set_x(a1, kPage);
  mpp.core.set_x(s0, kMstatusMpp);
  mpp.expect_trap(kCauseStoreAccess, kRam + 8, kPage);
}

/// A trap from machine mode sets MPP, and with it what MPRV means.
TEST(Mprv, HandlerOfATrapFromMachineModeHasItsRightsBack) {
  UserMachine m;
  m.set_entry(0, kPmpNapot, napot(kPage, 0x1000));
  m.put(kRam, {lw(a0, 0, a1)});
  m.put(kHandler, {lw(a2, 0, a1), wfi()});
  m.write(kPage, 1234);
  m.core.write_csr(kCsrMstatus, kMstatusMprv);
  m.core.set_x(a1, kPage);
  EXPECT_EQ(m.core.run(100).exit, Exit::kWfi);
  EXPECT_EQ(m.core.pc(), kHandler + 8);
  EXPECT_EQ(m.core.x(a2), 1234u);
}

}  // namespace
}  // namespace aimc::riscv
