// SPDX-License-Identifier: Apache-2.0
#include "aimc/sensor/files.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <span>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"

namespace aimc::sensor {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Unpacks all members of a gzip file.
Bytes inflate_gzip(const std::string& packed, const std::string& path) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::bad_alloc();
  struct Guard {
    z_stream* stream;
    ~Guard() { inflateEnd(stream); }
  } const guard{&stream};
  Bytes out;
  std::vector<std::uint8_t> chunk(1 << 16);
  std::size_t at = 0;
  for (;;) {
    if (stream.avail_in == 0 && at < packed.size()) {
      const std::size_t part = std::min<std::size_t>(packed.size() - at, 1u << 30);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + at));
      stream.avail_in = static_cast<uInt>(part);
      at += part;
    }
    stream.next_out = chunk.data();
    stream.avail_out = static_cast<uInt>(chunk.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    out.insert(out.end(), chunk.data(), stream.next_out);
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0 && at == packed.size()) return out;
      inflateReset(&stream);  // the next member
    } else if (status == Z_BUF_ERROR ||
               (stream.avail_in == 0 && at == packed.size() && stream.avail_out != 0)) {
      user_error("{}: error: the gzip data end too early after {} bytes of content", path,
                 out.size());
    } else if (status != Z_OK) {
      user_error("{}: error: the gzip data are corrupt ({})", path,
                 stream.msg != nullptr ? stream.msg : "bad stream");
    }
  }
}

Bytes load(const std::string& path, const char* what) {
  const std::string text = read_file(path, what);
  if (text.starts_with("\x1f\x8b")) return inflate_gzip(text, path);
  return Bytes(text.begin(), text.end());
}

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  return static_cast<std::uint32_t>(bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]);
}

struct Idx {
  std::vector<std::uint32_t> dimensions;
  std::size_t header_bytes = 0;
  std::string text() const { return fmt::format("{}", fmt::join(dimensions, " x ")); }
};

/// Reads and checks an IDX header; afterwards the file is known to hold what it says.
Idx read_idx(const Bytes& bytes, const std::string& path) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0)
    user_error(
        "{}: error: this is not an IDX file: it begins with {:02x}, an IDX file of bytes "
        "with 00 00 08",
        path, fmt::join(std::span(bytes).first(std::min<std::size_t>(bytes.size(), 4)), " "));
  if (bytes[2] != 8)
    user_error(
        "{}: error: this IDX file has elements of type {:#04x}; only unsigned bytes "
        "(0x08) are known",
        path, bytes[2]);
  Idx idx;
  const std::size_t count = bytes[3];
  idx.header_bytes = 4 + 4 * count;
  if (count == 0 || bytes.size() < idx.header_bytes)
    user_error("{}: error: the IDX header is cut off: {} bytes of {}", path, bytes.size(),
               idx.header_bytes);
  std::uint64_t elements = 1;
  for (std::size_t i = 0; i < count; ++i) {
    idx.dimensions.push_back(big_endian(std::span(bytes).subspan(4 + 4 * i, 4)));
    const std::uint64_t limit = std::numeric_limits<std::uint64_t>::max() >> 33;
    elements = std::min(elements, limit) * idx.dimensions.back();
  }
  if (bytes.size() - idx.header_bytes != elements)
    user_error("{}: error: the IDX header says {} = {} bytes of data, but {} follow", path,
               idx.text(), elements, bytes.size() - idx.header_bytes);
  return idx;
}

bool looks_like_idx(const Bytes& bytes) {
  return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 8 &&
         (bytes[3] == 1 || bytes[3] == 3 || bytes[3] == 4);
}

