// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/rom/rom_image.h"
#include "aimc/common/output_file.h"
#include "aimc/testing/fidelity.h"
#include "exactness.h"

namespace aimc::cim {
namespace {

/// Message of the UserError that `action` throws, or empty.
template <class Action>
std::string message(Action action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

#define EXPECT_SAYS(action, text) \
  EXPECT_NE(message([&] { action; }).find(text), std::string::npos) << message([&] { action; })

RomImage sample_image() {
  RomImage image;
  const auto weights = random_bytes(1, 12 * 8);
  image.add("soc.tile0", 16, 8, {2, 12, 0, 8}, 100, weights.data(), 8);
  image.add("soc.tile1", 32, 4, {0, 4, 1, 2}, 127, weights.data(), 8);
  image.add("soc.tile1", 32, 4, {4, 2, 1, 3}, 127, weights.data(), 3);
  return image;
}

TEST(RomImage, BytesRoundTrip) {
  const RomImage image = sample_image();
  const RomImage back = RomImage::parse(image.bytes(), "mask");
  EXPECT_EQ(back.sections(), image.sections());
  EXPECT_EQ(back.find("soc.tile1").blocks[0].weights[2], random_bytes(1, 96)[8]);
}

TEST(RomImage, EveryCutAndEveryChangedByteIsRefused) {
  const std::vector<std::uint8_t> good = sample_image().bytes();
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(RomImage::parse(std::span(good).first(size), "mask"), UserError) << size;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::vector<std::uint8_t> bad = good;
    bad[i] ^= 0x40;
    EXPECT_THROW(RomImage::parse(bad, "mask"), UserError) << i;
  }
}

/// Bytes with the checksum made right again, so that the fields themselves are checked.
std::vector<std::uint8_t> resealed(std::vector<std::uint8_t> bytes) {
  const std::size_t body = bytes.size() - 8;
  const std::uint64_t sum = hash64({reinterpret_cast<const char*>(bytes.data()), body});
  for (unsigned i = 0; i < 8; ++i) bytes[body + i] = static_cast<std::uint8_t>(sum >> (8 * i));
  return bytes;
}

TEST(RomImage, FieldsBeyondTheirRangeNameTheirByte) {
  const std::vector<std::uint8_t> good = sample_image().bytes();
  std::vector<std::uint8_t> bad = good;
  bad[8] = 200;  // number of sections
  EXPECT_SAYS(RomImage::parse(resealed(bad), "mask"), "ends beyond the file");
  bad = good;
  bad[26] = 0xff;  // rows of the first section
  EXPECT_SAYS(RomImage::parse(resealed(bad), "mask"), "rows of a section is");
  // Whatever a word holds, the answer is an image or a message.
  for (std::size_t i = 0; i + 8 < good.size(); ++i)
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      bad = good;
      bad[i] = static_cast<std::uint8_t>(value);
      try {
        RomImage::parse(resealed(bad), "mask");
      } catch (const UserError&) {
      }
    }
}

TEST(RomImage, BlocksThatLeaveTheArrayOrOverlapAreRefused) {
  RomImage image = sample_image();
  const std::vector<std::int8_t> w(64, 1);
  EXPECT_SAYS(image.add("x", 4, 4, {2, 3, 0, 1}, 127, w.data(), 1), "leaves the array of 4 x 4");
  EXPECT_SAYS(image.add("x", 4, 4, {0, 1, 0xffffffff, 2}, 127, w.data(), 1), "leaves the array");
  EXPECT_SAYS(image.add("x", 4, 4, {0, 1, 0, 1}, 0, w.data(), 1), "full scale 0");
  EXPECT_SAYS(image.add("soc.tile0", 16, 8, {0, 3, 7, 1}, 127, w.data(), 1), "overlap");
  EXPECT_SAYS(image.add("soc.tile0", 8, 8, {0, 1, 7, 1}, 127, w.data(), 1), "is 16 x 8");
  EXPECT_SAYS(image.find(""), "name one of them: soc.tile0, soc.tile1");
  EXPECT_SAYS(image.find("soc.tile2"), "Present: soc.tile0, soc.tile1");
}

/// An array of the sample image's first section in a file of its own.
struct Rom {
  explicit Rom(const char* variant, const RomImage& image) : file(variant) {
    image.write(file.path);
    config = array_config("rom", 16, 8);
    config.rom.variant = variant;
    config.rom.image = file.path;
    config.rom.section = "soc.tile0";
  }
  std::unique_ptr<Array> make() const { return make_array(config, RandomStream(1, "tile")); }
  MaskFile file;
  TileConfig config;
};

TEST(Rom, HoldsItsMaskFromTheStartAndCannotBeProgrammed) {
  Rom rom("digital", sample_image());
  const auto array = rom.make();
  const Block block{2, 12, 0, 8};
  EXPECT_EQ(array->programmed_cells(), 96u);
  EXPECT_EQ(array->state(block), CellState::ready);
  EXPECT_EQ(array->state({0, 1, 0, 1}), CellState::unprogrammed);
  std::vector<std::int8_t> back(96);
  array->readback(block, back.data(), 8);
  EXPECT_EQ(back, random_bytes(1, 96));
  EXPECT_FALSE(find_array_kind("rom").writable);
  EXPECT_THROW(array->program(block, back.data(), 8, 127, 1), std::logic_error);
  array->advance(1e9);
  EXPECT_EQ(array->state(block), CellState::ready);
}

TEST(Rom, BlankMaskHoldsNothing) {
  const auto array = make_array(array_config("rom", 16, 8), RandomStream(1, "tile"));
  EXPECT_EQ(array->programmed_cells(), 0u);
  EXPECT_EQ(array->state({0, 1, 0, 1}), CellState::unprogrammed);
}

TEST(Rom, FilesThatDoNotFitSayWhy) {
  Rom rom("digital", sample_image());
  rom.config.rom.section = "soc.tile1";
  EXPECT_SAYS(rom.make(), "is the mask of an array of 32 x 4, this one is 16 x 8");
  rom.config.rom.section = "";
  EXPECT_SAYS(rom.make(), "name one of them");
  rom.config.rom.image += ".missing";
  EXPECT_SAYS(rom.make(), ".missing");
  Rom ternary("ternary", sample_image());
  EXPECT_SAYS(ternary.make(), "cells of variant ternary hold -1 .. 1");
  EXPECT_SAYS(ternary.make(), "section 'soc.tile0', row 2, column 0");
  Rom narrow("digital", sample_image());
  narrow.config.rom.weight_bits = 4;
  EXPECT_SAYS(narrow.make(), "hold -8 .. 7");
}

TEST(RomCharge, MultiLevelCellsAreExactWithoutMismatchAndNoise) {
  const Block block{0, 200, 0, 16};
  const auto weights = random_bytes(1, block.cells());
  RomImage image;
  image.add("soc.tile0", 200, 16, block, 127, weights.data(), 16);
  for (const unsigned bits : {1u, 2u, 4u}) {
    Rom rom("charge", image);
    rom.config.rows = 200;
    rom.config.columns = 16;
    rom.config.rom.charge.bits_per_cell = bits;
    rom.config.rom.charge.active_rows = 16;  // 16 rows of 15 levels have 8-bit codes
    rom.config.rom.charge.mismatch = rom.config.rom.charge.noise = 0.0;
    const auto array = rom.make();
    const auto inputs = random_bytes(2, 40 * block.rows);
    std::vector<std::int32_t> sums(40 * 16);
    EXPECT_EQ(array->multiply(block, inputs.data(), 200, 40, 0, sums.data()).clipped, 0u);
    EXPECT_EQ(sums, reference_product(block, weights, inputs, 40)) << bits << " bits a cell";
  }
}

TEST(RomCharge, DefaultsStayWithinAFewLevelsOfTheIntegers) {
  const Block block{0, 128, 0, 32};
  const auto weights = random_bytes(1, block.cells());
  RomImage image;
  image.add("soc.tile0", 128, 32, block, 127, weights.data(), 32);
  Rom rom("charge", image);
  rom.config.rows = 128;
  rom.config.columns = 32;
  const auto array = rom.make();
  const auto inputs = random_bytes(2, 200 * block.rows);
  std::vector<std::int32_t> sums(200 * 32);
  array->multiply(block, inputs.data(), 128, 200, 0, sums.data());
  const auto expected = reference_product(block, weights, inputs, 200);
  double error = 0.0;
  double signal = 0.0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    error += std::pow(sums[i] - expected[i], 2);
    signal += std::pow(expected[i], 2);
  }
  EXPECT_LT(std::sqrt(error / signal), 0.05);
  EXPECT_GT(error, 0.0);
}

