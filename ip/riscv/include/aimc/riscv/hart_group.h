// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace aimc::riscv {

class Core;
class HartAlarm;

/// The harts that share memory through host pointers, for LR and SC.
///
/// A hart looks here before a slice: around words that other harts have reserved it keeps its store
/// window away, so that a store there takes the slow path and breaks the reservation. When nobody
/// holds a reservation, nothing is slower.
class HartGroup {
 public:
  void add(Core* core) { cores_.push_back(core); }
  std::size_t size() const { return cores_.size(); }

  /// Changes with each reservation made or given up.
  std::uint64_t version() const { return version_; }
  void changed() { ++version_; }

  /// Takes reservations of all harts but `writer` that overlap a write.
  void written(const Core* writer, std::uint32_t address, std::uint64_t length);
  /// Shrinks [first, last], which holds `address`, so that it touches no word that another hart has
  /// reserved. @return false if `address` lies in such a word.
  bool keep_away(const Core* writer, std::uint32_t address, std::uint64_t* first,
                 std::uint64_t* last) const;

  /// Where the turns of several harts end: behind `now`, in steps of 1/2 to 1 quantum that vary.
  /// Turns of one length can run in step with a loop, so that one hart always finds a lock taken.
  static std::uint64_t turn_end_ps(std::uint64_t now, std::uint64_t quantum);
  /// When they rest; the first that joins makes it. Null where cores run without SystemC.
  std::shared_ptr<HartAlarm> alarm;

 private:
  std::vector<Core*> cores_;
  std::uint64_t version_ = 0;
};

}  // namespace aimc::riscv