void append_raw(Bytes& out, const Bytes& bytes, const std::string& path, std::size_t record_bytes) {
  if (bytes.empty() || bytes.size() % record_bytes != 0)
    user_error(
        "{}: error: {} bytes are not a whole number of records of {} bytes; {} records "
        "would be {} bytes",
        path, bytes.size(), record_bytes, bytes.size() / record_bytes + 1,
        (bytes.size() / record_bytes + 1) * record_bytes);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_idx(Bytes& out, const Bytes& bytes, const std::string& path, std::size_t record_bytes,
                bool asked_for) {
  const char* const hint =
      asked_for ? "" : " (it begins like an IDX file; say format 'raw' if it is none)";
  const Idx idx = read_idx(bytes, path);
  if (idx.dimensions.size() != 3 && idx.dimensions.size() != 4)
    user_error("{}: error: IDX data of {} have {} dimensions; records need 3 or 4{}", path,
               idx.text(), idx.dimensions.size(), hint);
  std::uint64_t have = 1;
  for (std::size_t i = 1; i < idx.dimensions.size(); ++i) have *= idx.dimensions[i];
  if (have != record_bytes)
    user_error("{}: error: IDX data of {} have records of {} bytes; the network wants {}{}", path,
               idx.text(), have, record_bytes, hint);
  out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(idx.header_bytes), bytes.end());
}

void check_cifar(const Bytes& bytes, const std::string& path, std::size_t record_bytes) {
  if (record_bytes == 0 || record_bytes % 3 != 0)
    user_error("{}: error: CIFAR records have three colours; {} bytes cannot be divided by 3", path,
               record_bytes);
  if (bytes.empty() || bytes.size() % (record_bytes + 1) != 0)
    user_error("{}: error: {} bytes are not a whole number of CIFAR records of 1 + {} bytes", path,
               bytes.size(), record_bytes);
}

void append_cifar(Bytes& out, const Bytes& bytes, const std::string& path,
                  std::size_t record_bytes) {
  check_cifar(bytes, path, record_bytes);
  const std::size_t pixels = record_bytes / 3;
  for (std::size_t at = 1; at < bytes.size(); at += record_bytes + 1)
    for (std::size_t pixel = 0; pixel < pixels; ++pixel)
      for (std::size_t plane = 0; plane < 3; ++plane)
        out.push_back(bytes[at + plane * pixels + pixel]);
}

}  // namespace

Format parse_format(const std::string& word) {
  if (word == "automatic") return Format::automatic;
  if (word == "raw") return Format::raw;
  if (word == "idx") return Format::idx;
  if (word == "cifar") return Format::cifar;
  user_error("there is no input format '{}'. Known: automatic, raw, idx, cifar", word);
}

std::vector<std::uint8_t> load_records(const std::vector<std::string>& paths,
                                       std::size_t record_bytes, std::size_t count, Format format) {
  if (record_bytes == 0) user_error("input records cannot have 0 bytes");
  Bytes records;
  for (const std::string& path : paths) {
    const Bytes bytes = load(path, "input file");
    if (format == Format::cifar) {
      append_cifar(records, bytes, path, record_bytes);
    } else if (format == Format::idx || (format == Format::automatic && looks_like_idx(bytes))) {
      append_idx(records, bytes, path, record_bytes, format == Format::idx);
    } else {
      append_raw(records, bytes, path, record_bytes);
    }
    if (count != 0 && records.size() / record_bytes >= count) break;
  }
  const std::size_t have = records.size() / record_bytes;
  if (count > have)
    user_error("{}: error: {} records are wanted, but there are {}",
               paths.empty() ? "input" : paths.back(), count, have);
  if (count != 0) records.resize(count * record_bytes);
  return records;
}

std::vector<std::uint8_t> load_labels(const std::string& path, Format format,
                                      std::size_t record_bytes) {
  Bytes bytes = load(path, "label file");
  if (format == Format::cifar) {
    check_cifar(bytes, path, record_bytes);
    Bytes labels;
    for (std::size_t at = 0; at < bytes.size(); at += record_bytes + 1) labels.push_back(bytes[at]);
    return labels;
  }
  if (format == Format::raw || (format == Format::automatic && !looks_like_idx(bytes))) {
    if (bytes.empty()) user_error("{}: error: this label file is empty", path);
    return bytes;
  }
  const Idx idx = read_idx(bytes, path);
  if (idx.dimensions.size() != 1)
    user_error("{}: error: IDX data of {} are no labels, which have 1 dimension", path, idx.text());
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(idx.header_bytes));
  return bytes;
}

}  // namespace aimc::sensor
