// SPDX-License-Identifier: Apache-2.0
#include "aimc/activation/command.h"

#include <array>
#include <cstring>

#include "aimc/activation/operations.h"
#include "aimc/activation/piecewise.h"
#include "aimc/activation/pooling.h"
#include "command_fields.h"

namespace aimc::activation {

using namespace detail;

Work work(const act_command_t& command, const Config& config) {
  const std::uint32_t opcode = ACT_COMMAND_OP_OPCODE_GET(command.op);
  std::uint64_t in_a_pass = command.count;
  Work work;
  work.elements = opcode == ACT_OPCODE_ARG_MAX ? 1 : command.count;
  if (is_pool(opcode)) {
    const Pool pool = geometry(command);
    work.elements = out_elements(pool);
    in_a_pass = work.elements * pool.kernel_height * pool.kernel_width;
  }
  const std::uint64_t passes = opcode == ACT_OPCODE_SOFTMAX ? 3 : 1;
  work.operations = in_a_pass * passes;
  work.cycles = (in_a_pass + config.lanes - 1) / config.lanes * passes + config.pipeline_cycles;
  return work;
}

std::span<const std::uint8_t> Datapath::run(const act_command_t& command,
                                            std::span<const std::uint8_t> sram) {
  if (is_pool(ACT_COMMAND_OP_OPCODE_GET(command.op))) {
    pool(command, sram);
  } else {
    element_wise(command, sram);
  }
  return result_;
}

void Datapath::element_wise(const act_command_t& command, std::span<const std::uint8_t> sram) {
  values_.resize(command.count);
  widen(sram.subspan(command.in), in_type(command), values_);
  const Rescale first = scale(command.multiplier, command.shift);
  switch (ACT_COMMAND_OP_OPCODE_GET(command.op)) {
    case ACT_OPCODE_AFFINE:
      affine(command, sram);
      break;
    case ACT_OPCODE_LEAKY:
      leaky(values_,
            {static_cast<std::int32_t>(command.bias), first,
             scale(command.multiplier2, command.shift)},
            bounds(command), values_);
      break;
    case ACT_OPCODE_LUT: {
      std::array<std::int8_t, 256> table;
      std::memcpy(table.data(), &sram[command.table], sizeof(table));
      look_up(values_, in_type(command) == ElementType::int8 ? -128 : 0, table, values_);
      break;
    }
    case ACT_OPCODE_SIGMOID:
      sigmoid(values_, first, values_);
      break;
    case ACT_OPCODE_TANH:
      tanh(values_, first, values_);
      break;
    case ACT_OPCODE_ADD:
      second_.resize(command.count);
      widen(sram.subspan(command.in2), ElementType::int8, second_);
      add(values_, second_,
          {static_cast<std::int32_t>(command.multiplier),
           static_cast<std::int32_t>(command.multiplier2),
           static_cast<std::int32_t>(command.shift)},
          int8_bounds(command), values_);
      break;
    case ACT_OPCODE_ARG_MAX: {
      const auto index = static_cast<std::uint32_t>(arg_max(values_));
      result_.resize(sizeof(index));
      std::memcpy(result_.data(), &index, sizeof(index));
      return;
    }
    case ACT_OPCODE_SOFTMAX: {
      std::array<std::uint16_t, 256> table;
      std::memcpy(table.data(), &sram[command.table], sizeof(table));
      softmax(values_, table, values_);
      break;
    }
    default:
      break;
  }
  result_.resize(values_.size() * element_bytes(out_type(command)));
  narrow(values_, out_type(command), result_);
}

void Datapath::affine(const act_command_t& command, std::span<const std::uint8_t> sram) {
  std::vector<Affine> channels{
      {static_cast<std::int32_t>(command.bias), scale(command.multiplier, command.shift)}};
  if (has(command, kPerChannel)) {
    channels.resize(command.channels);
    for (std::size_t i = 0; i < channels.size(); ++i) {
      const TableEntry entry = table_entry(sram.subspan(command.table), i);
      channels[i] = {static_cast<std::int32_t>(entry.bias), scale(entry.multiplier, entry.shift)};
    }
  }
  activation::affine(values_, channels, bounds(command), values_);
}

void Datapath::pool(const act_command_t& command, std::span<const std::uint8_t> sram) {
  const Pool pool = geometry(command);
  result_.resize(out_elements(pool));
  // int8 may be viewed through bytes and the other way round.
  const std::span<const std::int8_t> in(reinterpret_cast<const std::int8_t*>(&sram[command.in]),
                                        in_elements(pool));
  const std::span<std::int8_t> out(reinterpret_cast<std::int8_t*>(result_.data()), result_.size());
  if (ACT_COMMAND_OP_OPCODE_GET(command.op) == ACT_OPCODE_MAX_POOL) {
    max_pool(pool, in, out);
  } else {
    average_pool(pool, has(command, kCountPad), scale(command.multiplier, command.shift),
                 int8_bounds(command), in, out);
  }
}

}  // namespace aimc::activation
