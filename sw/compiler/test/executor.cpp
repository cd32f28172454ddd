// SPDX-License-Identifier: Apache-2.0
#include "executor.h"

#include <cstring>
#include <stdexcept>

#include "aimc/common/engine_regs.h"
#include "aimc/common/fixed_point.h"
#include "aimc/results/results_regs.h"

namespace aimc::compiler {

namespace {

template <class T>
T load(const std::uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

}  // namespace

ChipExecutor::ChipExecutor(const network::Image& image, const Chip& chip, std::uint64_t seed)
    : image_(image),
      ram_(image.bytes()),
      sensor_(image.header().input_bytes),
      results_(RESULTS_WINDOW_OFFSET + RESULTS_WINDOW_BYTES),
      ram_base_(image.header().load_address),
      sensor_base_(chip.sensor_window),
      results_base_(chip.results_base),
      random_(seed) {
  for (const aimc_network_engine_t& entry : image.engines()) {
    for (const Engine& engine : chip.engines) {
      if (engine.base != entry.base) continue;
      EngineState state;
      state.engine = &engine;
      state.sram.resize(engine.sram_bytes);
      if (engine.tile)
        state.cells.assign(std::size_t{engine.cim.rows} * engine.cim.columns, kErased);
      engines_.push_back(std::move(state));
    }
  }
  if (engines_.size() != image.engines().size()) fail("an engine of the image is not on the chip");
}

void ChipExecutor::insert(const cim::RomImage& masks) {
  for (const cim::RomSection& section : masks.sections()) {
    for (EngineState& state : engines_) {
      if (state.engine->name != section.name) continue;
      for (const cim::RomBlock& entry : section.blocks)
        for (std::size_t i = 0; i < entry.weights.size(); ++i)
          state
              .cells[(entry.block.first_row + i / entry.block.columns) * state.engine->cim.columns +
                     entry.block.first_column + i % entry.block.columns] = entry.weights[i];
    }
  }
}

void ChipExecutor::setup() {
  const auto tasks = image_.tasks(network::Graph::setup);
  std::vector<std::uint32_t> missing;
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    missing.push_back(tasks[i].missing);
    if (tasks[i].missing == 0) ready.push_back(i);
  }
  std::size_t done = 0;
  for (; !ready.empty(); ++done) {
    const std::size_t pick = random_() % ready.size();
    const std::size_t task = ready[pick];
    ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(pick));
    execute(tasks[task]);
    for (const std::uint32_t to : image_.edges(tasks[task]))
      if (--missing[to] == 0) ready.push_back(to);
  }
  if (done != tasks.size()) fail("the setup graph got stuck");
}

std::vector<Committed> ChipExecutor::stream(const std::vector<std::vector<std::uint8_t>>& records) {
  const auto tasks = image_.tasks(network::Graph::frame);
  std::vector<std::uint32_t> missing;
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    missing.push_back(tasks[i].missing);
    if (tasks[i].missing == 0) ready.push_back(i);
  }
  std::vector<Committed> committed;
  std::size_t begun = 0;
  while (committed.size() < records.size()) {
    if (ready.empty()) fail("the frame graph got stuck");
    const std::size_t pick = random_() % ready.size();
    const std::size_t task = ready[pick];
    ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(pick));
    if (tasks[task].type == AIMC_TASK_BEGIN) {
      if (begun == records.size()) continue;  // the stream has ended
      sensor_ = records[begun++];
      most_in_flight_ = std::max(most_in_flight_, begun - committed.size());
    } else if (tasks[task].type == AIMC_TASK_RELEASE) {
      std::fill(sensor_.begin(), sensor_.end(), std::uint8_t{0xee});
    } else if (tasks[task].type == AIMC_TASK_RESULT) {
      Committed result;
      const std::uint32_t bytes = load<std::uint32_t>(&results_[RESULTS_BYTES_OFFSET]);
      const auto* const window =
          reinterpret_cast<const std::int8_t*>(&results_[RESULTS_WINDOW_OFFSET]);
      result.logits.assign(window, window + bytes);
      result.predicted = load<std::uint32_t>(&results_[RESULTS_CLASS_OFFSET]);
      committed.push_back(std::move(result));
    } else {
      execute(tasks[task]);
    }
    missing[task] += tasks[task].inputs;
    if (missing[task] == 0) fail("a task without inputs");
    for (const std::uint32_t to : image_.edges(tasks[task]))
      if (--missing[to] == 0) ready.push_back(to);
  }
  return committed;
}

