// SPDX-License-Identifier: Apache-2.0
#include "compile.h"

#include <algorithm>
#include <span>

#include "aimc/network/graph_check.h"
#include "aimc/network/image.h"
#include "aimc/network/interpreter.h"
#include "float_executor.h"
#include "fuse.h"

namespace aimc::compiler {

Compilation compile(Network network, const Chip& chip, const std::vector<std::uint8_t>& records,
                    const CalibrationOptions& options, const TileChoice& choice) {
  Compilation result;
  result.network = std::move(network);
  fuse(result.network);
  const std::vector<double> steps = calibrate(result.network, records, options);
  result.quantised = quantise(result.network, steps, options);
  result.mapping = map_network(result.quantised, chip, choice);
  result.emission = Emitter(result.quantised, chip, result.mapping).run();
  network::check_graphs(network::Image::parse(result.emission.image, result.network.file));
  return result;
}

Accuracy measure(const Compilation& compilation, const std::vector<std::uint8_t>& records,
                 const std::vector<std::uint8_t>& labels, bool planar) {
  const network::Image image =
      network::Image::parse(compilation.emission.image, compilation.network.file);
  const network::Interpreter interpreter(image);
  const std::size_t bytes = image.header().input_bytes;
  Accuracy accuracy;
  accuracy.records = std::min(labels.size(), records.size() / bytes);
  for (std::size_t i = 0; i < accuracy.records; ++i) {
    const std::span<const std::uint8_t> record(&records[i * bytes], bytes);
    const FloatMaps maps =
        evaluate(compilation.network, input_values(compilation.network, record, planar));
    const auto& out = maps[compilation.network.output];
    const auto best = std::max_element(out.begin(), out.end()) - out.begin();
    if (best == labels[i]) ++accuracy.correct_float;
    if (interpreter.run(record).predicted == labels[i]) ++accuracy.correct_int8;
  }
  return accuracy;
}

}  // namespace aimc::compiler
