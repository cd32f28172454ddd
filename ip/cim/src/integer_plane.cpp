// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/integer_plane.h"

#include <algorithm>

#include "aimc/cim/byte_plane.h"
#include "kernels/kernels.h"

namespace aimc::cim {

static_assert(IntegerPlane::kPanel == kPanelColumns);

void InputBatch::shape(const Block& block, std::size_t vectors) {
  first_row = block.first_row & ~1u;
  stride = (block.first_row + block.rows - first_row + 1) & ~std::size_t{1};
  count = vectors;
  data.assign(stride * vectors, 0);
}

IntegerPlane::IntegerPlane(unsigned rows, unsigned columns)
    : pairs_((rows + 3) / 4 * 2),
      data_(std::size_t{(columns + kPanel - 1) / kPanel} * pairs_ * kPanel * 2, 0) {}

std::size_t IntegerPlane::result_stride(const Block& block) {
  const std::size_t first = block.first_column / kPanel;
  const std::size_t last = (block.first_column + block.columns - 1) / kPanel;
  return (last - first + 1) * kPanel;
}

void IntegerPlane::multiply(const Block& block, const InputBatch& inputs, unsigned begin,
                            unsigned end, std::int32_t* results) const {
  const std::size_t row_end = inputs.first_row + inputs.stride;
  const std::size_t first = std::max(begin, inputs.first_row) / 2;
  const std::size_t last = std::min<std::size_t>(end, row_end) / 2;
  const std::size_t pairs = last > first ? last - first : 0;
  const std::int16_t* const x = inputs.data.data() + (2 * first - inputs.first_row);
  const std::size_t stride = result_stride(block);
  const unsigned first_panel = block.first_column / kPanel * kPanel;
  for (unsigned column = 0; column < stride; column += kPanel)
    kernels().product16(panel(first_panel + column, static_cast<unsigned>(2 * first)), pairs, x,
                        inputs.stride, inputs.count, results + column, stride);
}

BytePlane::BytePlane(unsigned rows, unsigned columns)
    : quads_((rows + 3) / 4), data_(std::size_t{(columns + 31) / 32} * 32 * quads_ * 4, 0) {}

}  // namespace aimc::cim