std::uint8_t* ChipExecutor::at(std::uint64_t address, std::uint64_t bytes) {
  const auto in = [&](std::uint64_t base, std::uint64_t size) {
    return address >= base && address - base + bytes <= size;
  };
  if (in(ram_base_, ram_.size())) return &ram_[address - ram_base_];
  if (in(sensor_base_, sensor_.size())) return &sensor_[address - sensor_base_];
  if (in(results_base_, results_.size())) return &results_[address - results_base_];
  for (EngineState& state : engines_) {
    const std::uint64_t base = state.engine->base + ENGINE_SRAM_OFFSET;
    if (in(base, state.sram.size())) return &state.sram[address - base];
  }
  fail(fmt::format("bus error at {:#x}", address));
}

void ChipExecutor::execute(const aimc_network_task_t& task) {
  if (task.type == AIMC_TASK_DMA) return run_dma(task.argument);
  EngineState& state = engines_.at(task.engine);
  if (state.engine->tile)
    run_tile(state, task.argument);
  else
    run_activation(state, task.argument);
}

void ChipExecutor::run_dma(std::uint32_t address) {
  while (address != 0) {
    const auto d = load<dma_descriptor_t>(at(address, DMA_DESCRIPTOR_BYTES));
    for (std::uint32_t i2 = 0; i2 < d.count2; ++i2) {
      for (std::uint32_t i1 = 0; i1 < d.count1; ++i1) {
        const std::uint32_t source = d.source + i1 * d.source_stride1 + i2 * d.source_stride2;
        const std::uint32_t target =
            d.destination + i1 * d.destination_stride1 + i2 * d.destination_stride2;
        std::memmove(at(target, d.bytes), at(source, d.bytes), d.bytes);
      }
    }
    address = d.next;
  }
}

const std::uint8_t* ChipExecutor::sram_at(const EngineState& state, std::uint64_t address,
                                          std::uint64_t bytes) {
  if (address + bytes > state.sram.size())
    fail(fmt::format("{}: SRAM range {:#x} + {}", state.engine->name, address, bytes));
  return state.sram.data() + address;
}

void ChipExecutor::run_activation(EngineState& state, std::uint32_t address) {
  const auto command = load<act_command_t>(sram_at(state, address, sizeof(act_command_t)));
  const activation::Fault fault = activation::check(command, state.sram);
  if (fault.error != ENGINE_ERROR_NONE)
    fail(fmt::format("{}: error {} at {:#x}", state.engine->name, fault.error, fault.address));
  const auto out = datapath_.run(command, state.sram);
  sram_at(state, command.out, out.size());
  std::copy(out.begin(), out.end(), state.sram.begin() + command.out);
}

void ChipExecutor::run_tile(EngineState& state, std::uint32_t address) {
  const auto command = load<cim_command_t>(sram_at(state, address, sizeof(cim_command_t)));
  const std::uint32_t opcode = CIM_COMMAND_OP_OPCODE_GET(command.op);
  if (opcode != CIM_OPCODE_DIGITAL &&
      (CIM_COMMAND_ROWS_FIRST_GET(command.rows) + CIM_COMMAND_ROWS_COUNT_GET(command.rows) >
           state.engine->cim.rows ||
       CIM_COMMAND_COLUMNS_FIRST_GET(command.columns) +
               CIM_COMMAND_COLUMNS_COUNT_GET(command.columns) >
           state.engine->cim.columns))
    fail(state.engine->name + ": block outside the array");
  if (opcode == CIM_OPCODE_PROGRAM)
    program(state, command);
  else
    multiply(state, command);
}

void ChipExecutor::program(EngineState& state, const cim_command_t& command) {
  if (!writable(*state.engine)) fail(state.engine->name + ": the array cannot be programmed");
  const std::uint32_t columns = CIM_COMMAND_COLUMNS_COUNT_GET(command.columns);
  const int full_scale = static_cast<int>(CIM_COMMAND_WEIGHTS_FULL_SCALE_GET(command.weights));
  for (std::uint32_t r = 0; r < CIM_COMMAND_ROWS_COUNT_GET(command.rows); ++r) {
    const std::uint8_t* const row =
        sram_at(state, command.in + std::uint64_t{r} * command.in_stride, columns);
    for (std::uint32_t c = 0; c < columns; ++c) {
      const std::size_t cell =
          std::size_t{CIM_COMMAND_ROWS_FIRST_GET(command.rows) + r} * state.engine->cim.columns +
          CIM_COMMAND_COLUMNS_FIRST_GET(command.columns) + c;
      if (state.cells[cell] != kErased) fail(state.engine->name + ": a cell is programmed twice");
      state.cells[cell] = static_cast<std::int8_t>(row[c]);
      if (std::abs(int{state.cells[cell]}) > full_scale) fail("a weight beyond full scale");
    }
  }
}

