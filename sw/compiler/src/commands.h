// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <vector>

#include "aimc/activation/activation_regs.h"
#include "aimc/cim/cim_regs.h"
#include "aimc/dma/dma_regs.h"
#include "mapping.h"

namespace aimc::compiler {

/// Operands of a product or a reduction in a tile's SRAM.
struct TileOperands {
  std::uint32_t in = 0;
  std::uint32_t out = 0;
  std::uint32_t psum = 0;
  std::uint32_t affine = 0;
  bool add_psum = false;
  bool raw = false;  ///< int32 out, no affine.
};

/// Weight magnitude that gets the largest conductance: one for a whole block, however many commands
/// write it.
unsigned full_scale(const QuantisedLayer& layer, const Block& block);

/// MVM (dense layers) or CONV of one block.
cim_command_t product_command(const QuantisedNetwork& network, const Block& block,
                              const TileOperands& operands);
/// DIGITAL: adds two arrays of accumulators of the block's columns.
cim_command_t reduce_command(const QuantisedNetwork& network, const Block& block,
                             const TileOperands& operands);
/// PROGRAM of `rows` rows of a block from `first` on, staged at `in` without gaps.
cim_command_t program_command(const QuantisedLayer& layer, const Block& block, std::uint32_t first,
                              std::uint32_t rows, std::uint32_t in);

/// Command of a layer that runs on an activation engine.
/// @param in2    ADD: second operand.
/// @param table  INPUT: affine table; LUT, SOFTMAX: table.
act_command_t activation_command(const QuantisedNetwork& network, const QuantisedLayer& layer,
                                 std::uint32_t in, std::uint32_t in2, std::uint32_t out,
                                 std::uint32_t table);
act_command_t arg_max_command(std::uint32_t count, std::uint32_t in, std::uint32_t out);

/// True if all channels of the input conversion are alike, so that it needs no table.
bool uniform_input(const QuantisedLayer& layer);

/// A plain copy.
dma_descriptor_t copy(std::uint32_t source, std::uint32_t destination, std::uint32_t bytes);
/// `count` runs of `bytes` with strides.
dma_descriptor_t copy_runs(std::uint32_t source, std::uint32_t destination, std::uint32_t bytes,
                           std::uint32_t count, std::uint32_t source_stride,
                           std::uint32_t destination_stride);
/// Bytes that a descriptor moves.
inline std::uint64_t moved_bytes(const dma_descriptor_t& descriptor) {
  return std::uint64_t{descriptor.bytes} * descriptor.count1 * descriptor.count2;
}

/// The bytes of a command or descriptor as they stand in memory.
template <class T>
std::vector<std::uint8_t> bytes_of(const T& words) {
  std::vector<std::uint8_t> bytes(sizeof(T));
  std::memcpy(bytes.data(), &words, sizeof(T));
  return bytes;
}

}  // namespace aimc::compiler
