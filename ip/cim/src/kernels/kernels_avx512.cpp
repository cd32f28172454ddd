// SPDX-License-Identifier: Apache-2.0
#include "kernels.h"
#include "lanes_avx512.h"
// After the lanes, whose names it uses.
#include "kernel_body.h"

namespace aimc::cim {

extern const Kernels kAvx512Kernels;
const Kernels kAvx512Kernels = {"avx512", convert_inputs, square, product16,
                                product8, to_single,      noisy,  convert};

}  // namespace aimc::cim
