// SPDX-License-Identifier: Apache-2.0
#include "kernels.h"
#include "lanes_avx2.h"
// After the lanes, whose names it uses.
#include "kernel_body.h"

namespace aimc::cim {

extern const Kernels kAvx2Kernels;
const Kernels kAvx2Kernels = {"avx2",   convert_inputs, square, product16,
                              product8, to_single,      noisy,  convert};

}  // namespace aimc::cim
