// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aimc/common/output_file.h"
#include "aimc/instrumentation/commit_log.h"
#include "aimc/instrumentation/crash_report.h"
#include "aimc/instrumentation/profiler.h"
#include "aimc/instrumentation/semihosting.h"
#include "aimc/instrumentation/signature.h"
#include "aimc/soc/soc.h"
#include "aimc/soc/soc_memory.h"
#include "options.h"

namespace aimc::vp {

/// What watches and serves the program of one run, as the command line asks: semihosting,
/// signature, instruction trace, profile, report of a crash.
class Instruments {
 public:
  /// Opens all outputs. @throws UserError for options and files that cannot be had.
  /// @param keep_going  Asked while the program waits for the user's input: false ends the wait.
  Instruments(const Options& options, const soc::ElfImage& firmware,
              const platform::Description& platform, soc::Soc& soc,
              std::function<bool()> keep_going);
  ~Instruments();

  /// A debugger is about to have the word.
  void settle() {
    if (log_) log_->settle();
  }
  /// Writes the outputs, and on standard error what a hart was at that does not get on.
  /// @returns false if an output could not be written.
  bool finish(const soc::Outcome& outcome);

 private:
  class SemihostingPort;
  void attach_semihosting(const Options& options, const soc::ElfImage& firmware,
                          const platform::Description& platform);
  bool wait_on();
  void attach_traces(const Options& options);
  bool write_signature(const soc::Outcome& outcome);
  bool write_profile();
  void tell_of_window() const;
  void report_crashes(const soc::Outcome& outcome);

  const Options& options_;
  soc::Soc& soc_;
  soc::SocMemory memory_;
  soc::ServiceMemory semihosting_memory_;
  instrumentation::SymbolTable symbols_;
  std::uint32_t elf_flags_;
  const std::function<bool()> keep_going_;
  bool ended_ = false;     ///< By semihosting or the user: the hart that called must not go on.
  bool traced_ = false;    ///< The instruction trace has a line.
  bool to_place_ = false;  ///< It ends at an instruction.
  std::unique_ptr<instrumentation::Semihosting> semihosting_;
  std::vector<std::unique_ptr<SemihostingPort>> ports_;
  std::optional<instrumentation::Signature> signature_;
  std::unique_ptr<OutputFile> signature_file_, trace_file_, profile_file_, collapsed_file_;
  std::unique_ptr<instrumentation::CommitLog> log_;
  std::unique_ptr<instrumentation::Profiler> profiler_;
  std::vector<std::unique_ptr<instrumentation::CrashRecorder>> recorders_;
};

}  // namespace aimc::vp