TEST(Fidelity, V28HybridOfRomTrunkAndSramBranchEqualsSoftware) {
  // y = W x + B round-free (A x): the branch's inner vector is int8, so A x is kept small here.
  const unsigned n = 48;
  const unsigned m = 20;
  const unsigned rank = 4;
  const auto trunk = random_bytes(1, std::size_t{n} * m);
  RomImage image;
  image.add("soc.tile0", n, m, {0, n, 0, m}, 127, trunk.data(), m);
  Rom rom("digital", image);
  rom.config.rows = n;
  rom.config.columns = m;
  const auto base = rom.make();
  Programmed8 down(array_config("sram", n, rank), {0, n, 0, rank},
                   random_bytes(2, n * rank, -1, 1));
  Programmed8 up(array_config("sram", rank, m), {0, rank, 0, m}, random_bytes(3, rank * m));
  const std::size_t count = 500;
  const auto x = random_bytes(4, count * n, -2, 2);
  std::vector<std::int32_t> y(count * m);
  base->multiply({0, n, 0, m}, x.data(), n, count, 0, y.data());
  const auto inner = down.multiply(x);
  std::vector<std::int8_t> middle(inner.begin(), inner.end());
  const auto branch = up.multiply(middle);
  long long wrong = 0;
  for (std::size_t v = 0; v < count; ++v)
    for (unsigned c = 0; c < m; ++c) {
      long long sum = 0;
      for (unsigned r = 0; r < n; ++r) {
        long long weight = trunk[r * m + c];
        for (unsigned k = 0; k < rank; ++k)
          weight += down.weights[r * rank + k] * up.weights[k * m + c];
        sum += weight * x[v * n + r];
      }
      wrong += sum != y[v * m + c] + branch[v * m + c];
    }
  aimc::testing::compare_exact("V28", "wrong sums of trunk + rank-4 branch, 10000 sums", 0, wrong);
  aimc::testing::compare_exact("V28", "extra products, r (n + m)", rank * (n + m),
                               static_cast<long long>(down.block.cells() + up.block.cells()));
}

}  // namespace
}  // namespace aimc::cim
