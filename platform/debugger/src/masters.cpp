// SPDX-License-Identifier: Apache-2.0
// Watchpoints on what others than harts' instructions do: DMA and other masters of the bus, and
// services of the host.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aimc/debugger/debugger.h"

namespace aimc::debugger {

/// A thread that the client has let go, the one it saw last if possible.
unsigned Debugger::running_thread() const {
  if (!hart(last_stop_.thread).held()) return last_stop_.thread;
  for (unsigned thread = 1; thread <= threads(); ++thread)
    if (!hart(thread).held()) return thread;
  return last_stop_.thread;
}

/// Looks at a transaction that is done. Harts see their own accesses as instructions.
void Debugger::on_bus(const std::string& port, const tlm::tlm_generic_payload& txn,
                      std::uint64_t length) {
  if (!watching()) return;
  for (const auto& control : harts_)
    if (control->hart().is_own(txn)) return;
  on_access(port, std::nullopt, txn.get_address(), length, txn.is_write());
}

/// The same for what a call of the program to the host has read or written.
void Debugger::on_host(const soc::Soc::HostAccess& access) {
  if (!watching()) return;
  std::optional<unsigned> thread;
  for (unsigned i = 1; i <= threads(); ++i)
    if (&hart(i).hart() == access.hart) thread = i;
  on_access(access.service, thread, access.address, access.length, access.write);
}

/// @param thread  The hart on whose behalf it was; empty: nobody's.
void Debugger::on_access(const std::string& master, std::optional<unsigned> thread,
                         std::uint64_t first, std::uint64_t length, bool write) {
  if (length == 0 || first > 0xffffffffu) return;
  const auto watch = [&](const gdb::StopPoints& points) {
    return points.watch(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(length),
                        !write, write);
  };
  const auto now = watch(points_);
  const auto hit = now || missed_ ? now : watch(lifted_);
  if (!hit) return;
  MasterHit found{*hit, thread,
                  fmt::format("{} has {} {} bytes at {:#010x}; {:#010x} is watched\n", master,
                              write ? "written" : "read", length, first, hit->address)};
  if (now) {
    stop_for(found);
  } else {
    missed_ = std::move(found);
  }
}

void Debugger::stop_for(const MasterHit& hit) {
  if (session_ != nullptr) session_->console(hit.what);
  const bool shown = hit.thread && !hart(*hit.thread).held();
  stop({shown ? *hit.thread : running_thread(), gdb::Signal::trap, hit.hit.kind, hit.hit.address});
}

/// What masters did while the client had lifted a watchpoint that is there again.
std::optional<Debugger::MasterHit> Debugger::take_missed() {
  auto missed = std::exchange(missed_, std::nullopt);
  if (!missed) return std::nullopt;
  const bool reads = missed->hit.kind != gdb::StopPoint::Kind::write;
  const bool writes = missed->hit.kind != gdb::StopPoint::Kind::read;
  return points_.watch(missed->hit.address, 1, reads, writes) ? missed : std::nullopt;
}

}  // namespace aimc::debugger
