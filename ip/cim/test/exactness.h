// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <filesystem>

#include "aimc/cim/rom/rom_image.h"
#include "technology_fixture.h"

namespace aimc::cim {

inline constexpr std::size_t kVectors = 1'000'000;
inline constexpr std::size_t kBatch = 10'000;

/// A fast source of operands: 64-bit xorshift, a byte of each state.
class Operands {
 public:
  explicit Operands(unsigned bits) : bits_(bits) {}
  void fill(std::vector<std::int8_t>& values) {
    for (std::int8_t& value : values) {
      state_ ^= state_ << 13;
      state_ ^= state_ >> 7;
      state_ ^= state_ << 17;
      const int range = static_cast<int>((state_ >> 32) & ((1u << bits_) - 1));
      value = static_cast<std::int8_t>(bits_ == 1 ? 2 * range - 1 : range - (1 << (bits_ - 1)));
    }
  }

 private:
  unsigned bits_;
  std::uint64_t state_ = 0x9e3779b97f4a7c15ull;
};

/// Products of an array that differ from the integers, over kVectors vectors.
inline std::size_t wrong_sums(const Array& array, const Block& block,
                              const std::vector<std::int8_t>& weights, unsigned input_bits) {
  Operands source(input_bits);
  std::vector<std::int8_t> inputs(kBatch * block.rows);
  std::vector<std::int32_t> sums(kBatch * block.columns);
  std::size_t wrong = 0;
  for (std::size_t done = 0; done < kVectors; done += kBatch) {
    source.fill(inputs);
    array.multiply(block, inputs.data(), block.rows, kBatch, done, sums.data());
    for (std::size_t n = 0; n < kBatch; ++n)
      for (unsigned c = 0; c < block.columns; ++c) {
        std::int32_t sum = 0;
        for (unsigned r = 0; r < block.rows; ++r)
          sum += weights[r * block.columns + c] * inputs[n * block.rows + r];
        wrong += sum != sums[n * block.columns + c];
      }
  }
  return wrong;
}

inline TileConfig sram(const char* variant, unsigned rows, unsigned columns, unsigned weight_bits,
                       unsigned input_bits) {
  TileConfig config = array_config("sram", rows, columns);
  config.sram.variant = variant;
  config.sram.weight_bits = weight_bits;
  config.sram.input_bits = input_bits;
  return config;
}

inline constexpr Block kBlock{1, 11, 2, 3};

inline std::size_t wrong_in_sram(const char* variant, unsigned weight_bits, unsigned input_bits) {
  Programmed8 tile(sram(variant, 12, 5, weight_bits, input_bits), kBlock,
                   random_operands(1, kBlock.cells(), weight_bits));
  return wrong_sums(*tile.array, kBlock, tile.weights, input_bits);
}

/// Wrong sums over all pairs of precisions of digital SRAM, a million vectors each.
inline std::size_t wrong_in_sram(const char* variant) {
  std::size_t wrong = 0;
  for (unsigned weight_bits = 1; weight_bits <= 8; ++weight_bits)
    for (unsigned input_bits = 1; input_bits <= 8; ++input_bits)
      wrong += wrong_in_sram(variant, weight_bits, input_bits);
  return wrong;
}

/// A mask image in a file of its own, gone at the end.
struct MaskFile {
  /// The name is this process's own: tests run side by side.
  explicit MaskFile(const char* name)
      : path(::testing::TempDir() + "/aimc_mask_" + name + "_" + std::to_string(::getpid())) {}
  ~MaskFile() { std::filesystem::remove(path); }
  std::string path;
};

inline std::size_t wrong_in_rom(const char* variant, unsigned weight_bits, unsigned input_bits) {
  TileConfig config = array_config("rom", 12, 5);
  config.rom.variant = variant;
  config.rom.weight_bits = weight_bits;
  config.rom.input_bits = input_bits;
  const bool ternary = config.rom.variant == "ternary";
  const auto weights = ternary ? random_bytes(1, kBlock.cells(), -1, 1)
                               : random_operands(1, kBlock.cells(), weight_bits);
  const MaskFile file(variant);
  RomImage image;
  image.add("tile", 12, 5, kBlock, 127, weights.data(), kBlock.columns);
  image.write(file.path);
  config.rom.image = file.path;
  const auto array = make_array(config, RandomStream(1, "tile"));
  return wrong_sums(*array, kBlock, weights, input_bits);
}

}  // namespace aimc::cim