std::int32_t ChipExecutor::product(const EngineState& state, const cim_command_t& command,
                                   std::uint32_t vector, std::uint32_t column) const {
  const bool conv = CIM_COMMAND_OP_OPCODE_GET(command.op) == CIM_OPCODE_CONV;
  const std::uint32_t rows = CIM_COMMAND_ROWS_COUNT_GET(command.rows);
  const int channels = static_cast<int>(CIM_COMMAND_KERNEL_CHANNELS_GET(command.kernel));
  const int kernel_width = static_cast<int>(CIM_COMMAND_KERNEL_WIDTH_GET(command.kernel));
  const int height = static_cast<int>(CIM_COMMAND_MAP_HEIGHT_GET(command.map));
  const int width = static_cast<int>(CIM_COMMAND_MAP_WIDTH_GET(command.map));
  std::int32_t sum = 0;
  for (std::uint32_t r = 0; r < rows; ++r) {
    std::uint64_t address = command.in + std::uint64_t{vector} * command.in_stride + r;
    if (conv) {
      const int element = static_cast<int>(CIM_COMMAND_PATCH_FIRST_GET(command.patch) + r);
      const int out_width = static_cast<int>(CIM_COMMAND_OUT_MAP_WIDTH_GET(command.out_map));
      const int tap = element / channels;
      const int y =
          static_cast<int>(vector) / out_width *
              static_cast<int>(CIM_COMMAND_STEP_STRIDE_Y_GET(command.step)) +
          tap / kernel_width * static_cast<int>(CIM_COMMAND_PATCH_DILATION_Y_GET(command.patch)) -
          static_cast<int>(CIM_COMMAND_STEP_PAD_TOP_GET(command.step));
      const int x =
          static_cast<int>(vector) % out_width *
              static_cast<int>(CIM_COMMAND_STEP_STRIDE_X_GET(command.step)) +
          tap % kernel_width * static_cast<int>(CIM_COMMAND_PATCH_DILATION_X_GET(command.patch)) -
          static_cast<int>(CIM_COMMAND_STEP_PAD_LEFT_GET(command.step));
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      address =
          command.in + static_cast<std::uint64_t>((y * width + x) * channels + element % channels);
    }
    const std::int16_t cell =
        state.cells[std::size_t{CIM_COMMAND_ROWS_FIRST_GET(command.rows) + r} *
                        state.engine->cim.columns +
                    column];
    if (cell == kErased) fail(state.engine->name + ": a cell that holds no weight is read");
    sum += cell * static_cast<std::int8_t>(*sram_at(state, address, 1));
  }
  return sum;
}

void ChipExecutor::multiply(EngineState& state, const cim_command_t& command) {
  const std::uint32_t opcode = CIM_COMMAND_OP_OPCODE_GET(command.op);
  const std::uint32_t columns = CIM_COMMAND_COLUMNS_COUNT_GET(command.columns);
  const bool raw = CIM_COMMAND_OP_RAW_GET(command.op) != 0;
  const std::uint32_t count = opcode == CIM_OPCODE_CONV
                                  ? CIM_COMMAND_OUT_MAP_HEIGHT_GET(command.out_map) *
                                        CIM_COMMAND_OUT_MAP_WIDTH_GET(command.out_map)
                                  : command.count;
  for (std::uint32_t n = 0; n < count; ++n) {
    for (std::uint32_t c = 0; c < columns; ++c) {
      std::int32_t value =
          opcode == CIM_OPCODE_DIGITAL
              ? load<std::int32_t>(
                    sram_at(state, command.in + std::uint64_t{n} * command.in_stride + c * 4, 4))
              : product(state, command, n, CIM_COMMAND_COLUMNS_FIRST_GET(command.columns) + c);
      if (CIM_COMMAND_OP_PSUM_GET(command.op) != 0)
        value = add_saturating(
            value, load<std::int32_t>(sram_at(
                       state, command.psum + std::uint64_t{n} * command.psum_stride + c * 4, 4)));
      const std::uint64_t out =
          command.out + std::uint64_t{n} * command.out_stride + c * (raw ? 4 : 1);
      sram_at(state, out, raw ? 4 : 1);
      if (raw) {
        std::memcpy(&state.sram[out], &value, 4);
        continue;
      }
      const auto affine = load<cim_affine_t>(
          sram_at(state, command.affine + c * CIM_AFFINE_BYTES, CIM_AFFINE_BYTES));
      value = add_saturating(value, static_cast<std::int32_t>(affine.bias));
      const Rescale scale{static_cast<std::int32_t>(affine.multiplier),
                          static_cast<std::int32_t>(affine.shift)};
      state.sram[out] = static_cast<std::uint8_t>(requantise(
          value, scale, static_cast<std::int8_t>(CIM_COMMAND_CLAMP_LOW_GET(command.clamp)),
          static_cast<std::int8_t>(CIM_COMMAND_CLAMP_HIGH_GET(command.clamp))));
    }
  }
}

}  // namespace aimc::compiler
