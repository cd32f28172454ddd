// SPDX-License-Identifier: Apache-2.0
#include "aimc/riscv/pmp.h"

#include <algorithm>
#include <bit>

namespace aimc::riscv {
namespace {

constexpr std::uint8_t kRead = 1, kWrite = 2, kExecute = 4, kLock = 0x80;
constexpr std::uint8_t kWritable = 0x9f;  // bits 5 and 6 are 0

constexpr std::uint8_t needed(AccessKind kind) {
  return kind == AccessKind::kFetch ? kExecute : kind == AccessKind::kLoad ? kRead : kWrite;
}

}  // namespace

void Pmp::reset() {
  config_.fill(0);
  address_.fill(0);
  update();
}

std::uint32_t Pmp::config(unsigned word) const {
  std::uint32_t value = 0;
  for (unsigned byte = 0; byte < 4; ++byte)
    value |= std::uint32_t{config_[4 * word + byte]} << (8 * byte);
  return value;
}

bool Pmp::set_config(unsigned word, std::uint32_t value) {
  bool changed = false;
  for (unsigned byte = 0; byte < 4; ++byte) {
    const unsigned entry = 4 * word + byte;
    if (entry >= regions_ || (config_[entry] & kLock)) continue;
    auto config = static_cast<std::uint8_t>(value >> (8 * byte) & kWritable);
    if (!(config & kRead)) config &= static_cast<std::uint8_t>(~kWrite);  // W without R is reserved
    changed = changed || config != config_[entry];
    config_[entry] = config;
  }
  if (changed) update();
  return changed;
}

bool Pmp::set_address(unsigned entry, std::uint32_t value) {
  if (entry >= regions_ || (config_[entry] & kLock)) return false;
  // The entry above uses this address as its bottom.
  if (entry + 1 < regions_ && (config_[entry + 1] & kLock) && mode(config_[entry + 1]) == kTor)
    return false;
  if (address_[entry] == value) return false;
  address_[entry] = value;
  update();
  return true;
}

void Pmp::update() {
  active_ = 0;
  for (unsigned entry = 0; entry < regions_; ++entry) {
    const std::uint64_t here = std::uint64_t{address_[entry]} << 2;
    const std::uint64_t below = entry > 0 ? std::uint64_t{address_[entry - 1]} << 2 : 0;
    Range range;
    switch (mode(config_[entry])) {
      case kOff:
        break;
      case kTor:
        if (here > below) range = {below, here - 1};
        break;
      case kNa4:
        range = {here, here + 3};
        break;
      case kNapot: {
        const unsigned ones = static_cast<unsigned>(std::countr_one(address_[entry]));
        const std::uint64_t size = std::uint64_t{8} << ones;
        range.first = here & ~(size - 1);
        range.last = range.first + size - 1;
        break;
      }
    }
    ranges_[entry] = range;
    if (range.first <= range.last) active_ = entry + 1;
  }
}

Pmp::Answer Pmp::ask(std::uint32_t address, AccessKind kind, Privilege privilege) const {
  const bool machine = privilege == Privilege::kMachine;
  std::uint64_t first = 0, last = 0xffffffffu;
  for (unsigned entry = 0; entry < active_; ++entry) {
    const Range& range = ranges_[entry];
    if (range.first > range.last) continue;
    if (range.last < address) {
      first = std::max(first, range.last + 1);
    } else if (range.first > address) {
      last = std::min(last, range.first - 1);
    } else {
      first = std::max(first, range.first);
      last = std::min(last, range.last);
      const std::uint8_t config = config_[entry];
      const bool allowed = (machine && !(config & kLock)) || (config & needed(kind)) != 0;
      return {allowed, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)};
    }
  }
  return {machine || regions_ == 0, static_cast<std::uint32_t>(first),
          static_cast<std::uint32_t>(last)};
}

std::vector<std::uint32_t> Pmp::executable(Privilege privilege) const {
  std::vector<std::uint32_t> boundaries;
  bool before = false;
  std::uint32_t address = 0;
  for (;;) {
    const Answer answer = ask(address, AccessKind::kFetch, privilege);
    if (answer.allowed != before) boundaries.push_back(address);
    before = answer.allowed;
    if (answer.last == 0xffffffffu) return boundaries;
    address = answer.last + 1;
  }
}

}  // namespace aimc::riscv
