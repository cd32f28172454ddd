// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "aimc/common/trace.h"

namespace aimc::trace {

/// A timeline for ui.perfetto.dev: TrackEvent protobuf, written as documented in the public
/// perfetto_trace.proto. Time is kept in nanoseconds (the viewer's unit); sub-nanosecond parts are
/// rounded down.
///
/// The file is written beside `path` and takes its name when complete, so a broken run never
/// destroys a good trace. @throws UserError if the file cannot be made.
std::unique_ptr<Sink> make_perfetto_sink(const std::string& path);

}  // namespace aimc::trace
