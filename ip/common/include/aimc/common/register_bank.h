// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <tlm>
#include <vector>

#include "aimc/common/register_map.h"

namespace aimc {

/// Storage and access rules of a block's 32-bit registers, driven by the generated map.
///
/// A guest's wrong access is a TLM error: unmapped address, not one aligned word (or a run of
/// words), byte enables, or a write to a register without a writable field. Debug accesses have no
/// side effects and see write-only fields as 0.
class RegisterBank {
 public:
  /// `index` is the element of an array register, 0 otherwise.
  using ReadHook = std::function<std::uint32_t(std::uint32_t index)>;
  using WriteHook = std::function<void(std::uint32_t value, std::uint32_t index)>;

  /// Maps may not overlap; each register must have 4 bytes.
  explicit RegisterBank(std::initializer_list<const RegisterMap*> maps);

  /// The value returned by reads instead of the stored one; must be free of side effects.
  void on_read(std::uint32_t offset, ReadHook hook);
  /// Called after the stored value changed, with the value that the bus wrote.
  void on_write(std::uint32_t offset, WriteHook hook);

  /// Model-side access to the stored value; `offset` is that of the element.
  std::uint32_t get(std::uint32_t offset) const;
  void set(std::uint32_t offset, std::uint32_t value);
  /// Sets or clears bits, e.g. of a status register.
  void raise(std::uint32_t offset, std::uint32_t bits) { set(offset, get(offset) | bits); }
  void drop(std::uint32_t offset, std::uint32_t bits) { set(offset, get(offset) & ~bits); }

  /// Serves one transaction whose address is the offset in the block.
  tlm::tlm_response_status access(tlm::tlm_generic_payload& txn);
  /// The same without side effects. @returns bytes transferred.
  unsigned debug(tlm::tlm_generic_payload& txn);
  /// All registers to their reset values; hooks are not called.
  void reset();

  const std::vector<const RegisterMap*>& maps() const { return maps_; }

 private:
  struct Word {
    const RegisterInfo* info = nullptr;
    std::uint32_t index = 0;
    std::uint32_t value = 0;
    std::uint32_t hook = 0;  // into hooks_, 0 for none
  };
  struct Hooks {
    ReadHook read;
    WriteHook write;
  };
  Word* find(std::uint64_t offset);
  const Word& at(std::uint32_t offset) const;
  Hooks& hooks(std::uint32_t offset);
  std::uint32_t read_word(const Word& word) const;
  static bool has_writable(const RegisterInfo& info);

  std::vector<const RegisterMap*> maps_;
  std::vector<Word> words_;  // by offset / 4
  std::vector<Hooks> hooks_{1};
};

}  // namespace aimc
