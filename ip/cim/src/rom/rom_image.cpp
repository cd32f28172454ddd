// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/rom/rom_image.h"

#include <algorithm>
#include <cstring>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"
#include "aimc/common/random.h"

namespace aimc::cim {
namespace {

constexpr char kMagic[8] = {'A', 'I', 'M', 'C', 'R', 'O', 'M', 1};
constexpr unsigned kLargestSide = 4096;  // as the `rows` and `columns` parameters
constexpr unsigned kLongestName = 4096;

void append_word(std::vector<std::uint8_t>& bytes, std::uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint64_t checksum(std::span<const std::uint8_t> bytes) {
  return hash64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// Reads fields in order; a field beyond the end is an error that names it.
class Reader {
 public:
  Reader(std::span<const std::uint8_t> bytes, const std::string& what)
      : bytes_(bytes), what_(what) {}

  std::span<const std::uint8_t> take(std::size_t size, const char* field) {
    if (size > bytes_.size() - at_)
      user_error("{}: byte {}: {} ends beyond the file; is it a mask image of aimc-rom, and whole?",
                 what_, at_, field);
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }
  std::uint64_t word(unsigned size, const char* field) {
    std::uint64_t value = 0;
    const std::span<const std::uint8_t> raw = take(size, field);
    for (unsigned i = 0; i < size; ++i) value |= std::uint64_t{raw[i]} << (8 * i);
    return value;
  }
  unsigned number(const char* field, unsigned low, unsigned high) {
    const std::size_t place = at_;
    const auto value = static_cast<unsigned>(word(4, field));
    if (value < low || value > high)
      user_error("{}: byte {}: {} is {}; it must be in {} .. {}", what_, place, field, value, low,
                 high);
    return value;
  }
  std::size_t at() const { return at_; }
  bool done() const { return at_ == bytes_.size(); }

 private:
  std::span<const std::uint8_t> bytes_;
  const std::string& what_;
  std::size_t at_ = 0;
};

bool overlap(const Block& a, const Block& b) {
  return a.first_row < b.first_row + b.rows && b.first_row < a.first_row + a.rows &&
         a.first_column < b.first_column + b.columns && b.first_column < a.first_column + a.columns;
}

}  // namespace

RomSection& RomImage::section(const std::string& name, unsigned rows, unsigned columns) {
  for (RomSection& present : sections_) {
    if (present.name != name) continue;
    if (present.rows != rows || present.columns != columns)
      user_error("{}: section '{}' is {} x {}, not {} x {}", what_, name, present.rows,
                 present.columns, rows, columns);
    return present;
  }
  if (rows < 1 || rows > kLargestSide || columns < 1 || columns > kLargestSide)
    user_error("{}: section '{}': {} x {} is no array; sides are 1 .. {}", what_, name, rows,
               columns, kLargestSide);
  sections_.push_back({name, rows, columns, {}});
  return sections_.back();
}

void RomImage::add(const std::string& name, unsigned rows, unsigned columns, const Block& block,
                   unsigned full_scale, const std::int8_t* weights, std::size_t stride) {
  const auto fits = [](unsigned first, unsigned size, unsigned room) {
    return size > 0 && size <= room && first <= room - size;
  };
  if (!fits(block.first_row, block.rows, rows) || !fits(block.first_column, block.columns, columns))
    user_error("{}: section '{}': a block of {} x {} at {},{} leaves the array of {} x {}", what_,
               name, block.rows, block.columns, block.first_row, block.first_column, rows, columns);
  if (full_scale < 1 || full_scale > 127)
    user_error("{}: section '{}': full scale {} is not in 1 .. 127", what_, name, full_scale);
  RomSection& target = section(name, rows, columns);
  for (const RomBlock& other : target.blocks)
    if (overlap(other.block, block))
      user_error("{}: section '{}': the blocks at {},{} and {},{} overlap", what_, name,
                 other.block.first_row, other.block.first_column, block.first_row,
                 block.first_column);
  RomBlock added{block, full_scale, std::vector<std::int8_t>(block.cells())};
  for (unsigned r = 0; r < block.rows; ++r)
    std::copy_n(weights + r * stride, block.columns,
                &added.weights[std::size_t{r} * block.columns]);
  target.blocks.push_back(std::move(added));
}

const RomSection& RomImage::find(const std::string& name) const {
  std::vector<std::string> names;
  for (const RomSection& present : sections_) {
    if (present.name == name || (name.empty() && sections_.size() == 1)) return present;
    names.push_back(present.name);
  }
  if (name.empty())
    user_error("{}: it has {} sections; name one of them: {}", what_, names.size(), join(names));
  user_error("{}: no section '{}'. Present: {}", what_, name, join(names));
}

std::vector<std::uint8_t> RomImage::bytes() const {
  std::vector<std::uint8_t> out(std::begin(kMagic), std::end(kMagic));
  append_word(out, sections_.size(), 4);
  for (const RomSection& section : sections_) {
    append_word(out, section.name.size(), 4);
    out.insert(out.end(), section.name.begin(), section.name.end());
    for (const std::size_t value :
         {std::size_t{section.rows}, std::size_t{section.columns}, section.blocks.size()})
      append_word(out, value, 4);
    for (const RomBlock& entry : section.blocks) {
      const Block& block = entry.block;
      for (const unsigned value :
           {block.first_row, block.rows, block.first_column, block.columns, entry.full_scale})
        append_word(out, value, 4);
      const auto* const raw = reinterpret_cast<const std::uint8_t*>(entry.weights.data());
      out.insert(out.end(), raw, raw + entry.weights.size());
    }
  }
  append_word(out, checksum(out), 8);
  return out;
}

RomImage RomImage::parse(std::span<const std::uint8_t> bytes, const std::string& what) {
  RomImage image;
  image.what_ = what;
  if (bytes.size() < sizeof kMagic || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
    user_error("{}: byte 0: not a mask image; aimc-rom makes them", what);
  if (bytes.size() < sizeof kMagic + 12)
    user_error("{}: only {} bytes; the file is cut off", what, bytes.size());
  const std::span<const std::uint8_t> body = bytes.first(bytes.size() - 8);
  Reader tail(bytes.last(8), what);
  if (tail.word(8, "checksum") != checksum(body))
    user_error("{}: the checksum is wrong; the file was changed or cut off", what);
  Reader reader(body, what);
  reader.take(sizeof kMagic, "mark");
  const unsigned sections = reader.number("number of sections", 1, 1u << 20);
  for (unsigned s = 0; s < sections; ++s) {
    const unsigned length = reader.number("length of a section's name", 0, kLongestName);
    const std::span<const std::uint8_t> raw = reader.take(length, "section's name");
    const std::string name(raw.begin(), raw.end());
    const unsigned rows = reader.number("rows of a section", 1, kLargestSide);
    const unsigned columns = reader.number("columns of a section", 1, kLargestSide);
    const unsigned blocks = reader.number("number of blocks", 0, 1u << 24);
    image.section(name, rows, columns);
    for (unsigned b = 0; b < blocks; ++b) {
      Block block;
      block.first_row = reader.number("first row", 0, kLargestSide);
      block.rows = reader.number("rows of a block", 1, kLargestSide);
      block.first_column = reader.number("first column", 0, kLargestSide);
      block.columns = reader.number("columns of a block", 1, kLargestSide);
      const unsigned full_scale = reader.number("full scale", 1, 127);
      const std::span<const std::uint8_t> weights = reader.take(block.cells(), "weights");
      image.add(name, rows, columns, block, full_scale,
                reinterpret_cast<const std::int8_t*>(weights.data()), block.columns);
    }
  }
  if (!reader.done()) user_error("{}: byte {}: bytes after the last section", what, reader.at());
  return image;
}

RomImage RomImage::read(const std::string& path) {
  const std::string text = read_file(path, "mask image");
  return parse({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, path);
}

void RomImage::write(const std::string& path) const {
  const std::vector<std::uint8_t> all = bytes();
  write_file(path, {reinterpret_cast<const char*>(all.data()), all.size()});
}

}  // namespace aimc::cim
