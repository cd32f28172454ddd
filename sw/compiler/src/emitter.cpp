// SPDX-License-Identifier: Apache-2.0
#include "emitter.h"

#include <algorithm>

#include "aimc/common/engine_regs.h"
#include "aimc/common/error.h"

namespace aimc::compiler {

namespace {

constexpr std::uint32_t kTileId = 0x544d4943;        // "CIMT"
constexpr std::uint32_t kActivationId = 0x45544341;  // "ACTE"

}  // namespace

Emitter::Emitter(const QuantisedNetwork& network, const Chip& chip, const Mapping& mapping)
    : network_(network), chip_(chip), mapping_(mapping), builder_(chip.image_base) {
  for (const Engine& engine : chip.engines) memories_.emplace_back(engine.sram_bytes);
  needs_.resize(network.tensors.size());
  parts_.resize(network.tensors.size());
  replicas_.resize(network.tensors.size());
  costs_.resize(network.layers.size());
  layer_seconds_.resize(network.layers.size());
  engine_seconds_.resize(chip.engines.size());
}

Emission Emitter::run() {
  add_network();
  add_needs();
  emit_input();
  for (std::size_t l = 1; l < network_.layers.size(); ++l) {
    if (network_.layers[l].fields.type == AIMC_LAYER_CONV)
      emit_conv(l);
    else
      emit_activation(l);
  }
  emit_result();
  finish_buffers();
  emit_setup();
  for (std::size_t e = 0; e < memories_.size(); ++e)
    memories_[e].check(network_.file, chip_.engines[e].name);
  for (std::size_t l = 0; l < costs_.size(); ++l)
    for (const auto& [engine, seconds] : layer_seconds_[l])
      costs_[l].seconds = std::max(costs_[l].seconds, seconds);
  Emission emission;
  emission.image = builder_.finish();
  if (emission.image.size() > chip_.image_limit)
    user_error(Location{network_.file}, "the image has {} bytes; the RAM of '{}' has room for {}",
               emission.image.size(), chip_.name, chip_.image_limit);
  emission.layers = std::move(costs_);
  emission.memories = std::move(memories_);
  emission.engine_seconds = std::move(engine_seconds_);
  emission.program_seconds = program_seconds_;
  emission.masks = std::move(masks_);
  return emission;
}

void Emitter::add_network() {
  builder_.set_names(network_.name, chip_.name);
  for (const QuantisedTensor& tensor : network_.tensors)
    builder_.add_tensor(tensor.shape.height, tensor.shape.width, tensor.shape.channels,
                        static_cast<float>(tensor.step), tensor.name);
  for (const QuantisedLayer& layer : network_.layers) {
    aimc_network_layer_t fields = layer.fields;
    fields.name = builder_.add_string(layer.name);
    const auto* const weights = reinterpret_cast<const std::uint8_t*>(layer.weights.data());
    fields.weights = builder_.add_data({weights, layer.weights.size()}, 8);
    fields.affine = builder_.add_data({reinterpret_cast<const std::uint8_t*>(layer.affine.data()),
                                       layer.affine.size() * sizeof(cim_affine_t)});
    fields.table = builder_.add_data(layer.table);
    weights_.push_back(fields.weights);
    builder_.add_layer(fields);
  }
  builder_.set_input(static_cast<std::uint32_t>(network_.input),
                     network_.tensors[network_.input].shape.size());
  builder_.set_output(static_cast<std::uint32_t>(network_.output));
}

void Emitter::need(std::size_t tensor, std::size_t engine, Range range) {
  // Whole pixels, so that a copy from several column blocks stays one rectangle.
  const std::uint32_t channels = network_.tensors[tensor].shape.channels;
  if (network_.tensors[tensor].shape.pixels() > 1) {
    range.begin = range.begin / channels * channels;
    range.end = (range.end + channels - 1) / channels * channels;
  }
  const auto [entry, fresh] = needs_[tensor].emplace(engine, range);
  if (fresh) return;
  entry->second.begin = std::min(entry->second.begin, range.begin);
  entry->second.end = std::max(entry->second.end, range.end);
}

void Emitter::add_needs() {
  for (std::size_t l = 1; l < network_.layers.size(); ++l) {
    const aimc_network_layer_t& fields = network_.layers[l].fields;
    const Range whole = {0, network_.tensors[fields.input].shape.size()};
    for (const std::size_t b : mapping_.blocks_of_layer[l]) {
      const Block& block = mapping_.blocks[b];
      const bool dense = is_dense(network_, network_.layers[l]);
      need(fields.input, block.engine,
           dense ? Range{block.first_row, block.first_row + block.rows} : whole);
    }
    if (fields.type == AIMC_LAYER_CONV) continue;
    need(fields.input, mapping_.engine_of_layer[l], whole);
    if (fields.type == AIMC_LAYER_ADD) need(fields.input2, mapping_.engine_of_layer[l], whole);
  }
  need(network_.output, mapping_.class_engine, {0, network_.tensors[network_.output].shape.size()});
}

void Emitter::finish_buffers() {
  for (const Buffer& buffer : buffers_) {
    for (const Task writer : buffer.writers) {
      for (const Task reader : buffer.readers) {
        connect(writer, reader);
        connect(reader, writer);
      }
    }
  }
}

std::size_t Emitter::add_buffer(std::size_t engine, std::uint64_t bytes, const std::string& what) {
  Buffer buffer;
  buffer.engine = engine;
  buffer.address = memories_[engine].add_buffer(bytes, what);
  buffers_.push_back(buffer);
  return buffers_.size() - 1;
}

std::uint32_t Emitter::bus(std::size_t engine, std::uint32_t address) const {
  return chip_.engines[engine].base + ENGINE_SRAM_OFFSET + address;
}

std::uint32_t Emitter::engine_index(std::size_t engine) {
  const auto found = engine_indices_.find(engine);
  if (found != engine_indices_.end()) return found->second;
  const Engine& e = chip_.engines[engine];
  const std::uint32_t index =
      builder_.add_engine(e.tile ? kTileId : kActivationId, e.base, e.irq, e.name);
  engine_indices_[engine] = index;
  return index;
}

std::uint32_t Emitter::add_chain(const std::vector<dma_descriptor_t>& chain) {
  std::uint32_t next = 0;
  for (auto descriptor = chain.rbegin(); descriptor != chain.rend(); ++descriptor) {
    dma_descriptor_t words = *descriptor;
    words.next = next;
    next = builder_.bus_address(builder_.add_data(bytes_of(words)));
  }
  return next;
}

Emitter::Task Emitter::dma_task(const std::vector<dma_descriptor_t>& chain,
                                const std::string& name) {
  return builder_.add_task(network::Graph::frame, AIMC_TASK_DMA, AIMC_NETWORK_NONE,
                           add_chain(chain), name);
}

void Emitter::chain(const std::vector<Task>& tasks) {
  for (std::size_t i = 1; i < tasks.size(); ++i) connect(tasks[i - 1], tasks[i]);
  if (tasks.size() > 1) connect(tasks.back(), tasks.front());
}

void Emitter::spend(std::size_t layer, std::size_t engine, double seconds) {
  const Engine& e = chip_.engines[engine];
  const EngineConfig& common = e.tile ? e.cim.engine : e.activation.engine;
  const double total = seconds + common.dispatch_cycles / common.clock_hz;
  layer_seconds_[layer][engine] += total;
  engine_seconds_[engine] += total;
}

void Emitter::count_copy(std::size_t layer, const dma_descriptor_t& descriptor, std::size_t from,
                         std::size_t to) {
  std::uint64_t hops = 0;
  for (const std::size_t end : {from, to})
    if (end != kNowhere) hops += chip_.engines[end].hops;
  costs_[layer].dma_bytes += moved_bytes(descriptor);
  costs_[layer].hop_bytes += moved_bytes(descriptor) * hops;
}

}  // namespace aimc::compiler
