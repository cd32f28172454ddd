// SPDX-License-Identifier: Apache-2.0
// The whole runtime on a fake chip: image in memory, registers, interrupts, sleep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "boot/exit_codes.h"
#include "fake_chip.h"
#include "hal/engine.h"
#include "runtime/executor.h"
#include "soc/soc_map.h"

namespace aimc::firmware {
namespace {

using ::testing::HasSubstr;

/// Writes a network image: engines, tasks by name, edges.
class ImageWriter {
 public:
  std::uint32_t string(const std::string& text) {
    const auto at = static_cast<std::uint32_t>(strings_.size());
    strings_ += text + '\0';
    return at;
  }
  void engine(std::uint32_t id, std::uint32_t endpoint, const std::string& name) {
    engines_.push_back({id, FakeChip::kWindow + endpoint * SOC_NOC_WINDOW_BYTES,
                        SOC_NOC_IRQ_BASE + endpoint, string(name)});
  }
  std::uint32_t task(bool setup, std::uint32_t type, const std::string& name,
                     std::uint32_t argument = 0, std::uint32_t engine = AIMC_NETWORK_NONE) {
    auto& graph = graphs_[setup ? 0 : 1];
    graph.push_back({{type, engine, argument, 0, 0, 0, 0, string(name)}, {}});
    return static_cast<std::uint32_t>(graph.size() - 1);
  }
  void edge(bool setup, std::uint32_t from, std::uint32_t to, bool token = false) {
    auto& graph = graphs_[setup ? 0 : 1];
    graph[from].targets.push_back(to);
    ++graph[to].task.inputs;
    if (!token) ++graph[to].task.missing;
  }
  void link(bool setup, std::uint32_t from, std::uint32_t to) {
    edge(setup, from, to);
    edge(setup, to, from, true);
  }

  void write(std::uint8_t* image) {
    std::vector<std::uint32_t> edges;
    std::vector<aimc_network_task_t> tasks[2];
    for (int g = 0; g < 2; ++g) {
      for (auto& node : graphs_[g]) {
        node.task.first_edge = static_cast<std::uint32_t>(edges.size());
        node.task.edges = static_cast<std::uint32_t>(node.targets.size());
        edges.insert(edges.end(), node.targets.begin(), node.targets.end());
        tasks[g].push_back(node.task);
      }
    }
    aimc_network_header_t header{};
    std::uint32_t at = sizeof header;
    const auto put = [&](std::uint32_t section, const void* data, std::size_t count,
                         std::size_t size) {
      at = (at + 7) & ~7u;
      header.section[section] = {at, static_cast<std::uint32_t>(count)};
      if (count > 0) std::memcpy(image + at, data, count * size);
      at += static_cast<std::uint32_t>(count * size);
    };
    put(AIMC_SECTION_ENGINES, engines_.data(), engines_.size(), sizeof engines_[0]);
    put(AIMC_SECTION_SETUP, tasks[0].data(), tasks[0].size(), sizeof(aimc_network_task_t));
    put(AIMC_SECTION_FRAME, tasks[1].data(), tasks[1].size(), sizeof(aimc_network_task_t));
    put(AIMC_SECTION_EDGES, edges.data(), edges.size(), 4);
    put(AIMC_SECTION_LAYERS, nullptr, 0, 1);
    put(AIMC_SECTION_TENSORS, nullptr, 0, 1);
    put(AIMC_SECTION_STRINGS, strings_.data(), strings_.size(), 1);
    put(AIMC_SECTION_DATA, nullptr, 0, 1);
    header.magic = AIMC_NETWORK_MAGIC;
    header.version = AIMC_NETWORK_VERSION;
    header.header_bytes = sizeof header;
    header.total_bytes = at;
    header.load_address = SOC_NETWORK_BASE;
    header.input_bytes = 64;
    header.logits = 10;
    std::memcpy(image, &header, sizeof header);
    header.crc32 = network_crc32(0, image, header.total_bytes);
    std::memcpy(image, &header, sizeof header);
  }

