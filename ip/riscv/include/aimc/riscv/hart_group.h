// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace aimc::riscv {

class Core;

/// The harts that share memory through host pointers, for LR and SC.
///
/// A hart looks here before a slice: around words that other harts have reserved it keeps its store
/// window away, so that a store there takes the slow path and breaks the reservation. When nobody
/// holds a reservation, nothing is slower.
class HartGroup {
 public:
  void add(Core* core) {
    cores_.push_back(core);
    rests_.push_back(0);
  }
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

  /// A hart will do nothing before `time_ps`, and goes on then: no event that others must not miss.
  void rest_until(const Core* core, std::uint64_t time_ps);
  /// Is that the moment at which another hart goes on?
  bool others_rest_until(const Core* core, std::uint64_t time_ps) const;

 private:
  std::vector<Core*> cores_;
  std::vector<std::uint64_t> rests_;  ///< By index in cores_.
  std::uint64_t version_ = 0;
};

}  // namespace aimc::riscv
