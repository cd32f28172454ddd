// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/engine_regs.h"
#include "aimc/common/error.h"
#include "aimc/dma/dma_regs.h"
#include "validate.h"

namespace aimc::network::detail {

namespace {

void check_string(const Image& image, std::uint32_t offset, const std::string& what) {
  const std::uint32_t bytes = image.header().section[AIMC_SECTION_STRINGS].count;
  if (offset >= bytes)
    user_error(Location{image.file()}, "{}: name at {:#x}, section STRINGS has {} bytes", what,
               offset, bytes);
}

/// Follows a chain of descriptors; all of them have to lie in DATA.
void check_chain(const Image& image, std::uint32_t address, const std::string& what) {
  const std::uint64_t begin = image.data_address();
  const std::uint64_t end = begin + image.data().size();
  std::size_t steps = 0;
  for (; address != 0; ++steps) {
    if (address % 4 != 0 || address < begin || address + std::uint64_t{DMA_DESCRIPTOR_BYTES} > end)
      user_error(Location{image.file()}, "{}: DMA descriptor at {:#x} is not in section DATA", what,
                 address);
    if (steps > image.data().size() / DMA_DESCRIPTOR_BYTES)
      user_error(Location{image.file()}, "{}: the chain of DMA descriptors never ends", what);
    const auto offset = static_cast<std::uint32_t>(address - begin);
    const auto field = [&](std::size_t member) {
      return image.word(offset + static_cast<std::uint32_t>(member));
    };
    if (field(offsetof(dma_descriptor_t, bytes)) == 0 ||
        field(offsetof(dma_descriptor_t, count1)) == 0 ||
        field(offsetof(dma_descriptor_t, count2)) == 0)
      user_error(Location{image.file()}, "{}: DMA descriptor at {:#x} copies nothing", what,
                 address);
    address = field(offsetof(dma_descriptor_t, next));
  }
  if (steps == 0) user_error(Location{image.file()}, "{}: no DMA descriptor", what);
}

void check_task(const Image& image, Graph graph, const aimc_network_task_t& task,
                const std::string& what) {
  const Location where{image.file()};
  switch (task.type) {
    case AIMC_TASK_DMA:
      check_chain(image, task.argument, what);
      break;
    case AIMC_TASK_ENGINE:
      if (task.engine >= image.engines().size())
        user_error(where, "{}: engine {} of {}", what, task.engine, image.engines().size());
      if (task.argument % 4 != 0 || task.argument >= ENGINE_WINDOW_BYTES - ENGINE_SRAM_OFFSET)
        user_error(where, "{}: command at {:#x} is not a word in local SRAM", what, task.argument);
      break;
    case AIMC_TASK_BEGIN:
    case AIMC_TASK_RELEASE:
    case AIMC_TASK_RESULT:
      if (graph == Graph::setup)
        user_error(where, "{}: type {} has no place in the setup graph", what, task.type);
      break;
    default:
      user_error(where, "{}: unknown type {}; known: 0 DMA, 1 ENGINE, 2 BEGIN, 3 RELEASE, 4 RESULT",
                 what, task.type);
  }
  if (std::uint64_t{task.first_edge} + task.edges > image.edges().size())
    user_error(where, "{}: edges {} to {} of {}", what, task.first_edge,
               std::uint64_t{task.first_edge} + task.edges, image.edges().size());
}

void check_graph(const Image& image, Graph graph) {
  const Location where{image.file()};
  const auto tasks = image.tasks(graph);
  const auto title = [&](std::size_t i) {
    return fmt::format("{} task {} ({})", to_text(graph), i, image.string(tasks[i].name));
  };
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    check_string(image, tasks[i].name, fmt::format("{} task {}", to_text(graph), i));
    check_task(image, graph, tasks[i], title(i));
  }
  std::vector<std::uint32_t> inputs(tasks.size()), missing(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    for (const std::uint32_t target : image.edges(tasks[i])) {
      if (target >= tasks.size())
        user_error(where, "{}: edge to task {} of {}", title(i), target, tasks.size());
      ++inputs[target];
      if (target > i) ++missing[target];
    }
  }
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].inputs != inputs[i])
      user_error(where, "{}: {} incoming edges, the task says {}", title(i), inputs[i],
                 tasks[i].inputs);
    if (tasks[i].missing != missing[i])
      user_error(where, "{}: {} incoming edges start without a token, the task says {}", title(i),
                 missing[i], tasks[i].missing);
  }
}

}  // namespace

void validate_tasks(const Image& image) {
  check_string(image, image.header().name, "network");
  check_string(image, image.header().platform, "platform");
  const auto engines = image.engines();
  for (std::size_t i = 0; i < engines.size(); ++i) {
    const std::string what = fmt::format("engine {}", i);
    check_string(image, engines[i].name, what);
    if (engines[i].base % 4 != 0)
      user_error(Location{image.file()}, "{}: base {:#x} is not a word address", what,
                 engines[i].base);
  }
  check_graph(image, Graph::setup);
  check_graph(image, Graph::frame);
}

}  // namespace aimc::network::detail
