// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>

#include "aimc/network/graph_check.h"

namespace aimc::network {

namespace {

constexpr const char* kLayerNames[] = {"INPUT", "CONV", "MAX_POOL", "AVERAGE_POOL",
                                       "ADD",   "LUT",  "LEAKY",    "SOFTMAX"};
constexpr const char* kTaskNames[] = {"DMA", "ENGINE", "BEGIN", "RELEASE", "RESULT"};

std::string tensor_text(const Image& image, std::uint32_t index) {
  const aimc_network_tensor_t& tensor = image.tensors()[index];
  return fmt::format("{} {}x{}x{}", image.string(tensor.name), tensor.height, tensor.width,
                     tensor.channels);
}

std::string layer_text(const Image& image, const aimc_network_layer_t& layer) {
  std::string text = fmt::format("{:<12} {}", kLayerNames[layer.type], image.string(layer.name));
  const auto out = std::back_inserter(text);
  if (layer.type != AIMC_LAYER_INPUT) fmt::format_to(out, ": {}", tensor_text(image, layer.input));
  if (layer.type == AIMC_LAYER_ADD) fmt::format_to(out, " + {}", tensor_text(image, layer.input2));
  fmt::format_to(out, " -> {} (scale {:.6g})", tensor_text(image, layer.output),
                 image.tensors()[layer.output].scale);
  if (layer.type == AIMC_LAYER_CONV || layer.type == AIMC_LAYER_MAX_POOL ||
      layer.type == AIMC_LAYER_AVERAGE_POOL)
    fmt::format_to(out, ", kernel {}x{}, stride {}x{}, pad {},{}", layer.kernel_height,
                   layer.kernel_width, layer.stride_y, layer.stride_x, layer.pad_top,
                   layer.pad_left);
  return text;
}

void describe_graph(const Image& image, Graph graph, std::string& text) {
  const auto out = std::back_inserter(text);
  const auto tasks = image.tasks(graph);
  fmt::format_to(out, "{} graph: {} tasks\n", to_text(graph), tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const aimc_network_task_t& task = tasks[i];
    fmt::format_to(out, "  {:4} {:<8}{}", i, kTaskNames[task.type], image.string(task.name));
    if (task.type == AIMC_TASK_ENGINE)
      fmt::format_to(out, " on {} at {:#x}", image.string(image.engines()[task.engine].name),
                     task.argument);
    if (task.type == AIMC_TASK_DMA) fmt::format_to(out, " at {:#x}", task.argument);
    fmt::format_to(out, ", {} of {} missing ->", task.missing, task.inputs);
    for (const std::uint32_t to : image.edges(task))
      fmt::format_to(out, " {}{}", to, to <= i ? "*" : "");
    text += '\n';
  }
}

}  // namespace

std::string describe(const Image& image) {
  const aimc_network_header_t& header = image.header();
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "network '{}' for platform '{}', {} bytes at {:#x}\n",
                 image.string(header.name), image.string(header.platform), header.total_bytes,
                 header.load_address);
  fmt::format_to(out, "records of {} bytes, {} logits\n", header.input_bytes, header.logits);
  fmt::format_to(out, "{} engines\n", image.engines().size());
  for (const aimc_network_engine_t& engine : image.engines()) {
    std::string id;
    for (unsigned byte = 0; byte < 4; ++byte)
      id += static_cast<char>((engine.id >> (8 * byte)) & 0x7f);
    fmt::format_to(out, "  {} {} at {:#x}, irq {}\n", id, image.string(engine.name), engine.base,
                   engine.irq);
  }
  fmt::format_to(out, "{} layers\n", image.layers().size());
  for (const aimc_network_layer_t& layer : image.layers())
    fmt::format_to(out, "  {}\n", layer_text(image, layer));
  describe_graph(image, Graph::setup, text);
  describe_graph(image, Graph::frame, text);
  return text;
}

}  // namespace aimc::network
