// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aimc::cim {

/// Names of the kernel variants that this CPU can run, best first: "avx512" (with VNNI), "avx2",
/// "portable". All give the same bits.
std::vector<std::string> kernel_names();
std::string kernels_in_use();
/// Chooses a variant for the whole process, for tests and benches; not while products run.
/// @throws UserError for a name that is not in `kernel_names()`.
void use_kernels(std::string_view name);

}  // namespace aimc::cim
