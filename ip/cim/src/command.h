// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "aimc/cim/array.h"
#include "aimc/cim/cim_regs.h"
#include "aimc/cim/im2col.h"
#include "aimc/cim/local_digital_unit.h"

/// Offset of a descriptor word, for ERROR_ADDRESS.
#define AIMC_CIM_WORD(member) static_cast<std::uint32_t>(offsetof(cim_command_t, member))

namespace aimc::cim {

/// A command descriptor, decoded but not checked.
struct Command {
  explicit Command(const cim_command_t& words);

  cim_command_t words;
  std::uint32_t opcode;
  bool psum;
  bool raw;
  bool failed_map;
  bool fp16;
  Block block;
  std::uint64_t count;  ///< Vectors; of CONV, those of the output map.
  std::int32_t low;
  std::int32_t high;
  PatchShape patch;
  std::uint32_t patch_first;
  unsigned full_scale;
  double tolerance;  ///< VERIFY, in weight steps.

  bool multiplies() const { return opcode == CIM_OPCODE_MVM || convolution(); }
  bool convolution() const { return opcode == CIM_OPCODE_CONV; }
  /// Of one incoming element at PSUM.
  std::size_t psum_element() const { return fp16 ? 1 : 4; }
  std::size_t output_bytes() const { return std::size_t{block.columns} * (raw ? 4 : 1); }
};

/// The arithmetic of one MVM, CONV or DIGITAL command with copies of all its operands, so that it
/// may run on any thread at any time.
struct Work {
  Block block;
  std::uint64_t count = 0;
  bool convolution = false;
  bool digital_only = false;
  bool psum = false;
  bool raw = false;
  bool fp16 = false;
  std::int32_t low = 0;
  std::int32_t high = 0;
  PatchShape patch;
  std::uint32_t patch_first = 0;
  std::vector<std::uint8_t> inputs;  ///< From the first to the last byte read.
  std::size_t input_stride = 0;
  std::vector<std::uint8_t> partial_sums;
  std::size_t psum_stride = 0;
  std::vector<cim_affine_t> affine;
  std::vector<DigitalChannel> channels;  ///< Instead of `affine` if `fp16`.
  std::vector<double> units;             ///< Of the FP16 value of an accumulator: 2^-SHIFT.
  std::uint64_t first_operation = 0;
  std::atomic<bool> cancelled = false;

  std::vector<std::uint8_t> outputs;  ///< Result: vectors without gaps.
  std::uint64_t clipped = 0;          ///< Result.
  std::uint64_t extra_products = 0;   ///< Result: repeats by bound management.

  /// @param array  not used if `digital_only`.
  void run(const Array& array);

 private:
  void finish_vector(std::uint64_t n, const std::int32_t* accumulators);
  void finish_fp16(std::uint64_t n, const std::int32_t* accumulators);
  void accumulate(const Array& array, std::uint64_t first, std::size_t count,
                  std::vector<std::int8_t>& gathered, std::int32_t* accumulators);
};

}  // namespace aimc::cim
