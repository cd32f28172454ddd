// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aimc::sensor {

/// How the records stand in a file. Every format may be compressed with gzip.
enum class Format {
  automatic,  ///< IDX if the file begins like one, raw otherwise.
  raw,        ///< Records one after the other.
  idx,        ///< IDX of unsigned bytes, as MNIST is distributed (magic 0x0803 or 0x0804).
  cifar,      ///< CIFAR-10 binary: a label byte, then red, green and blue planes.
};

/// "automatic", "raw", "idx" or "cifar". @throws UserError that lists these.
Format parse_format(const std::string& word);

/// Reads the input records of a run, file after file.
///
/// @param record_bytes  bytes of one record as the network wants it, > 0. CIFAR planes become
///                      height x width x channels, the order of feature maps.
/// @param count         records wanted; 0 for all there are.
/// @returns records one after the other.
/// @throws UserError that names the file for: unreadable, broken gzip data, a size that is not a
///         whole number of records, IDX dimensions that do not match, fewer records than `count`.
std::vector<std::uint8_t> load_records(const std::vector<std::string>& paths,
                                       std::size_t record_bytes, std::size_t count = 0,
                                       Format format = Format::automatic);

/// Reads labels, one byte each: IDX1 (magic 0x0801), raw, or the label bytes of a CIFAR file of
/// records of `record_bytes`.
/// @throws UserError as `load_records`.
std::vector<std::uint8_t> load_labels(const std::string& path, Format format = Format::automatic,
                                      std::size_t record_bytes = 0);

}  // namespace aimc::sensor
