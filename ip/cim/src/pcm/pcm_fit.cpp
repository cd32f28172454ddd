// SPDX-License-Identifier: Apache-2.0
// Coefficients of published fits.
//
// hermes, standard: github.com/IBM/aihwkit, src/aihwkit/inference/noise/{hermes,pcm}.py; hermes is
// a fit to the chip of Le Gallo et al., Nature Electronics 6:680 (2023), whose own drift with two
// devices is said there to be milder than the fit; standard is described in Rasch et al., Nature
// Communications 14:5282 (2023). quadratic: github.com/sandialabs/cross-sim, PCM_Joshi, from Joshi
// et al., Nature Communications 11:2473 (2020), 27 s after programming.
#include <algorithm>

#include "aimc/cim/exact_math.h"
#include "aimc/cim/pcm/pcm_device.h"
#include "aimc/common/error.h"

namespace aimc::cim {
namespace {

float log_of(float x) {
  return static_cast<float>(exact_log(static_cast<double>(std::max(x, 1e-7f))));
}

// HERMES, common to one and two devices.
float hermes_drift_mean(float x) {
  if (x < 0.0945f) return std::clamp(-0.0387f * log_of(x) - 0.0182f, 0.072f, 0.13f);
  return -0.0436f * x * x - 0.0126f * x + 0.0736f;
}

float one_sigma(float x) {
  return 0.15781817f + x * (2.32443916f + x * (-2.16310839f + x * 0.68841818f));
}
float one_drift_sigma(float x) {
  if (x < 0.3039f) return std::clamp(-0.0120f * log_of(x) - 0.0023f, 0.0124f, 0.04f);
  return -0.0165f * x * x + 0.0116f * x + 0.0104f;
}
float one_noise(float x) {
  if (x < 0.1591f) return std::clamp(-0.0078f * log_of(x) + 0.0038f, 0.0179f, 0.04f);
  return 0.0664f * x * x * x - 0.1352f * x * x + 0.0768f * x + 0.0088f;
}

float two_sigma(float x) {
  return 0.16603222f + x * (4.71806468f + x * (-8.48101252f + x * 4.68961419f));
}
float two_drift_sigma(float x) {
  if (x < 0.3055f) return std::clamp(-0.0117f * log_of(x) - 0.0057f, 0.0091f, 0.04f);
  return -0.0118f * x * x + 0.0093f * x + 0.0073f;
}
float two_noise(float x) {
  if (x < 0.16f) return std::clamp(-0.0117f * log_of(x) - 0.0069f, 0.015f, 0.04f);
  return 0.0069f * x * x * x - 0.0280f * x * x + 0.0211f * x + 0.0123f;
}

float standard_sigma(float x) { return 0.26348f + x * (1.9650f - x * 1.1731f); }
float standard_drift_mean(float x) {
  return std::clamp(-0.0155f * log_of(x) + 0.0244f, 0.049f, 0.1f);
}
float standard_drift_sigma(float x) {
  return std::clamp(-0.0125f * log_of(x) - 0.0059f, 0.008f, 0.045f);
}
float standard_noise(float x) {
  const float power = static_cast<float>(exact_exp(0.65 * static_cast<double>(log_of(x))));
  return std::min(0.0088f / std::max(power, 1e-3f), 0.2f);
}

float quadratic_sigma(float x) {
  const float g = 25.0f * x;
  return 0.28638599f + g * (0.07585724f - g * 0.00178767f);
}

constexpr PcmFit kOneDevice{10.35f,          200.0,    512e-9, one_sigma, hermes_drift_mean,
                            one_drift_sigma, one_noise};
constexpr PcmFit kTwoDevices{20.7f,           300.0,    512e-9, two_sigma, hermes_drift_mean,
                             two_drift_sigma, two_noise};
constexpr PcmFit kStandard{
    25.0f, 20.0, 250e-9, standard_sigma, standard_drift_mean, standard_drift_sigma, standard_noise};
constexpr PcmFit kQuadratic{
    25.0f,         20.0, 250e-9, quadratic_sigma, standard_drift_mean, standard_drift_sigma,
    standard_noise};

}  // namespace

const PcmFit& pcm_fit(const PcmConfig& config) {
  if (config.variant == "hermes") return config.devices == 1 ? kOneDevice : kTwoDevices;
  if (config.variant == "standard") return kStandard;
  if (config.variant == "quadratic") return kQuadratic;
  user_error("unknown pcm variant '{}'. Known: hermes, standard, quadratic", config.variant);
}

}  // namespace aimc::cim
