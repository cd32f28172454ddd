// SPDX-License-Identifier: Apache-2.0
#include "aimc/gdb/stop_points.h"

#include <algorithm>

namespace aimc::gdb {
namespace {

bool is_breakpoint(StopPoint::Kind kind) {
  return kind == StopPoint::Kind::software || kind == StopPoint::Kind::hardware;
}

}  // namespace

void StopPoints::insert(const Point& point) {
  auto& list = is_breakpoint(point.kind) ? breakpoints_ : watchpoints_;
  if (std::find(list.begin(), list.end(), point) == list.end()) list.push_back(point);
  refresh();
}

void StopPoints::remove(const Point& point) {
  std::erase(is_breakpoint(point.kind) ? breakpoints_ : watchpoints_, point);
  refresh();
}

void StopPoints::clear() {
  breakpoints_.clear();
  watchpoints_.clear();
  refresh();
}

void StopPoints::refresh() {
  may_break_.reset();
  for (const Point& point : breakpoints_) may_break_.set(slot(point.address));
}

std::optional<StopPoints::Point::Kind> StopPoints::find_breakpoint(std::uint32_t pc) const {
  std::optional<Point::Kind> found;
  for (const Point& point : breakpoints_)
    if (point.address == pc && found != Point::Kind::hardware) found = point.kind;
  return found;
}

std::optional<StopPoints::Hit> StopPoints::watch(std::uint32_t address, std::uint32_t length,
                                                 bool reads, bool writes) const {
  const std::uint64_t end = std::uint64_t{address} + length;
  for (const Point& point : watchpoints_) {
    if (end <= point.address || std::uint64_t{point.address} + point.length <= address) continue;
    if (point.kind == Point::Kind::write && !writes) continue;
    if (point.kind == Point::Kind::read && !reads) continue;
    return Hit{point.kind, std::max(address, point.address)};
  }
  return std::nullopt;
}

}  // namespace aimc::gdb
