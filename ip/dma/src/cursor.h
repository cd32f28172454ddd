// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace aimc::dma {

/// Walks the bytes of one side of a copy as contiguous pieces.
///
/// Runs that touch are joined when the walk is set up, so a dense 3D block is one run; runs that
/// only meet at the end of a row are joined on the way. Base addresses of runs wrap at 2^32.
class Cursor {
 public:
  struct Piece {
    std::uint64_t address = 0;
    std::uint32_t bytes = 0;
  };

  /// Sizes are 1 or more; strides are signed bytes as two's complement.
  void start(std::uint32_t address, std::uint32_t bytes, std::uint32_t count1,
             std::uint32_t stride1, std::uint32_t count2, std::uint32_t stride2) {
    row_ = address;
    run_ = bytes;
    count1_ = count1;
    stride1_ = stride1;
    count2_ = count2;
    stride2_ = stride2;
    if (count1_ == 1 || stride1_ == run_) {
      run_ *= count1_;
      // One loop is left; it becomes the inner one.
      count1_ = count2_;
      stride1_ = stride2_;
      count2_ = 1;
      if (count1_ == 1 || stride1_ == run_) {
        run_ *= count1_;
        count1_ = 1;
      }
    }
    index1_ = index2_ = 0;
    address_ = row_;
    left_ = run_;
  }
  bool done() const { return left_ == 0; }
  /// Length of a run after joining.
  std::uint64_t run() const { return run_; }

  /// The next piece of at most `limit` bytes; nothing is consumed if this is the end.
  Piece next(std::uint32_t limit) {
    Piece piece{address_, 0};
    while (left_ != 0 && piece.bytes < limit && address_ == piece.address + piece.bytes) {
      const auto bytes =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(left_, limit - piece.bytes));
      piece.bytes += bytes;
      address_ += bytes;
      left_ -= bytes;
      if (left_ == 0) step();
    }
    return piece;
  }

 private:
  void step() {
    if (++index1_ == count1_) {
      if (++index2_ == count2_) return;
      index1_ = 0;
      row_ += stride2_;
    }
    address_ = static_cast<std::uint32_t>(row_ + index1_ * stride1_);
    left_ = run_;
  }

  std::uint64_t run_ = 0;
  std::uint64_t left_ = 0;     // of the present run
  std::uint64_t address_ = 0;  // of the next byte
  std::uint32_t row_ = 0;
  std::uint32_t count1_ = 0, stride1_ = 0, index1_ = 0;
  std::uint32_t count2_ = 0, stride2_ = 0, index2_ = 0;
};

}  // namespace aimc::dma