 private:
  struct Node {
    aimc_network_task_t task;
    std::vector<std::uint32_t> targets;
  };
  std::string strings_ = std::string(1, '\0');
  std::vector<aimc_network_engine_t> engines_;
  std::vector<Node> graphs_[2];
};

/// Two engines in a row with one buffer each, set up by a copy and a command each.
class ExecutorTest : public ::testing::Test {
 protected:
  void make_chip(unsigned seed) {
    chip.reset();
    chip = std::make_unique<FakeChip>(seed);
    chip->engines[5].id = ENGINE_ID_CIM;
    chip->engines[9].id = ENGINE_ID_ACTIVATION;
    chip->records = 20;
  }

  ImageWriter make_image() {
    ImageWriter image;
    image.engine(ENGINE_ID_CIM, 5, "tile5");
    image.engine(ENGINE_ID_ACTIVATION, 9, "act9");
    for (std::uint32_t i = 0; i < 5; ++i) {
      const auto load = image.task(true, AIMC_TASK_DMA, "load", 0x100 + 4 * i);
      const auto program = image.task(true, AIMC_TASK_ENGINE, "program", 0x10 + 4 * i, i % 2);
      image.edge(true, load, program);
    }
    const auto begin = image.task(false, AIMC_TASK_BEGIN, "begin");
    const auto in = image.task(false, AIMC_TASK_DMA, "copy in", 0x200);
    const auto release = image.task(false, AIMC_TASK_RELEASE, "release");
    const auto mvm = image.task(false, AIMC_TASK_ENGINE, "mvm", 0x40, 0);
    const auto move = image.task(false, AIMC_TASK_DMA, "move", 0x204);
    const auto relu = image.task(false, AIMC_TASK_ENGINE, "relu", 0x44, 1);
    const auto out = image.task(false, AIMC_TASK_DMA, "copy out", 0x208);
    const auto result = image.task(false, AIMC_TASK_RESULT, "result");
    image.link(false, begin, in);
    image.edge(false, in, release);
    image.edge(false, release, begin, true);
    image.link(false, in, mvm);
    image.link(false, mvm, move);
    image.link(false, move, relu);
    image.link(false, relu, out);
    image.link(false, out, result);
    return image;
  }

  /// Runs all of the runtime; the UART's text goes to `text`.
  int run() {
    ::testing::internal::CaptureStdout();
    network_t network;
    int code = executor_open(&network);
    if (code == EXIT_CODE_OK) code = executor_setup();
    if (code == EXIT_CODE_OK) code = executor_run(&summary);
    text = ::testing::internal::GetCapturedStdout();
    return code;
  }

  std::unique_ptr<FakeChip> chip;
  executor_summary_t summary{};
  std::string text;
};

TEST_F(ExecutorTest, CommitsEveryFrameInOrderWhateverEndsFirst) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    make_chip(seed);
    make_image().write(chip->image());
    ASSERT_EQ(run(), EXIT_CODE_OK) << seed << ": " << text;
    ASSERT_EQ(chip->committed.size(), 20u) << seed;
    for (std::uint32_t i = 0; i < 20; ++i) {
      EXPECT_EQ(chip->committed[i], std::make_pair(i, 10u)) << "seed " << seed;
    }
    EXPECT_EQ(summary.frames, 20u);
    EXPECT_LE(summary.latency_min, summary.latency_total / 20);
    EXPECT_LE(summary.latency_total / 20, summary.latency_max);
    EXPECT_GT(summary.latency_min, 0u);
    EXPECT_EQ(text, "");
  }
}

TEST_F(ExecutorTest, AnEmptyStreamEndsAtOnce) {
  make_chip(1);
  chip->records = 0;
  make_image().write(chip->image());
  EXPECT_EQ(run(), EXIT_CODE_OK);
  EXPECT_EQ(summary.frames, 0u);
}

TEST_F(ExecutorTest, AFailedCommandNamesEngineReasonAndTask) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    make_chip(seed);
    chip->failing_commands = {0x44};
    make_image().write(chip->image());
    EXPECT_EQ(run(), EXIT_CODE_ENGINE_ERROR);
    EXPECT_EQ(text,
              "error: engine act9: cells hold no weights (code 5, command 0x44, address 0x44) in "
              "task relu\n");
  }
}

