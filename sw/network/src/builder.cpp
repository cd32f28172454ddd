// SPDX-License-Identifier: Apache-2.0
#include "aimc/network/builder.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace aimc::network {

namespace {

constexpr std::uint32_t kDataOffset = (sizeof(aimc_network_header_t) + 7) / 8 * 8;

void pad(std::vector<std::uint8_t>& bytes, std::size_t alignment) {
  bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
}

template <class T>
aimc_network_section_t append(std::vector<std::uint8_t>& bytes, const std::vector<T>& items) {
  pad(bytes, 8);
  const aimc_network_section_t section = {static_cast<std::uint32_t>(bytes.size()),
                                          static_cast<std::uint32_t>(items.size())};
  bytes.resize(bytes.size() + items.size() * sizeof(T));
  if (!items.empty())
    std::memcpy(bytes.data() + section.offset, items.data(), items.size() * sizeof(T));
  return section;
}

}  // namespace

std::uint32_t ImageBuilder::add_string(std::string_view text) {
  const auto found = string_offsets_.find(text);
  if (found != string_offsets_.end()) return found->second;
  const auto offset = static_cast<std::uint32_t>(strings_.size());
  strings_.insert(strings_.end(), text.begin(), text.end());
  strings_.push_back(0);
  string_offsets_.emplace(text, offset);
  return offset;
}

std::uint32_t ImageBuilder::add_data(std::span<const std::uint8_t> bytes, std::uint32_t alignment) {
  pad(data_, alignment);
  const auto offset = static_cast<std::uint32_t>(data_.size());
  data_.insert(data_.end(), bytes.begin(), bytes.end());
  return offset;
}

std::uint32_t ImageBuilder::add_words(std::span<const std::uint32_t> words) {
  std::vector<std::uint8_t> bytes(words.size() * 4);
  if (!words.empty()) std::memcpy(bytes.data(), words.data(), bytes.size());
  return add_data(bytes, 4);
}

std::uint32_t ImageBuilder::bus_address(std::uint32_t data_offset) const {
  return load_address_ + kDataOffset + data_offset;
}

std::uint32_t ImageBuilder::add_engine(std::uint32_t id, std::uint32_t base, std::uint32_t irq,
                                       std::string_view name) {
  engines_.push_back({id, base, irq, add_string(name)});
  return static_cast<std::uint32_t>(engines_.size() - 1);
}

std::uint32_t ImageBuilder::add_tensor(std::uint32_t height, std::uint32_t width,
                                       std::uint32_t channels, float scale, std::string_view name) {
  tensors_.push_back({height, width, channels, scale, add_string(name)});
  return static_cast<std::uint32_t>(tensors_.size() - 1);
}

std::uint32_t ImageBuilder::add_layer(const aimc_network_layer_t& layer) {
  layers_.push_back(layer);
  return static_cast<std::uint32_t>(layers_.size() - 1);
}

std::uint32_t ImageBuilder::add_task(Graph graph, std::uint32_t type, std::uint32_t engine,
                                     std::uint32_t argument, std::string_view name) {
  auto& tasks = tasks_[index(graph)];
  tasks.push_back({type, engine, argument, 0, 0, 0, 0, add_string(name)});
  targets_[index(graph)].emplace_back();
  return static_cast<std::uint32_t>(tasks.size() - 1);
}

void ImageBuilder::connect(Graph graph, std::uint32_t from, std::uint32_t to) {
  auto& targets = targets_[index(graph)].at(from);
  assert(to < tasks_[index(graph)].size());
  assert(graph == Graph::frame || to > from);
  if (std::find(targets.begin(), targets.end(), to) == targets.end()) targets.push_back(to);
}

void ImageBuilder::set_names(std::string_view network, std::string_view platform) {
  name_ = add_string(network);
  platform_ = add_string(platform);
}

void ImageBuilder::set_input(std::uint32_t tensor, std::uint32_t record_bytes) {
  input_tensor_ = tensor;
  input_bytes_ = record_bytes;
}

void ImageBuilder::set_output(std::uint32_t tensor) { output_tensor_ = tensor; }

std::vector<std::uint8_t> ImageBuilder::finish() const {
  aimc_network_header_t header = {};
  header.magic = AIMC_NETWORK_MAGIC;
  header.version = AIMC_NETWORK_VERSION;
  header.header_bytes = sizeof(header);
  header.load_address = load_address_;
  header.input_bytes = input_bytes_;
  header.input_tensor = input_tensor_;
  header.output_tensor = output_tensor_;
  header.name = name_;
  header.platform = platform_;
  if (output_tensor_ < tensors_.size()) header.logits = size(tensors_[output_tensor_]);

  std::vector<aimc_network_task_t> tasks[2] = {tasks_[0], tasks_[1]};
  std::vector<std::uint32_t> edges;
  for (int graph = 0; graph < 2; ++graph) {
    for (std::uint32_t from = 0; from < tasks[graph].size(); ++from) {
      tasks[graph][from].first_edge = static_cast<std::uint32_t>(edges.size());
      tasks[graph][from].edges = static_cast<std::uint32_t>(targets_[graph][from].size());
      for (const std::uint32_t to : targets_[graph][from]) {
        edges.push_back(to);
        ++tasks[graph][to].inputs;
        if (to > from) ++tasks[graph][to].missing;
      }
    }
  }

  std::vector<std::uint8_t> bytes(sizeof(header));
  header.section[AIMC_SECTION_DATA] = append(bytes, data_);
  header.section[AIMC_SECTION_ENGINES] = append(bytes, engines_);
  header.section[AIMC_SECTION_SETUP] = append(bytes, tasks[0]);
  header.section[AIMC_SECTION_FRAME] = append(bytes, tasks[1]);
  header.section[AIMC_SECTION_EDGES] = append(bytes, edges);
  header.section[AIMC_SECTION_LAYERS] = append(bytes, layers_);
  header.section[AIMC_SECTION_TENSORS] = append(bytes, tensors_);
  header.section[AIMC_SECTION_STRINGS] = append(bytes, strings_);
  pad(bytes, 8);
  header.total_bytes = static_cast<std::uint32_t>(bytes.size());
  std::memcpy(bytes.data(), &header, sizeof(header));
  header.crc32 = image_crc(bytes);
  std::memcpy(bytes.data(), &header, sizeof(header));
  return bytes;
}

}  // namespace aimc::network
