// SPDX-License-Identifier: Apache-2.0
#include "aimc/cim/converter_config.h"

namespace aimc::cim {

void describe(ParamTable& params, DacConfig& config) {
  params.choice("kind", config.kind, {"steps", "ideal"},
                "Input converters: rounded to steps, or all 8 bits");
  params.integer("bits", config.bits, 2u, 8u, "Input bits, sign included");
  params.quantity("inl", config.inl, Unit::none, 0.0, 0.2,
                  "Largest deviation of an amplitude, relative to full scale");
}

void describe(ParamTable& params, AdcConfig& config) {
  params.choice("kind", config.kind, {"counter", "sar", "flash", "time", "ideal"},
                "Converters of analog arrays; ideal neither rounds nor clips");
  params.integer("levels", config.levels, 1u, 32767u, "Largest code of each sign");
  params.quantity("full_scale", config.full_scale, Unit::none, 1e-3, 1e6,
                  "Input of the largest code, in cells at full conductance and input");
  params.quantity("gain_spread", config.gain_spread, Unit::none, 0.0, 0.3,
                  "Relative sigma of the gain over converters, corrected digitally");
  params.quantity("residual_gain", config.residual_gain, Unit::none, 0.0, 0.3,
                  "Relative sigma of the gain that the correction leaves");
  params.quantity("offset", config.offset, Unit::none, 0.0, 1000.0,
                  "Sigma of the offset that calibration leaves, in codes");
  params.quantity("inl", config.inl, Unit::none, 0.0, 1000.0,
                  "Sigma of the integral non-linearity over converters, in codes");
  params.quantity("soft_saturation", config.soft_saturation, Unit::none, 0.0, 10.0,
                  "Compression at full scale before the clip: x / (1 + this)");
  params.quantity("feed_forward", config.feed_forward, Unit::none, 0.0, 1.0,
                  "Share of the soft saturation that linearisation removes");
  params.quantity("noise", config.noise, Unit::none, 0.0, 1000.0,
                  "Sigma of one conversion, in codes");
}

}  // namespace aimc::cim
