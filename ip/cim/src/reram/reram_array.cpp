// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/reram/reram_array.h"

#include "aimc/cim/crossbar.h"
#include "aimc/cim/reram/reram_device.h"

namespace aimc::cim {

void describe(ParamTable& params, ReramConfig& config) {
  params.choice("variant", config.variant, {"neurram", "cmo", "milo"},
                "Fit of the cells: 0..40 uS, 9..88.2 uS, 50..225 uS");
  params.quantity("programming_noise", config.programming_noise, Unit::none, 0.0, 10.0,
                  "Factor on the fitted spread");
  params.quantity("read_noise", config.read_noise, Unit::none, 0.0, 1.0,
                  "Of each cell and read, relative to its conductance");
  params.flag("relaxation", config.relaxation, "Spread and mean move after programming");
  params.quantity("acceptance", config.acceptance, Unit::none, 0.2, 2.0,
                  "Verify window of variant cmo in percent: 0.2 or 2");
  params.quantity("read_voltage", config.read_volts, Unit::volt, 0.0, 1.0,
                  "Variant milo: cells are not quite ohmic");
  params.quantity("failed_fraction", config.failed_fraction, Unit::none, 0.0, 1.0,
                  "Cells that do not converge; counted, the fits include them");
  params.quantity("mean_pulses", config.mean_pulses, Unit::none, 1.0, 1e6, "Of a cell");
  params.quantity("cell_time", config.cell_s, Unit::second, 0.0, 1.0,
                  "Programming of a mean cell with its verify reads");
  params.integer("cells_at_once", config.cells_at_once, 1u, 65536u, "Cells programmed together");
  params.quantity("pulse_energy", config.pulse_joules, Unit::joule, 0.0, 1.0, "Per pulse and cell");
}

double reram_program_seconds(const TileConfig& config, unsigned rows, unsigned columns) {
  const ReramConfig& reram = config.reram;
  const PulseTotals totals =
      expected_pulses(reram_pulse_law(reram), rows, columns, reram.cells_at_once);
  return reram_program_cost(reram, totals).seconds;
}

std::unique_ptr<Array> make_reram_array(const TileConfig& config, const RandomStream& random) {
  return std::make_unique<Crossbar>(config, std::make_unique<ReramDevice>(config.reram),
                                    CrossbarOptions{}, random);
}

}  // namespace aimc::cim
