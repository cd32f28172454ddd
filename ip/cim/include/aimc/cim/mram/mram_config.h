// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "aimc/common/params.h"

namespace aimc::cim {

/// Magnetic tunnel junctions: two resistances a few kilo-ohms apart, binary only. Sources: ratio
/// of the states about 2.5 (review literature); a 22 nm macro of 256 x 512 with 6-bit
/// conductance-feedback converters shared by columns (Deaville et al., Princeton); a 64 x 64 array
/// in 28 nm whose cells stand in series so that resistances add, read as the time of an RC
/// discharge (Jung et al., Nature 601:211, 2022). "Assumed" has no confirmed figure.
struct MramConfig {
  std::string variant = "sar";  ///< sar: currents of driven cells; resistance_sum: series cells.
  unsigned weight_bits = 8;     ///< Planes of binary cells for each weight.
  unsigned input_bits = 8;      ///< Input bits shown in turn.
  double tmr = 1.5;             ///< R_AP = R_P (1 + tmr).
  double spread = 0.03;         ///< Log-normal sigma of a junction's resistance; 2 to 5 %, assumed.
  unsigned active_rows = 16;    ///< Cells summed by one conversion; the published arrays sum a
                                ///< whole column of binary weights, 8-bit planes need fewer.
  unsigned sar_bits = 6;        ///< Of the conductance-feedback converter.
  unsigned time_bits = 7;       ///< Of the time converter; assumed.
  double noise = 0.05;          ///< Sigma of a conversion [LSB]; assumed.
  double write_error = 1e-5;    ///< Of one pulse and bit; 1e-6 to 1e-4, assumed.
  unsigned write_attempts = 3;  ///< Pulses of a bit whose verify read fails, the first included.
  double stuck_fraction = 0.0;  ///< Junctions that never switch (shorts, opens).
  double pulse_s = 10e-9;       ///< Write pulse; assumed.
  double verify_s = 5e-9;       ///< Verify read of a row; assumed.
  double pulse_joules = 0.5e-12;  ///< Per bit and pulse; assumed (50 uA, 1 V, 10 ns).
  unsigned bits_at_once = 512;    ///< Bits of a row written together; a row of the 22 nm macro.
};

void describe(ParamTable& params, MramConfig& config);

}  // namespace aimc::cim
