// SPDX-License-Identifier: Apache-2.0
#include "inputs.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "aimc/common/quantity.h"
#include "aimc/riscv/isa.h"
#include "aimc/sensor/files.h"

namespace aimc::vp {
namespace {

namespace fs = std::filesystem;

/// A time from the command line, within limits. An empty text leaves `fallback`.
double parse_time(const char* option, const std::string& text, double fallback, double low,
                  double high) {
  if (text.empty()) return fallback;
  double value = 0.0;
  try {
    value = parse_quantity(text, Unit::second);
  } catch (const UserError& error) {
    user_error("--{}: error: {}", option, error.what());
  }
  if (value < low || value > high)
    user_error("--{}: error: '{}' must be in {} .. {}", option, text,
               format_quantity(low, Unit::second), format_quantity(high, Unit::second));
  return value;
}

/// The options --uart and --uart-input as overrides of the serial port's parameters.
std::vector<std::string> uart_overrides(const Options& options) {
  std::vector<std::string> overrides;
  const std::size_t colon = options.uart.find(':');
  const std::string kind = options.uart.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : options.uart.substr(colon + 1);
  const auto wrong = [&options](const char* reason) {
    user_error("--uart: error: '{}' {}; known: stdout, stdio, null, file:PATH, pty, tcp:PORT",
               options.uart, reason);
  };
  if (kind == "file" || kind == "tcp") {
    if (rest.empty()) wrong(kind == "file" ? "lacks the path" : "lacks the port");
    const bool digits =
        std::all_of(rest.begin(), rest.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (kind == "tcp" && (!digits || rest.size() > 5 || std::stoul(rest) > 65535))
      wrong("has no port from 0 to 65535");
    overrides.push_back((kind == "file" ? "uart0.path=" : "uart0.port=") + rest);
  } else if (!options.uart.empty() &&
             (colon != std::string::npos ||
              (kind != "stdout" && kind != "stdio" && kind != "null" && kind != "pty"))) {
    wrong("is no far end of a serial port");
  }
  if (!options.uart.empty()) overrides.push_back("uart0.backend=" + kind);
  if (options.uart_input.empty()) return overrides;
  if (kind == "stdio")
    user_error("--uart-input: error: --uart stdio gives input too; choose one, or --uart stdout");
  if (fs::is_directory(options.uart_input) || !std::ifstream(options.uart_input))
    user_error("--uart-input: error: cannot read the file '{}'", options.uart_input);
  overrides.push_back("uart0.input=" + options.uart_input);
  return overrides;
}

}  // namespace

void check_harts(const platform::Description& platform) {
  constexpr std::size_t kMost = 8;
  const auto harts = platform.of_kind("riscv");
  if (harts.empty())
    user_error("{}: error: the platform has no hart, an instance with ip: riscv", platform.file);
  if (harts.size() > kMost)
    user_error(harts[kMost]->where, "'{}' is one hart too many; a platform has at most {}",
               harts[kMost]->name, kMost);
  for (const platform::Instance* const hart : harts) {
    const ConfigNode* const isa = hart->params.find("isa");
    if (isa == nullptr) continue;
    riscv::ExtensionSet parsed;
    std::string error;
    if (!riscv::parse_isa(isa->text(hart->name + ".isa"), &parsed, &error))
      user_error(isa->where(), "'{}': {}", hart->name, error);
  }
}

namespace {

platform::Description load_platform(const Options& options) {
  if (!options.uart.empty() || !options.uart_input.empty()) {
    const platform::Description plain =
        platform::load_description(options.platform, options.overrides);
    if (plain.find("uart0") == nullptr)
      user_error("--{}: error: platform '{}' has no serial port 'uart0'",
                 options.uart.empty() ? "uart-input" : "uart", plain.name);
  }
  std::vector<std::string> overrides = options.overrides;
  for (std::string& one : uart_overrides(options)) overrides.push_back(std::move(one));
  platform::Description platform = platform::load_description(options.platform, overrides);
  platform.overrides = options.overrides;  // where characters go is no part of the platform
  // A path or port that cannot be had is to be mended there, not in the platform file.
  const bool far = options.uart.starts_with("file:") || options.uart.starts_with("tcp:");
  if (far || !options.uart_input.empty())
    for (platform::Instance& instance : platform.instances)
      if (instance.name == "uart0")
        instance.where = {far ? "--uart " + options.uart : "--uart-input " + options.uart_input, 0,
                          0};
  check_harts(platform);
  platform.quantum_s = parse_time("quantum", options.quantum, platform.quantum_s, 1e-9, 1.0);
  return platform;
}

const char* id_of(const std::string& ip) {
  return ip == "cim" ? "CIMT" : ip == "activation" ? "ACTE" : "";
}

/// Refuses an image whose engines are not where it expects them, before the firmware does.
void check_network(const network::Image& image, const platform::Description& platform) {
  const auto fail = [&](const std::string& reason) {
    std::string remedy = "--platform " + platform.name;
    for (const std::string& text : platform.overrides) remedy += " --set '" + text + "'";
    user_error("{}: error: {}; it was compiled for platform '{}': run aimc-compile with {}",
               image.file(), reason, image.string(image.header().platform), remedy);
  };
  if (image.header().load_address != platform.network_image_base)
    fail(fmt::format("linked for address {:#010x}, but {} loads networks at {:#010x}",
                     image.header().load_address, platform.name, platform.network_image_base));
  if (image.bytes().size() > platform.ram_base + platform.ram_bytes - platform.network_image_base)
    fail(fmt::format("its {} bytes do not fit into memory", image.bytes().size()));
  for (const aimc_network_engine_t& engine : image.engines()) {
    const char* const name = image.string(engine.name);
    const auto at = std::find_if(
        platform.instances.begin(), platform.instances.end(),
        [&](const auto& instance) { return instance.endpoint && instance.base == engine.base; });
    if (at == platform.instances.end())
      fail(fmt::format("its engine '{}' at {:#010x} does not exist on {}", name, engine.base,
                       platform.name));
    const char* const id = id_of(at->ip);
    if (*id != '\0' && std::memcmp(&engine.id, id, 4) != 0)
      fail(fmt::format("at {:#010x} it expects '{}', but {} has '{}' of kind {} there", engine.base,
                       name, platform.name, at->name, at->ip));
    if (at->irq != engine.irq)
      fail(fmt::format("it expects interrupt {} from '{}', which has {}", engine.irq, at->name,
                       at->irq.value_or(0)));
  }
}

/// A file that the instance writes or reads as the far end of a serial line; mostly empty.
std::string serial_file(const platform::Instance& instance, const char* parameter) {
  const ConfigNode& params = instance.params;
  if (instance.ip != "uart" || !params.is_map()) return "";
  const auto text = [&params](const char* name) {
    const ConfigNode* const node = params.find(name);
    return node != nullptr && node->kind() == ConfigNode::Kind::scalar ? node->text(name) : "";
  };
  const bool used = std::string_view(parameter) != "path" || text("backend") == "file";
  return used ? text(parameter) : "";
}

/// No output may be an input or another output.
void check_outputs(const Options& options, const platform::Description& platform) {
  std::vector<std::string> taken = options.inputs;
  taken.insert(taken.end(), {options.firmware, options.network, options.labels});
  taken.insert(taken.end(), platform.files.begin(), platform.files.end());
  std::vector<std::string> outputs{options.stats, options.trace, options.signature, options.itrace,
                                   options.profile};
  if (!options.profile.empty()) outputs.push_back(options.profile + ".collapsed");
  for (const platform::Instance& instance : platform.instances) {
    taken.push_back(serial_file(instance, "input"));
    outputs.push_back(serial_file(instance, "path"));
  }
  for (const std::string& output : outputs) {
    if (output.empty()) continue;
    std::error_code error;
    const bool special = fs::exists(output, error) && !fs::is_regular_file(output, error);
    for (const std::string& other : taken)
      if (!special && !other.empty() && fs::weakly_canonical(output) == fs::weakly_canonical(other))
        user_error("'{}' is an output and also another file of this run", output);
    taken.push_back(output);
  }
}

void check_labels(const Options& options, std::uint64_t labels, std::uint64_t records) {
  // With --count the files may hold more than is used.
  const bool enough = options.count == 0 ? labels == records : labels >= records;
  if (!enough) user_error("{}: error: {} labels for {} records", options.labels, labels, records);
}

}  // namespace

Inputs::Inputs(const Options& options)
    : platform(load_platform(options)),
      until_s(parse_time("until", options.until, 0.0, 1e-12, 1e6)),
      firmware(soc::load_elf(options.firmware)) {
  check_outputs(options, platform);
  if (!options.network.empty()) {
    image = network::Image::load(options.network);
    check_network(*image, platform);
  }
  if (!options.inputs.empty()) {
    if (!image) user_error("--input needs --network, which says how large a record is");
    record_bytes = image->header().input_bytes;
    records = sensor::load_records(options.inputs, record_bytes, options.count,
                                   sensor::parse_format(options.input_format));
  }
  if (options.labels.empty()) return;
  if (options.inputs.empty()) user_error("--labels needs --input");
  labels = sensor::load_labels(options.labels);
  check_labels(options, labels.size(), count());
}

}  // namespace aimc::vp
