// SPDX-License-Identifier: Apache-2.0
#include "aimc/network/image.h"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"
#include "validate.h"

namespace aimc::network {

namespace {

struct SectionInfo {
  const char* name;
  std::size_t element_bytes;
};

constexpr SectionInfo kSections[AIMC_SECTION_COUNT] = {
    {"ENGINES", sizeof(aimc_network_engine_t)},
    {"SETUP", sizeof(aimc_network_task_t)},
    {"FRAME", sizeof(aimc_network_task_t)},
    {"EDGES", sizeof(std::uint32_t)},
    {"LAYERS", sizeof(aimc_network_layer_t)},
    {"TENSORS", sizeof(aimc_network_tensor_t)},
    {"STRINGS", 1},
    {"DATA", 1},
};

void check_header(const std::vector<std::uint8_t>& bytes, const std::string& file) {
  const Location where{file};
  aimc_network_header_t header;
  if (bytes.size() < sizeof(header))
    user_error(where, "not a network image: {} bytes, the header alone has {}", bytes.size(),
               sizeof(header));
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != AIMC_NETWORK_MAGIC)
    user_error(where, "not a network image: it starts with {:#010x}, not \"AIMC\"", header.magic);
  if (header.version != AIMC_NETWORK_VERSION)
    user_error(where,
               "network image of version {}; this program reads version {}: compile it again",
               header.version, AIMC_NETWORK_VERSION);
  if (header.header_bytes != sizeof(header))
    user_error(where, "header of {} bytes instead of {}", header.header_bytes, sizeof(header));
  if (header.total_bytes > bytes.size())
    user_error(where, "truncated: {} of {} bytes", bytes.size(), header.total_bytes);
  if (header.total_bytes < bytes.size())
    user_error(where, "{} bytes behind the end of the image", bytes.size() - header.total_bytes);
  const std::uint32_t crc = image_crc(bytes);
  if (header.crc32 != crc)
    user_error(where, "corrupt: CRC-32 is {:#010x}, the header says {:#010x}", crc, header.crc32);
  if (header.load_address % 8 != 0)
    user_error(where, "load address {:#x} is not a multiple of 8", header.load_address);
}

void check_sections(const aimc_network_header_t& header, const std::string& file) {
  const Location where{file};
  std::vector<unsigned> order;
  for (unsigned i = 0; i < AIMC_SECTION_COUNT; ++i) {
    const aimc_network_section_t& section = header.section[i];
    const std::uint64_t end =
        section.offset + std::uint64_t{section.count} * kSections[i].element_bytes;
    if (section.offset % 8 != 0 || section.offset < sizeof(header))
      user_error(where, "section {} at {:#x}: the offset must be a multiple of 8 behind the header",
                 kSections[i].name, section.offset);
    if (end > header.total_bytes)
      user_error(where, "section {} ends at {:#x}, behind the end of the image at {:#x}",
                 kSections[i].name, end, header.total_bytes);
    if (section.count > 0) order.push_back(i);
  }
  const auto begin = [&](unsigned i) { return header.section[i].offset; };
  std::sort(order.begin(), order.end(),
            [&](unsigned a, unsigned b) { return begin(a) < begin(b); });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const unsigned before = order[i - 1];
    const std::uint64_t end = begin(before) + std::uint64_t{header.section[before].count} *
                                                  kSections[before].element_bytes;
    if (end > begin(order[i]))
      user_error(where, "sections {} and {} overlap", kSections[before].name,
                 kSections[order[i]].name);
  }
}

}  // namespace

const char* to_text(Graph graph) { return graph == Graph::setup ? "setup" : "frame"; }

Image Image::load(const std::string& path) {
  const std::string text = read_file(path, "network image");
  return parse(std::vector<std::uint8_t>(text.begin(), text.end()), path);
}

Image Image::parse(std::vector<std::uint8_t> bytes, std::string name) {
  check_header(bytes, name);
  Image image;
  image.file_ = std::move(name);
  image.bytes_ = std::move(bytes);
  check_sections(image.header(), image.file_);
  const aimc_network_section_t& strings = image.header().section[AIMC_SECTION_STRINGS];
  // With a zero at the end, every offset within the section starts a terminated string.
  if (strings.count == 0 || image.bytes_[strings.offset] != 0 ||
      image.bytes_[strings.offset + strings.count - 1] != 0)
    user_error(Location{image.file_},
               "section STRINGS must start with the empty string and end with a zero byte");
  detail::validate_layers(image);
  detail::validate_tasks(image);
  return image;
}

const aimc_network_header_t& Image::header() const {
  return *reinterpret_cast<const aimc_network_header_t*>(bytes_.data());
}

template <class T>
std::span<const T> Image::section(unsigned index) const {
  const aimc_network_section_t& section = header().section[index];
  return {reinterpret_cast<const T*>(bytes_.data() + section.offset), section.count};
}

std::span<const aimc_network_engine_t> Image::engines() const {
  return section<aimc_network_engine_t>(AIMC_SECTION_ENGINES);
}
std::span<const aimc_network_task_t> Image::tasks(Graph graph) const {
  return section<aimc_network_task_t>(graph == Graph::setup ? AIMC_SECTION_SETUP
                                                            : AIMC_SECTION_FRAME);
}
std::span<const std::uint32_t> Image::edges() const {
  return section<std::uint32_t>(AIMC_SECTION_EDGES);
}
std::span<const std::uint32_t> Image::edges(const aimc_network_task_t& task) const {
  return edges().subspan(task.first_edge, task.edges);
}
std::span<const aimc_network_layer_t> Image::layers() const {
  return section<aimc_network_layer_t>(AIMC_SECTION_LAYERS);
}
std::span<const aimc_network_tensor_t> Image::tensors() const {
  return section<aimc_network_tensor_t>(AIMC_SECTION_TENSORS);
}
const char* Image::string(std::uint32_t offset) const {
  return section<char>(AIMC_SECTION_STRINGS).data() + offset;
}
std::span<const std::uint8_t> Image::data() const {
  return section<std::uint8_t>(AIMC_SECTION_DATA);
}
std::uint32_t Image::data_address() const {
  return header().load_address + header().section[AIMC_SECTION_DATA].offset;
}
std::uint32_t Image::word(std::uint32_t offset) const {
  std::uint32_t value = 0;
  std::memcpy(&value, data().subspan(offset, 4).data(), 4);
  return value;
}
std::uint16_t Image::half(std::uint32_t offset) const {
  std::uint16_t value = 0;
  std::memcpy(&value, data().subspan(offset, 2).data(), 2);
  return value;
}

std::uint32_t arg_max(std::span<const std::int8_t> values) {
  return static_cast<std::uint32_t>(std::max_element(values.begin(), values.end()) -
                                    values.begin());
}

std::uint32_t image_crc(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t field = offsetof(aimc_network_header_t, crc32);
  constexpr std::uint8_t zeros[4] = {};
  uLong crc = ::crc32(0, bytes.data(), static_cast<uInt>(field));
  crc = ::crc32(crc, zeros, 4);
  crc = ::crc32(crc, bytes.data() + field + 4, static_cast<uInt>(bytes.size() - field - 4));
  return static_cast<std::uint32_t>(crc);
}

}  // namespace aimc::network
