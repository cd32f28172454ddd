// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <cstring>

#include "body.h"
#include "runtime.h"

namespace aimc::differential {
namespace {

constexpr unsigned kUnits = 900;
#define AIMC_QEMU_BASE "rv32,d=false,zbc=false,h=false,s=false"

/// Numbers at the edges of formats, and some in between.
U32 interesting(Random& random) {
  static constexpr U32 kEdges[] = {
      0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000,
      0xffc00000, 0x7f800001, 0xffbfffff, 0x00000001, 0x807fffff, 0x007fffff, 0x00800000,
      0x7f7fffff, 0xff7fffff, 0x4f000000, 0xcf000000, 0x4f800000, 0x4effffff, 0x3f000000,
      0xbf000000, 0x3fc00000, 0x34000000, 0x33800000, 0xffffffff, 0x7fffffff, 0x0000ffff};
  const U32 kind = random.below(4);
  if (kind == 0) return kEdges[random.below(28)];
  if (kind == 1) return random.bits();
  if (kind == 2) return kEdges[random.below(28)] + random.below(5) - 2;
  // Exponents near each other, so that sums cancel and products stay in range.
  return (random.bits() & 0x807fffffu) | (120 + random.below(16)) << 23;
}

void put(std::vector<std::uint8_t>& image, U32 address, const std::vector<std::uint8_t>& bytes) {
  std::memcpy(&image[address - kBase], bytes.data(), bytes.size());
}

}  // namespace

const std::vector<Profile>& profiles() {
  // No atomics under protection: QEMU 7.2 reports an AMO that may not read as a load access fault,
  // and lets an SC without a reservation pass (README of ip/riscv).
  static const std::vector<Profile> kProfiles = {
      {"integer", "rv32imac_zba_zbb_zbs", AIMC_QEMU_BASE ",f=false", true, true, false, true,  //
       60, 20, 16, 1, 1, 0},
      {"float", "rv32imafc_zba_zbb_zbs", AIMC_QEMU_BASE, true, true, true, true,  //
       70, 15, 8, 3, 1, 0},
      {"memory", "rv32imafc_zba_zbb_zbs", AIMC_QEMU_BASE, true, true, true, true,  //
       25, 60, 10, 1, 1, 0},
      {"traps", "rv32imafc_zba_zbb_zbs", AIMC_QEMU_BASE, true, true, true, true,  //
       40, 20, 12, 10, 10, 0},
      {"protection", "rv32imafc_zba_zbb_zbs", AIMC_QEMU_BASE, true, false, true, true,  //
       35, 35, 10, 3, 5, 6},
      {"locks", "rv32imafc_zba_zbb_zbs", AIMC_QEMU_BASE, true, false, true, true,  //
       35, 35, 10, 3, 5, 6, true},
      {"uncompressed", "rv32imaf", AIMC_QEMU_BASE ",c=false,zba=false,zbb=false,zbs=false", false,
       true, true, false, 55, 20, 12, 4, 4, 0},
      {"minimal", "rv32i",
       AIMC_QEMU_BASE ",m=false,a=false,f=false,c=false,zba=false,zbb=false,"
                      "zbs=false",
       false, false, false, false, 60, 20, 15, 2, 2, 0},
  };
  return kProfiles;
}

std::vector<std::uint8_t> make_program(const Profile& profile, std::uint64_t seed,
                                       std::uint32_t iterations) {
  Random random(seed);
  std::vector<std::uint8_t> image(kImageSize);
  for (U32 address = kData; address < kPool + 0x1000; address += 4) {
    const U32 value = interesting(random);
    std::memcpy(&image[address - kBase], &value, 4);
  }
  Code reset(kBase);
  reset.word(jal(zero, static_cast<I32>(kText - kBase)));
  Code handler(kHandler);
  emit_handler(handler);
  Code text(kText);
  U32 registers[32];
  for (U32& value : registers) value = interesting(random);
  emit_start(text, profile.floating, iterations, registers);
  const U32 loop = text.here();
  Body body(text, profile, random);
  body.emit(kUnits);
  emit_iteration_end(text, profile.floating, loop);
  emit_report(text, profile.floating);
  put(image, kBase, reset.bytes());
  put(image, kHandler, handler.bytes());
  put(image, kText, text.bytes());
  return image;
}

}  // namespace aimc::differential
