// SPDX-License-Identifier: Apache-2.0
#include "subject.h"

#include <set>

#include "aimc/cim/array_kinds.h"
#include "aimc/cim/cost.h"
#include "aimc/common/error.h"
#include "aimc/platform/description.h"

namespace aimc::cim_bench {
namespace {

using platform::Description;
using platform::Instance;

/// Applies "parameter=value"; values are written as in a platform file.
void override_one(ParamTable& params, const std::string& text) {
  const std::size_t equals = text.find('=');
  const Location where{"--set " + text, 0, 0};
  if (equals == std::string::npos || equals == 0)
    user_error(where, "write it as parameter=value, e.g. adc.levels=255");
  params.set(text.substr(0, equals), ConfigNode::scalar(text.substr(equals + 1), where), "tile");
}

Subject make_subject(const Instance* instance, const SubjectOptions& options,
                     const std::string& kind, const std::string& label) {
  Subject subject;
  subject.label = label;
  subject.seed = options.seed;
  subject.vectors = options.vectors;
  ParamTable params;
  describe(params, subject.config);
  if (instance != nullptr && !instance->params.is_null())
    params.read(instance->params, instance->name);
  if (!kind.empty()) {
    cim::find_array_kind(kind);
    subject.config.kind = kind;
  }
  for (const std::string& text : options.overrides) override_one(params, text);
  subject.config = cim::effective(subject.config);  // as the tile does
  if (subject.label.empty()) subject.label = subject.config.kind;
  return subject;
}

std::vector<std::string> wanted_kinds(const SubjectOptions& options) {
  std::vector<std::string> kinds = options.kinds;
  if (kinds.size() == 1 && kinds[0] == "all") kinds = cim::array_kind_names();
  return kinds;
}

std::vector<const Instance*> wanted_tiles(const Description& description,
                                          const SubjectOptions& options) {
  std::vector<const Instance*> tiles;
  std::set<std::string> seen;  // kinds of which a tile is already there
  for (const Instance* const instance : description.of_kind("cim")) {
    if (!options.tile.empty()) {
      if (instance->name == options.tile) tiles.push_back(instance);
      continue;
    }
    const Subject subject = make_subject(instance, {}, "", "");
    if (seen.insert(subject.config.kind).second) tiles.push_back(instance);
  }
  if (tiles.empty() && options.tile.empty())
    user_error(Location{description.file}, "platform '{}' has no tile", description.name);
  if (tiles.empty()) {
    std::vector<std::string> names;
    for (const Instance* const instance : description.of_kind("cim"))
      names.push_back(instance->name);
    user_error(Location{description.file}, "there is no tile '{}'; tiles: {}", options.tile,
               join(names));
  }
  return tiles;
}

}  // namespace

std::vector<Subject> read_subjects(const SubjectOptions& options) {
  std::vector<Subject> subjects;
  std::vector<std::string> kinds = wanted_kinds(options);
  if (options.platform.empty()) {
    if (!options.tile.empty()) user_error("--tile {}: needs --platform", options.tile);
    if (kinds.empty()) kinds.push_back("pcm");
    for (const std::string& kind : kinds)
      subjects.push_back(make_subject(nullptr, options, kind, kind));
    return subjects;
  }
  const Description description = platform::load_description(options.platform);
  if (kinds.empty()) kinds.emplace_back();
  for (const Instance* const instance : wanted_tiles(description, options))
    for (const std::string& kind : kinds)
      subjects.push_back(make_subject(
          instance, options, kind,
          description.name + "." + instance->name + (kind.empty() ? "" : " as " + kind)));
  return subjects;
}

}  // namespace aimc::cim_bench
