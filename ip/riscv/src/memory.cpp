// SPDX-License-Identifier: Apache-2.0
// Loads, stores and atomics that miss the one-entry windows of the loop; direct regions.
#include <algorithm>
#include <cstring>

#include "aimc/riscv/atomic_operation.h"
#include "aimc/riscv/core.h"
#include "aimc/riscv/instruction.h"
#include "block.h"

namespace aimc::riscv {

/// Looks for [address, address + size) in the known regions and moves the window there: as far as
/// the region goes, PMP says the same and no other hart has reserved anything.
Core::Reach Core::find_direct(AccessKind kind, std::uint32_t address, unsigned size,
                              std::uint8_t** host) {
  const std::uint64_t last = std::uint64_t{address} + size - 1;
  const Privilege level = kind == AccessKind::kFetch ? privilege_ : data_privilege_;
  const Pmp::Answer pmp = pmp_.ask(address, kind, level);
  if (!pmp.allowed) return Reach::kDenied;
  if (last > pmp.last && pmp.last != 0xffffffffu) return Reach::kDenied;  // two entries
  const auto& regions = direct_[static_cast<unsigned>(kind)];
  auto it = std::upper_bound(
      regions.begin(), regions.end(), address,
      [](std::uint32_t value, const DirectRegion& region) { return value < region.start; });
  if (it == regions.begin()) return Reach::kBus;
  --it;
  if (last > it->end) return Reach::kBus;
  *host = it->host + (address - it->start);
  std::uint64_t from = std::max<std::uint64_t>(it->start, pmp.first);
  std::uint64_t to = std::min<std::uint64_t>(it->end, pmp.last);
  if (kind == AccessKind::kStore && group_ != nullptr &&
      (!group_->keep_away(this, address, &from, &to) || last > to)) {
    return Reach::kShared;
  }
  const std::uint64_t length = to - from + 1;
  Window& window = kind == AccessKind::kFetch ? fetch_ : kind == AccessKind::kLoad ? load_ : store_;
  window.base = static_cast<std::uint32_t>(from);
  window.span = length > 3 ? static_cast<std::uint32_t>(length - 3) : 0;
  window.host = reinterpret_cast<std::uintptr_t>(it->host + (from - it->start)) - window.base;
  return Reach::kDirect;
}

/// Asks the bus for a region around `address` and keeps it.
bool Core::add_direct(AccessKind kind, std::uint32_t address) {
  DirectRegion region;
  if (!bus_.direct(address, kind, &region)) return false;
  region.end = std::min<std::uint64_t>(region.end, 0xffffffffu);
  if (region.host == nullptr || region.start > address || region.end < address) return false;
  auto& regions = direct_[static_cast<unsigned>(kind)];
  std::erase_if(regions, [&](const DirectRegion& old) {
    return old.start <= region.end && region.start <= old.end;
  });
  const auto at = std::upper_bound(
      regions.begin(), regions.end(), region.start,
      [](std::uint64_t value, const DirectRegion& other) { return value < other.start; });
  regions.insert(at, region);
  return true;
}

void Core::invalidate_direct(std::uint64_t start, std::uint64_t end) {
  for (auto& regions : direct_) {
    std::erase_if(regions, [&](const DirectRegion& r) { return r.start <= end && start <= r.end; });
  }
  drop_windows();
  if (start > 0xffffffffu) return;
  const std::uint64_t last = std::min<std::uint64_t>(end, 0xffffffffu);
  invalidate(static_cast<std::uint32_t>(start), last - start + 1);
}

void Core::invalidate(std::uint32_t address, std::uint64_t length) {
  if (length == 0) return;
  const std::uint64_t end = std::min<std::uint64_t>(address + length - 1, 0xffffffffu);
  for (auto& cache : blocks_) cache->invalidate(address, static_cast<std::uint32_t>(end));
  break_reservation(address, length);
}

void Core::break_reservation(std::uint32_t address, std::uint64_t length) {
  const std::uint64_t end = std::uint64_t{address} + length - 1;
  if (!reserved_ || reserved_address_ > end || address > std::uint64_t{reserved_address_} + 3)
    return;
  drop_reservation();
}

void Core::drop_reservation() {
  if (reserved_ && group_ != nullptr) group_->changed();
  reserved_ = false;
}

/// Is that a misaligned access over the edge between two memories? The bus takes none that
/// has two targets.
bool Core::is_across(AccessKind kind, std::uint32_t address, unsigned size) {
  if ((address & (size - 1)) == 0) return false;
  const HostFpu host_fpu(*this);
  std::uint8_t* host = nullptr;
  return add_direct(kind, address) && find_direct(kind, address, size, &host) == Reach::kBus &&
         add_direct(kind, address + size - 1);
}

bool Core::load_across(std::uint32_t address, unsigned size, std::uint32_t* value) {
  for (unsigned n = 0; n < size; ++n) {
    std::uint8_t* host = nullptr;
    find_direct(AccessKind::kLoad, address + n, 1, &host);
    if (host == nullptr) return fail(kCauseLoadAccess, address);
    *value |= static_cast<std::uint32_t>(*host) << 8 * n;
  }
  return true;
}

bool Core::store_across(std::uint32_t address, unsigned size, std::uint32_t value) {
  std::uint8_t* bytes[4] = {};
  for (unsigned n = 0; n < size; ++n) {
    find_direct(AccessKind::kStore, address + n, 1, &bytes[n]);
    if (bytes[n] == nullptr) return fail(kCauseStoreAccess, address);
  }
  for (unsigned n = 0; n < size; ++n) *bytes[n] = static_cast<std::uint8_t>(value >> 8 * n);
  if (group_ != nullptr) group_->written(this, address, size);
  return true;
}

/// mtval of an access that failed: the first byte outside the memory it begins in, if it begins in
/// one (privileged specification, mtval: the portion of the access that caused the fault).
std::uint32_t Core::portion_at_fault(AccessKind kind, std::uint32_t address, unsigned size) {
  if ((address & (size - 1)) == 0 || !add_direct(kind, address)) return address;
  for (const DirectRegion& region : direct_[static_cast<unsigned>(kind)]) {
    if (region.start <= address && address <= region.end && region.end - address < size - 1)
      return static_cast<std::uint32_t>(region.end + 1);
  }
  return address;
}

bool Core::load_slow(std::uint32_t address, unsigned size, std::uint32_t* value) {
  std::uint8_t* host = nullptr;
  *value = 0;
  const Reach reach = find_direct(AccessKind::kLoad, address, size, &host);
  if (reach == Reach::kDenied) return fail(kCauseLoadAccess, address);
  if (reach != Reach::kBus) {
    std::memcpy(value, host, size);
    return true;
  }
  if (is_across(AccessKind::kLoad, address, size)) return load_across(address, size, value);
  const HostFpu host_fpu(*this);
  const BusResult result = bus_.load(address, size, value);
  see_reservations();
  if (result.ok && result.direct_hint) add_direct(AccessKind::kLoad, address);
  return result.ok || fail(kCauseLoadAccess, portion_at_fault(AccessKind::kLoad, address, size));
}

bool Core::store_slow(std::uint32_t address, unsigned size, std::uint32_t value) {
  std::uint8_t* host = nullptr;
  const Reach reach = find_direct(AccessKind::kStore, address, size, &host);
  if (reach == Reach::kDenied) return fail(kCauseStoreAccess, address);
  if (reach != Reach::kBus) {
    std::memcpy(host, &value, size);
    if (reach == Reach::kShared) group_->written(this, address, size);
    return true;
  }
  if (is_across(AccessKind::kStore, address, size)) return store_across(address, size, value);
  const HostFpu host_fpu(*this);
  const BusResult result = bus_.store(address, size, value);
  see_reservations();
  if (result.ok && result.direct_hint) add_direct(AccessKind::kStore, address);
  return result.ok || fail(kCauseStoreAccess, portion_at_fault(AccessKind::kStore, address, size));
}

/// LR, SC and AMO. Only memory can do them: a device answers with an access fault.
bool Core::atomic(const BlockEntry& e) {
  const Op op = static_cast<Op>(e.imm);
  const std::uint32_t address = x_[e.rs1];
  const std::uint32_t operand = x_[e.rs2];
  const bool is_load = op == Op::kLr;
  if (address & 3u) return fail(is_load ? kCauseMisalignedLoad : kCauseMisalignedStore, address);
  const std::uint32_t access_fault = is_load ? kCauseLoadAccess : kCauseStoreAccess;
  const AccessKind kind = is_load ? AccessKind::kLoad : AccessKind::kStore;
  std::uint8_t* host = nullptr;
  Reach reach = find_direct(kind, address, 4, &host);
  if (reach == Reach::kBus) {
    const HostFpu host_fpu(*this);
    if (add_direct(kind, address)) reach = find_direct(kind, address, 4, &host);
  }
  const bool reads_too = !is_load && op != Op::kSc;
  if (reach == Reach::kDenied ||
      (reads_too && !pmp_.ask(address, AccessKind::kLoad, data_privilege_).allowed) ||
      (reach == Reach::kBus && !bus_.atomic_capable(address))) {
    return fail(access_fault, address);
  }

  const auto read = [&](std::uint32_t* value) {
    if (reach == Reach::kBus) return load_slow(address, 4, value) || fail(access_fault, address);
    std::memcpy(value, host, 4);
    return true;
  };
  const auto write = [&](std::uint32_t value) {
    if (reach == Reach::kBus) return store_slow(address, 4, value);
    std::memcpy(host, &value, 4);
    if (reach == Reach::kShared) group_->written(this, address, 4);
    return true;
  };
  std::uint32_t old = 0;
  if (op == Op::kLr) {
    if (!read(&old)) return false;
    reserved_ = true;
    reserved_address_ = address;
    reserved_value_ = old;
    reserved_at_ = cycles();
    if (group_ != nullptr) group_->changed();
    x_[e.rd] = old;
    return true;
  }
  if (op == Op::kSc) {
    // The hart's own stores in between are not seen as such, but change the value.
    bool success = reserved_ && reserved_address_ == address &&
                   (group_ == nullptr || cycles() - reserved_at_ <= kReservationCycles);
    if (success) {
      if (!read(&old)) return false;
      success = reserved_ && old == reserved_value_;
    }
    drop_reservation();
    if (success && !write(operand)) return false;
    x_[e.rd] = success ? 0 : 1;
    return true;
  }
  if (!read(&old) || !write(amo_result(op, old, operand))) return false;
  x_[e.rd] = old;
  return true;
}

}  // namespace aimc::riscv
