// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/calendar.h"

#include <algorithm>
#include <iterator>

namespace aimc {

std::uint64_t Calendar::book(std::uint64_t earliest, std::uint64_t duration) {
  if (duration == 0) return earliest;
  // First span that ends after `earliest`; all before it are irrelevant.
  auto next =
      std::upper_bound(busy_.begin(), busy_.end(), earliest,
                       [](std::uint64_t time, const Span& span) { return time < span.end; });
  std::uint64_t start = earliest;
  while (next != busy_.end() && next->begin < start + duration) {
    start = std::max(start, next->end);
    ++next;
  }
  const std::uint64_t end = start + duration;
  const bool joins_previous = next != busy_.begin() && std::prev(next)->end == start;
  const bool joins_next = next != busy_.end() && next->begin == end;
  if (joins_previous && joins_next) {
    std::prev(next)->end = next->end;
    busy_.erase(next);
  } else if (joins_previous) {
    std::prev(next)->end = end;
  } else if (joins_next) {
    next->begin = start;
  } else {
    busy_.insert(next, Span{start, end});
  }
  return start;
}

void Calendar::forget(std::uint64_t now) {
  while (!busy_.empty() && busy_.front().end <= now) busy_.pop_front();
}

}  // namespace aimc