TEST_F(ExecutorTest, AFailedCommandOfTheSetupIsReportedToo) {
  make_chip(3);
  chip->failing_commands = {0x18};
  make_image().write(chip->image());
  EXPECT_EQ(run(), EXIT_CODE_ENGINE_ERROR);
  EXPECT_THAT(text, HasSubstr("engine tile5"));
  EXPECT_THAT(text, HasSubstr("in task program"));
  EXPECT_TRUE(chip->committed.empty());
}

TEST_F(ExecutorTest, ADmaFaultNamesChannelAddressAndTask) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    make_chip(seed);
    chip->failing_descriptors = {0x208};
    make_image().write(chip->image());
    EXPECT_EQ(run(), EXIT_CODE_DMA_FAULT);
    EXPECT_THAT(text, HasSubstr("error: dma channel "));
    EXPECT_THAT(text, HasSubstr("destination access failed (code 4, address 0x70000000, "
                                "descriptor 0x208) in task copy out\n"));
  }
}

TEST_F(ExecutorTest, AGraphThatCannotGoOnIsReportedInsteadOfSleepingForEver) {
  make_chip(1);
  ImageWriter image = make_image();
  const auto orphan = image.task(true, AIMC_TASK_ENGINE, "orphan", 0x80, 0);
  image.edge(true, orphan, orphan);
  image.edge(true, 0, orphan);
  image.write(chip->image());
  EXPECT_EQ(run(), EXIT_CODE_STALLED);
  EXPECT_EQ(text,
            "error: setup graph: stalled after 10 tasks, 0 of 0 frames committed; task orphan "
            "lacks 1 tokens\n");
}

TEST_F(ExecutorTest, ADamagedImageIsRefusedBeforeAnyDeviceIsTouched) {
  make_chip(1);
  make_image().write(chip->image());
  chip->image()[200] ^= 1;
  EXPECT_EQ(run(), EXIT_CODE_BAD_NETWORK);
  EXPECT_THAT(text, HasSubstr("error: network image: checksum does not match"));
  EXPECT_EQ(chip->accesses, 0u);
}

TEST_F(ExecutorTest, AnImageForAnotherChipNamesWhatIsMissing) {
  make_chip(1);
  chip->engines.erase(9);
  make_image().write(chip->image());
  EXPECT_EQ(run(), EXIT_CODE_BAD_NETWORK);
  EXPECT_THAT(text, HasSubstr("engine is not on this chip (index 1, "));
}

TEST_F(ExecutorTest, RecordsOfAnotherSizeAreRefused) {
  make_chip(1);
  chip->record_bytes = 784;
  make_image().write(chip->image());
  EXPECT_EQ(run(), EXIT_CODE_BAD_INPUT);
  EXPECT_EQ(text, "error: the sensor's records have 784 bytes, the network takes 64\n");
  chip->record_bytes = 0;
  EXPECT_EQ(run(), EXIT_CODE_BAD_INPUT);
  EXPECT_EQ(text, "error: the sensor has no input\n");
}

TEST_F(ExecutorTest, AnEngineTaskCostsFiveRegisterAccessesAndADmaTaskSeven) {
  const auto accesses_of = [this](std::uint32_t type, std::uint32_t tasks) {
    make_chip(1);
    ImageWriter image;
    image.engine(ENGINE_ID_CIM, 5, "tile5");
    std::uint32_t before = AIMC_NETWORK_NONE;
    for (std::uint32_t i = 0; i < tasks; ++i) {  // one after the other: an interrupt each
      const auto task = image.task(true, type, "task", 0x40, 0);
      if (before != AIMC_NETWORK_NONE) image.edge(true, before, task);
      before = task;
    }
    image.write(chip->image());
    network_t network;
    EXPECT_EQ(executor_open(&network), EXIT_CODE_OK);
    const std::uint64_t begin = chip->accesses;
    EXPECT_EQ(executor_setup(), EXIT_CODE_OK);
    return chip->accesses - begin;
  };
  EXPECT_EQ(accesses_of(AIMC_TASK_ENGINE, 100), 500u);
  EXPECT_EQ(accesses_of(AIMC_TASK_DMA, 100), 700u);
}

}  // namespace
}  // namespace aimc::firmware
