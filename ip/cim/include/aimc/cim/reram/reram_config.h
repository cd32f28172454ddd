// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/common/params.h"

namespace aimc::cim {

/// Resistive RAM. Fits of three device families, see `reram_device.h`. Costs of programming after
/// NeuRRAM [N22] (Wan et al., Nature 608:504, 2022): pulses of 1 us, 8.52 of them on average, 56 us
/// a cell with verify if integrated, 99 % of cells converge within +-1 uS.
struct ReramConfig {
  std::string variant = "neurram";  ///< neurram, cmo, milo.
  double programming_noise = 1.0;   ///< Factor on the fitted spread; 0 turns it off.
  double read_noise = 0.01;         ///< Of each cell, relative to its conductance; [N22] about 1 %.
  bool relaxation = true;           ///< Spread grows (cmo: mean falls) after programming.
  double acceptance = 0.2;          ///< cmo: verify window in percent, 0.2 or 2.
  double read_volts = 0.2;          ///< milo: cells are not quite ohmic.
  double failed_fraction = 0.01;    ///< Cells that do not converge; the fits include them.
  double mean_pulses = 8.52;        ///< Of a cell, those that fail included [N22].
  double cell_s = 56e-6;            ///< Programming of a mean cell with all verify reads [N22].
  unsigned cells_at_once = 256;     ///< Cells programmed together; a row, assumed.
  double pulse_joules = 100e-12;    ///< Per pulse and cell; assumed (50 uA, 2 V, 1 us).
};

void describe(ParamTable& params, ReramConfig& config);

}  // namespace aimc::cim
