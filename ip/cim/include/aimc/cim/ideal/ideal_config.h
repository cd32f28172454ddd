// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aimc/common/params.h"

namespace aimc::cim {

/// An array without physics: exact integers, written a row at a time.
struct IdealConfig {
  double row_write_s = 2.5e-9;        ///< Time to write one row; one clock of 400 MHz, assumed.
  double cell_write_joules = 10e-15;  ///< Per cell; assumed.
};

void describe(ParamTable& params, IdealConfig& config);

}  // namespace aimc::cim
