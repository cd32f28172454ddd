// SPDX-License-Identifier: Apache-2.0
// The frame graph: buffers, commands and copies of each layer.
#include <algorithm>

#include "aimc/activation/command.h"
#include "aimc/common/error.h"
#include "aimc/results/results_regs.h"
#include "emitter.h"

namespace aimc::compiler {

using network::Graph;

Emitter::Operand Emitter::operand(std::size_t tensor, std::size_t engine) const {
  const auto replica = replicas_[tensor].find(engine);
  if (replica != replicas_[tensor].end()) return {replica->second.buffer, replica->second.begin};
  return {parts_[tensor][0].buffer, 0};
}

void Emitter::emit_input() {
  const QuantisedLayer& layer = network_.layers[0];
  const Shape& shape = network_.tensors[network_.input].shape;
  const std::size_t engine = mapping_.engine_of_layer[0];
  if (shape.size() > chip_.sensor_window_bytes)
    user_error(Location{network_.file}, "records of {} bytes; the sensor's window has {}",
               shape.size(), chip_.sensor_window_bytes);
  const std::size_t raw = add_buffer(engine, shape.size(), "record");
  const std::size_t out = add_buffer(engine, shape.size(), network_.tensors[network_.input].name);

  const Task begin =
      builder_.add_task(Graph::frame, AIMC_TASK_BEGIN, AIMC_NETWORK_NONE, 0, "begin");
  dma_descriptor_t load = copy(chip_.sensor_window, bus(buffers_[raw]), shape.size());
  const bool planar = (layer.fields.flags & AIMC_LAYER_FLAG_PLANAR) != 0;
  if (planar && shape.channels > 1) {  // gather: one byte of each plane after the other
    load.bytes = 1;
    load.count1 = shape.pixels();
    load.count2 = shape.channels;
    load.source_stride1 = 1;
    load.source_stride2 = shape.pixels();
    load.destination_stride1 = shape.channels;
    load.destination_stride2 = 1;
  }
  const Task copy_in = dma_task({load}, "record -> " + chip_.engines[engine].name);
  count_copy(0, load, kNowhere, engine);
  const Task release =
      builder_.add_task(Graph::frame, AIMC_TASK_RELEASE, AIMC_NETWORK_NONE, 0, "release");
  chain({begin, copy_in, release});
  write(raw, copy_in);

  std::uint32_t table = 0;
  if (!uniform_input(layer))
    table = memories_[engine].add_table({reinterpret_cast<const std::uint8_t*>(layer.affine.data()),
                                         layer.affine.size() * sizeof(cim_affine_t)});
  const act_command_t command =
      activation_command(network_, layer, buffers_[raw].address, 0, buffers_[out].address, table);
  const Task convert = engine_task(engine, command, layer.name);
  const activation::Config& config = chip_.engines[engine].activation;
  spend(0, engine,
        static_cast<double>(activation::work(command, config).cycles) / config.engine.clock_hz);
  read(raw, convert);
  write(out, convert);
  parts_[network_.input] = {{out, 0, shape.channels}};
  deliver(network_.input, 0);
}

void Emitter::emit_activation(std::size_t l) {
  const QuantisedLayer& layer = network_.layers[l];
  const std::size_t engine = mapping_.engine_of_layer[l];
  const QuantisedTensor& result = network_.tensors[layer.fields.output];
  const Operand in = operand(layer.fields.input, engine);
  const bool adds = layer.fields.type == AIMC_LAYER_ADD;
  const Operand in2 = adds ? operand(layer.fields.input2, engine) : in;
  const std::size_t out = add_buffer(engine, result.shape.size(), result.name);
  std::uint32_t table = 0;
  if (!layer.table.empty()) table = memories_[engine].add_table(layer.table);
  const act_command_t command =
      activation_command(network_, layer, buffers_[in.buffer].address,
                         adds ? buffers_[in2.buffer].address : 0, buffers_[out].address, table);
  const Task task = engine_task(engine, command, layer.name);
  const activation::Config& config = chip_.engines[engine].activation;
  spend(l, engine,
        static_cast<double>(activation::work(command, config).cycles) / config.engine.clock_hz);
  read(in.buffer, task);
  if (adds) read(in2.buffer, task);
  write(out, task);
  parts_[layer.fields.output] = {{out, 0, result.shape.channels}};
  deliver(layer.fields.output, l);
}

std::uint32_t Emitter::affine_table(std::size_t engine, const Block& block) {
  const QuantisedLayer& layer = network_.layers[block.layer];
  return memories_[engine].add_table(
      {reinterpret_cast<const std::uint8_t*>(&layer.affine[block.first_column]),
       block.columns * sizeof(cim_affine_t)});
}

Emitter::Task Emitter::product(const Block& block, const TileOperands& operands) {
  const QuantisedLayer& layer = network_.layers[block.layer];
  TileOperands all = operands;
  const Operand in = operand(layer.fields.input, block.engine);
  all.in = buffers_[in.buffer].address;
  if (is_dense(network_, layer)) all.in += block.first_row - in.begin;
  const Task task =
      engine_task(block.engine, product_command(network_, block, all),
                  fmt::format("{} r{} c{}", layer.name, block.row_block, block.column_block));
  read(in.buffer, task);
  spend(block.layer, block.engine,
        cim::mvm_seconds(chip_.engines[block.engine].cim, block.rows, block.columns,
                         network_.tensors[layer.fields.output].shape.pixels()));
  return task;
}

void Emitter::emit_conv(std::size_t l) {
  std::map<std::uint32_t, std::vector<std::size_t>> columns;
  for (const std::size_t b : mapping_.blocks_of_layer[l])
    columns[mapping_.blocks[b].column_block].push_back(b);
  for (const auto& [column, blocks] : columns) emit_columns(l, blocks);
  deliver(network_.layers[l].fields.output, l);
}

/// The row blocks of one column block: products on their tiles at the same time, then the sum.
void Emitter::emit_columns(std::size_t l, const std::vector<std::size_t>& blocks) {
  const QuantisedLayer& layer = network_.layers[l];
  const std::uint32_t pixels = network_.tensors[layer.fields.output].shape.pixels();
  std::vector<std::pair<std::size_t, std::vector<std::size_t>>> tiles;  // engine, its blocks
  for (const std::size_t b : blocks) {
    const auto same = std::find_if(tiles.begin(), tiles.end(), [&](const auto& tile) {
      return tile.first == mapping_.blocks[b].engine;
    });
    if (same != tiles.end())
      same->second.push_back(b);
    else
      tiles.push_back({mapping_.blocks[b].engine, {b}});
  }
  const Block& first = mapping_.blocks[blocks[0]];
  const std::size_t home = tiles[0].first;  // takes the partial sums of the others
  const std::size_t out = add_buffer(home, std::uint64_t{pixels} * first.columns,
                                     network_.tensors[layer.fields.output].name);
  const std::uint64_t sum_bytes = std::uint64_t{pixels} * first.columns * 4;
  std::size_t own = kNowhere;
  std::vector<Task> own_tasks;
  std::vector<std::pair<std::size_t, Task>> partials;  // buffer on `home`, the copy that fills it
  for (const auto& [engine, members] : tiles) {
    const bool whole = tiles.size() == 1;  // the last product here can apply the affine
    std::size_t sums = kNowhere;
    if (!whole || members.size() > 1) sums = add_buffer(engine, sum_bytes, layer.name + " sums");
    std::vector<Task> tasks;
    for (std::size_t i = 0; i < members.size(); ++i) {
      TileOperands operands;
      operands.raw = !whole || i + 1 < members.size();
      operands.add_psum = i > 0;
      if (sums != kNowhere) operands.psum = buffers_[sums].address;
      operands.out = operands.raw ? buffers_[sums].address : buffers_[out].address;
      if (!operands.raw) operands.affine = affine_table(engine, first);
      tasks.push_back(product(mapping_.blocks[members[i]], operands));
    }
    if (whole) {
      write(out, tasks.back());
      chain(tasks);
    } else if (engine == home) {
      own = sums;
      own_tasks = tasks;
    } else {
      const std::size_t arrived = add_buffer(home, sum_bytes, layer.name + " partial sums");
      const dma_descriptor_t move =
          copy(bus(buffers_[sums]), bus(buffers_[arrived]), static_cast<std::uint32_t>(sum_bytes));
      tasks.push_back(
          dma_task({move}, fmt::format("{} sums {} -> {}", layer.name, chip_.engines[engine].name,
                                       chip_.engines[home].name)));
      count_copy(l, move, engine, home);
      write(arrived, tasks.back());
      partials.emplace_back(arrived, tasks.back());
      chain(tasks);
    }
  }
  if (!partials.empty()) reduce(l, first, home, own, own_tasks, partials, out);
  parts_[layer.fields.output].push_back({out, first.first_column, first.columns});
}

/// DIGITAL commands that add the partial sums one by one to the home tile's own, in place; the last
/// applies the affine.
void Emitter::reduce(std::size_t l, const Block& shape, std::size_t engine, std::size_t own,
                     const std::vector<Task>& own_tasks,
                     const std::vector<std::pair<std::size_t, Task>>& partials, std::size_t out) {
  std::vector<Task> tasks = own_tasks;
  const std::uint32_t affine = affine_table(engine, shape);
  for (std::size_t i = 0; i < partials.size(); ++i) {
    const bool last = i + 1 == partials.size();
    TileOperands operands;
    operands.in = buffers_[own].address;
    operands.psum = buffers_[partials[i].first].address;
    operands.add_psum = true;
    operands.raw = !last;
    operands.out = last ? buffers_[out].address : buffers_[own].address;
    operands.affine = affine;
    const Task task =
        engine_task(engine, reduce_command(network_, shape, operands),
                    fmt::format("{} sum {} c{}", network_.layers[l].name, i, shape.column_block));
    read(partials[i].first, task);
    tasks.push_back(task);
    spend(l, engine,
          cim::digital_command_seconds(
              chip_.engines[engine].cim, shape.columns,
              network_.tensors[network_.layers[l].fields.output].shape.pixels()));
  }
  write(out, tasks.back());
  chain(tasks);
}

dma_descriptor_t Emitter::part_copy(std::size_t tensor, const Part& part, const Replica& replica,
                                    Range range) const {
  const Shape& shape = network_.tensors[tensor].shape;
  const std::uint32_t from = bus(buffers_[part.buffer]), to = bus(buffers_[replica.buffer]);
  if (part.count == shape.channels) return copy(from + range.begin, to, range.end - range.begin);
  if (shape.pixels() == 1) {
    const std::uint32_t begin = std::max(part.first, range.begin);
    const std::uint32_t end = std::max(std::min(part.first + part.count, range.end), begin);
    return copy(from + begin - part.first, to + begin - range.begin, end - begin);
  }
  const std::uint32_t first_pixel = range.begin / shape.channels;
  const std::uint32_t last_pixel = range.end / shape.channels;
  return copy_runs(from + first_pixel * part.count, to + part.first, part.count,
                   last_pixel - first_pixel, part.count, shape.channels);
}

/// Copies a feature map from its home to every other engine that needs it: one task for each part,
/// with one descriptor for each engine.
void Emitter::deliver(std::size_t tensor, std::size_t layer) {
  const std::vector<Part>& parts = parts_[tensor];
  const std::string& name = network_.tensors[tensor].name;
  std::vector<std::pair<Replica, Range>> targets;
  for (const auto& [engine, range] : needs_[tensor]) {
    if (parts.size() == 1 && buffers_[parts[0].buffer].engine == engine) continue;
    const Replica replica = {add_buffer(engine, range.end - range.begin, name), range.begin};
    replicas_[tensor].emplace(engine, replica);
    targets.emplace_back(replica, range);
  }
  for (const Part& part : parts) {
    std::vector<dma_descriptor_t> moves;
    std::vector<std::size_t> filled;
    const std::size_t from = buffers_[part.buffer].engine;
    std::string where;
    for (const auto& [replica, range] : targets) {
      const dma_descriptor_t move = part_copy(tensor, part, replica, range);
      if (moved_bytes(move) == 0) continue;
      const std::size_t to = buffers_[replica.buffer].engine;
      count_copy(layer, move, from, to);
      moves.push_back(move);
      filled.push_back(replica.buffer);
      where += (where.empty() ? "" : ",") + chip_.engines[to].name;
    }
    if (moves.empty()) continue;
    const Task task =
        dma_task(moves, fmt::format("{} {} -> {}", name, chip_.engines[from].name, where));
    read(part.buffer, task);
    for (const std::size_t buffer : filled) write(buffer, task);
  }
}

void Emitter::emit_result() {
  const std::uint32_t logits = network_.tensors[network_.output].shape.size();
  const std::size_t engine = mapping_.class_engine;
  if (logits > RESULTS_WINDOW_BYTES)
    user_error(Location{network_.file}, "{} logits; the result port takes {}", logits,
               RESULTS_WINDOW_BYTES);
  const Operand in = operand(network_.output, engine);
  const std::size_t index = add_buffer(engine, 4, "class");
  const act_command_t command =
      arg_max_command(logits, buffers_[in.buffer].address, buffers_[index].address);
  const Task arg_max = engine_task(engine, command, "class");
  const activation::Config& config = chip_.engines[engine].activation;
  spend(network_.layers.size() - 1, engine,
        static_cast<double>(activation::work(command, config).cycles) / config.engine.clock_hz);
  read(in.buffer, arg_max);
  write(index, arg_max);
  const Task copy_out =
      dma_task({copy(bus(buffers_[in.buffer]), chip_.results_base + RESULTS_WINDOW_OFFSET, logits),
                copy(bus(buffers_[index]), chip_.results_base + RESULTS_CLASS_OFFSET, 4)},
               "result");
  read(in.buffer, copy_out);
  read(index, copy_out);
  const Task result =
      builder_.add_task(Graph::frame, AIMC_TASK_RESULT, AIMC_NETWORK_NONE, 0, "commit");
  chain({copy_out, result});
}

}  // namespace aimc::compiler
