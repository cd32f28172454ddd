// SPDX-License-Identifier: Apache-2.0
#include "commands.h"

#include <algorithm>
#include <cstdlib>

namespace aimc::compiler {

namespace {

constexpr std::uint32_t kUint8 = 1;  // IN_TYPE of the activation engine

/// Fields of MVM, CONV and DIGITAL alike.
cim_command_t start(std::uint32_t opcode, const QuantisedNetwork& network, const Block& block,
                    const TileOperands& operands) {
  const aimc_network_layer_t& fields = network.layers[block.layer].fields;
  const std::uint32_t element = operands.raw ? 4 : 1;
  cim_command_t command{};
  command.op = CIM_COMMAND_OP_OPCODE_SET(opcode) | CIM_COMMAND_OP_PSUM_SET(operands.add_psum) |
               CIM_COMMAND_OP_RAW_SET(operands.raw);
  command.rows =
      CIM_COMMAND_ROWS_FIRST_SET(block.array_row) | CIM_COMMAND_ROWS_COUNT_SET(block.rows);
  command.columns = CIM_COMMAND_COLUMNS_FIRST_SET(block.array_column) |
                    CIM_COMMAND_COLUMNS_COUNT_SET(block.columns);
  command.count = network.tensors[fields.output].shape.pixels();
  command.in = operands.in;
  command.out = operands.out;
  command.out_stride = block.columns * element;
  command.psum = operands.psum;
  command.psum_stride = block.columns * 4;
  command.affine = operands.affine;
  command.clamp =
      CIM_COMMAND_CLAMP_LOW_SET(fields.clamp_low) | CIM_COMMAND_CLAMP_HIGH_SET(fields.clamp_high);
  return command;
}

std::uint32_t clamp_of(const aimc_network_layer_t& fields) {
  return ACT_COMMAND_CLAMP_LOW_SET(fields.clamp_low) |
         ACT_COMMAND_CLAMP_HIGH_SET(fields.clamp_high);
}

void pool_fields(const QuantisedNetwork& network, const aimc_network_layer_t& fields,
                 act_command_t& command) {
  const Shape& in = network.tensors[fields.input].shape;
  const Shape& out = network.tensors[fields.output].shape;
  command.channels = in.channels;
  command.map = ACT_COMMAND_MAP_HEIGHT_SET(in.height) | ACT_COMMAND_MAP_WIDTH_SET(in.width);
  command.kernel = ACT_COMMAND_KERNEL_HEIGHT_SET(fields.kernel_height) |
                   ACT_COMMAND_KERNEL_WIDTH_SET(fields.kernel_width);
  command.step = ACT_COMMAND_STEP_STRIDE_Y_SET(fields.stride_y) |
                 ACT_COMMAND_STEP_STRIDE_X_SET(fields.stride_x) |
                 ACT_COMMAND_STEP_PAD_TOP_SET(fields.pad_top) |
                 ACT_COMMAND_STEP_PAD_LEFT_SET(fields.pad_left);
  command.out_map =
      ACT_COMMAND_OUT_MAP_HEIGHT_SET(out.height) | ACT_COMMAND_OUT_MAP_WIDTH_SET(out.width);
}

}  // namespace

cim_command_t product_command(const QuantisedNetwork& network, const Block& block,
                              const TileOperands& operands) {
  const QuantisedLayer& layer = network.layers[block.layer];
  const aimc_network_layer_t& fields = layer.fields;
  if (is_dense(network, layer)) {
    cim_command_t command = start(CIM_OPCODE_MVM, network, block, operands);
    command.in_stride = block.rows;
    return command;
  }
  const Shape& in = network.tensors[fields.input].shape;
  const Shape& out = network.tensors[fields.output].shape;
  cim_command_t command = start(CIM_OPCODE_CONV, network, block, operands);
  command.map = CIM_COMMAND_MAP_HEIGHT_SET(in.height) | CIM_COMMAND_MAP_WIDTH_SET(in.width);
  command.kernel = CIM_COMMAND_KERNEL_HEIGHT_SET(fields.kernel_height) |
                   CIM_COMMAND_KERNEL_WIDTH_SET(fields.kernel_width) |
                   CIM_COMMAND_KERNEL_CHANNELS_SET(in.channels);
  command.step = CIM_COMMAND_STEP_STRIDE_Y_SET(fields.stride_y) |
                 CIM_COMMAND_STEP_STRIDE_X_SET(fields.stride_x) |
                 CIM_COMMAND_STEP_PAD_TOP_SET(fields.pad_top) |
                 CIM_COMMAND_STEP_PAD_LEFT_SET(fields.pad_left);
  command.out_map =
      CIM_COMMAND_OUT_MAP_HEIGHT_SET(out.height) | CIM_COMMAND_OUT_MAP_WIDTH_SET(out.width);
  command.patch = CIM_COMMAND_PATCH_FIRST_SET(block.first_row) |
                  CIM_COMMAND_PATCH_DILATION_Y_SET(fields.dilation_y) |
                  CIM_COMMAND_PATCH_DILATION_X_SET(fields.dilation_x);
  return command;
}

cim_command_t reduce_command(const QuantisedNetwork& network, const Block& block,
                             const TileOperands& operands) {
  cim_command_t command = start(CIM_OPCODE_DIGITAL, network, block, operands);
  command.in_stride = block.columns * 4;
  return command;
}

unsigned full_scale(const QuantisedLayer& layer, const Block& block) {
  int largest = 1;
  for (std::uint32_t k = 0; k < block.rows; ++k)
    for (std::uint32_t n = 0; n < block.columns; ++n)
      largest = std::max(
          largest,
          std::abs(int{layer.weights[std::size_t{block.first_row + k} * matrix_columns(layer) +
                                     block.first_column + n]}));
  return static_cast<unsigned>(std::min(largest, 127));
}

cim_command_t program_command(const QuantisedLayer& layer, const Block& block, std::uint32_t first,
                              std::uint32_t rows, std::uint32_t in) {
  cim_command_t command{};
  command.op = CIM_COMMAND_OP_OPCODE_SET(CIM_OPCODE_PROGRAM);
  command.rows =
      CIM_COMMAND_ROWS_FIRST_SET(block.array_row + first) | CIM_COMMAND_ROWS_COUNT_SET(rows);
  command.columns = CIM_COMMAND_COLUMNS_FIRST_SET(block.array_column) |
                    CIM_COMMAND_COLUMNS_COUNT_SET(block.columns);
  command.in = in;
  command.in_stride = block.columns;
  command.weights = CIM_COMMAND_WEIGHTS_FULL_SCALE_SET(full_scale(layer, block));
  return command;
}

bool uniform_input(const QuantisedLayer& layer) {
  return std::all_of(layer.affine.begin(), layer.affine.end(), [&](const cim_affine_t& affine) {
    return std::memcmp(&affine, &layer.affine[0], sizeof(affine)) == 0;
  });
}

act_command_t activation_command(const QuantisedNetwork& network, const QuantisedLayer& layer,
                                 std::uint32_t in, std::uint32_t in2, std::uint32_t out,
                                 std::uint32_t table) {
  constexpr std::uint32_t kOpcodes[] = {ACT_OPCODE_AFFINE,   0,
                                        ACT_OPCODE_MAX_POOL, ACT_OPCODE_AVERAGE_POOL,
                                        ACT_OPCODE_ADD,      ACT_OPCODE_LUT,
                                        ACT_OPCODE_LEAKY,    ACT_OPCODE_SOFTMAX};
  const aimc_network_layer_t& fields = layer.fields;
  act_command_t command{};
  command.op = ACT_COMMAND_OP_OPCODE_SET(kOpcodes[fields.type]);
  command.count = network.tensors[fields.output].shape.size();
  command.in = in;
  command.in2 = in2;
  command.out = out;
  command.table = table;
  command.multiplier = fields.multiplier;
  command.multiplier2 = fields.multiplier2;
  command.shift = fields.shift;
  command.clamp = clamp_of(fields);
  switch (fields.type) {
    case AIMC_LAYER_INPUT:
      command.op |= ACT_COMMAND_OP_IN_TYPE_SET(kUint8);
      command.channels = network.tensors[fields.output].shape.channels;
      command.bias = layer.affine[0].bias;
      command.multiplier = layer.affine[0].multiplier;
      command.shift = layer.affine[0].shift;
      if (!uniform_input(layer)) command.op |= ACT_COMMAND_OP_PER_CHANNEL_SET(1);
      break;
    case AIMC_LAYER_AVERAGE_POOL:
      if ((fields.flags & AIMC_LAYER_FLAG_COUNT_PAD) != 0)
        command.op |= ACT_COMMAND_OP_COUNT_PAD_SET(1);
      pool_fields(network, fields, command);
      break;
    case AIMC_LAYER_MAX_POOL:
      pool_fields(network, fields, command);
      break;
    default:
      break;
  }
  return command;
}

act_command_t arg_max_command(std::uint32_t count, std::uint32_t in, std::uint32_t out) {
  act_command_t command{};
  command.op = ACT_COMMAND_OP_OPCODE_SET(ACT_OPCODE_ARG_MAX);
  command.count = count;
  command.in = in;
  command.out = out;
  return command;
}

dma_descriptor_t copy(std::uint32_t source, std::uint32_t destination, std::uint32_t bytes) {
  return copy_runs(source, destination, bytes, 1, 0, 0);
}

dma_descriptor_t copy_runs(std::uint32_t source, std::uint32_t destination, std::uint32_t bytes,
                           std::uint32_t count, std::uint32_t source_stride,
                           std::uint32_t destination_stride) {
  dma_descriptor_t descriptor{};
  descriptor.source = source;
  descriptor.destination = destination;
  descriptor.bytes = bytes;
  descriptor.count1 = count;
  descriptor.count2 = 1;
  descriptor.source_stride1 = source_stride;
  descriptor.destination_stride1 = destination_stride;
  if (count > 1 && source_stride == bytes && destination_stride == bytes) {
    descriptor.bytes = bytes * count;
    descriptor.count1 = 1;
  }
  return descriptor;
}

}  // namespace aimc::compiler
