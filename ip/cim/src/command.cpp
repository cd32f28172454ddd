// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include <algorithm>
#include <cstring>

#include "aimc/common/fixed_point.h"

namespace aimc::cim {

Command::Command(const cim_command_t& w)
    : words(w),
      opcode(CIM_COMMAND_OP_OPCODE_GET(w.op)),
      psum(CIM_COMMAND_OP_PSUM_GET(w.op) != 0),
      raw(CIM_COMMAND_OP_RAW_GET(w.op) != 0),
      failed_map(CIM_COMMAND_OP_FAILED_MAP_GET(w.op) != 0),
      fp16(CIM_COMMAND_OP_FP16_GET(w.op) != 0),
      block{CIM_COMMAND_ROWS_FIRST_GET(w.rows), CIM_COMMAND_ROWS_COUNT_GET(w.rows),
            CIM_COMMAND_COLUMNS_FIRST_GET(w.columns), CIM_COMMAND_COLUMNS_COUNT_GET(w.columns)},
      count(w.count),
      low(static_cast<std::int8_t>(CIM_COMMAND_CLAMP_LOW_GET(w.clamp))),
      high(static_cast<std::int8_t>(CIM_COMMAND_CLAMP_HIGH_GET(w.clamp))),
      patch_first(CIM_COMMAND_PATCH_FIRST_GET(w.patch)),
      full_scale(CIM_COMMAND_WEIGHTS_FULL_SCALE_GET(w.weights)),
      tolerance(1.0) {
  if (full_scale == 0) full_scale = 127;
  const std::uint32_t eighths = CIM_COMMAND_WEIGHTS_TOLERANCE_GET(w.weights);
  tolerance = eighths == 0 ? 1.0 : eighths / 8.0;
  patch.height = CIM_COMMAND_MAP_HEIGHT_GET(w.map);
  patch.width = CIM_COMMAND_MAP_WIDTH_GET(w.map);
  patch.channels = CIM_COMMAND_KERNEL_CHANNELS_GET(w.kernel);
  patch.kernel_height = CIM_COMMAND_KERNEL_HEIGHT_GET(w.kernel);
  patch.kernel_width = CIM_COMMAND_KERNEL_WIDTH_GET(w.kernel);
  patch.stride_y = CIM_COMMAND_STEP_STRIDE_Y_GET(w.step);
  patch.stride_x = CIM_COMMAND_STEP_STRIDE_X_GET(w.step);
  patch.pad_top = CIM_COMMAND_STEP_PAD_TOP_GET(w.step);
  patch.pad_left = CIM_COMMAND_STEP_PAD_LEFT_GET(w.step);
  patch.dilation_y = CIM_COMMAND_PATCH_DILATION_Y_GET(w.patch);
  patch.dilation_x = CIM_COMMAND_PATCH_DILATION_X_GET(w.patch);
  patch.out_height = CIM_COMMAND_OUT_MAP_HEIGHT_GET(w.out_map);
  patch.out_width = CIM_COMMAND_OUT_MAP_WIDTH_GET(w.out_map);
  if (convolution()) count = patch.vectors();
}

void Work::accumulate(const Array& array, std::uint64_t first, std::size_t vectors,
                      std::vector<std::int8_t>& gathered, std::int32_t* accumulators) {
  if (digital_only) {
    for (std::size_t n = 0; n < vectors; ++n)
      std::memcpy(accumulators + n * block.columns, &inputs[(first + n) * input_stride],
                  std::size_t{block.columns} * 4);
    return;
  }
  const auto* source = reinterpret_cast<const std::int8_t*>(inputs.data());
  std::size_t stride = input_stride;
  if (convolution) {
    gathered.resize(vectors * block.rows);
    gather_patches(patch, source, first, vectors, patch_first, block.rows, gathered.data());
    source = gathered.data();
    stride = block.rows;
  } else {
    source += first * stride;
  }
  const MultiplyReport report =
      array.multiply(block, source, stride, vectors, first_operation + first, accumulators);
  clipped += report.clipped;
  extra_products += report.extra_products;
}

void Work::run(const Array& array) {
  constexpr std::size_t kChunk = 256;
  const std::size_t vector_bytes = std::size_t{block.columns} * (raw ? 4 : 1);
  outputs.resize(count * vector_bytes);
  std::vector<std::int8_t> gathered;
  std::vector<std::int32_t> accumulators(std::min<std::uint64_t>(kChunk, count) * block.columns);
  for (std::uint64_t first = 0; first < count && !cancelled; first += kChunk) {
    const std::size_t vectors = std::min<std::uint64_t>(kChunk, count - first);
    accumulate(array, first, vectors, gathered, accumulators.data());
    for (std::size_t n = 0; n < vectors; ++n) {
      if (fp16)
        finish_fp16(first + n, &accumulators[n * block.columns]);
      else
        finish_vector(first + n, &accumulators[n * block.columns]);
    }
  }
}

void Work::finish_fp16(std::uint64_t n, const std::int32_t* accumulators) {
  for (unsigned c = 0; c < block.columns; ++c) {
    std::int8_t incoming = 0;
    if (psum) incoming = static_cast<std::int8_t>(partial_sums[n * psum_stride + c]);
    outputs[n * block.columns + c] = static_cast<std::uint8_t>(
        channels[c].result(Half::of(accumulators[c] * units[c]), incoming));
  }
}

void Work::finish_vector(std::uint64_t n, const std::int32_t* accumulators) {
  const std::uint8_t* const sums = psum ? &partial_sums[n * psum_stride] : nullptr;
  std::uint8_t* const out = &outputs[n * block.columns * (raw ? 4 : 1)];
  for (unsigned c = 0; c < block.columns; ++c) {
    std::int32_t value = accumulators[c];
    if (psum) {
      std::int32_t partial = 0;
      std::memcpy(&partial, sums + std::size_t{c} * 4, 4);
      value = add_saturating(value, partial);
    }
    if (raw) {
      std::memcpy(out + std::size_t{c} * 4, &value, 4);
      continue;
    }
    const cim_affine_t& transform = affine[c];
    const Rescale scale{static_cast<std::int32_t>(transform.multiplier),
                        static_cast<std::int32_t>(transform.shift)};
    value = add_saturating(value, static_cast<std::int32_t>(transform.bias));
    out[c] = static_cast<std::uint8_t>(requantise(value, scale, low, high));
  }
}

}  // namespace aimc::cim
