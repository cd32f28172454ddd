// SPDX-License-Identifier: Apache-2.0
#include "kernels.h"

#include <atomic>

#include "aimc/cim/kernel_choice.h"
#include "aimc/common/error.h"

namespace aimc::cim {

extern const Kernels kPortableKernels;
#if defined(__x86_64__)
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
#endif

namespace {

std::vector<const Kernels*> supported() {
  std::vector<const Kernels*> variants;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    variants.push_back(&kAvx512Kernels);
  if (__builtin_cpu_supports("avx2")) variants.push_back(&kAvx2Kernels);
#endif
  variants.push_back(&kPortableKernels);
  return variants;
}

std::atomic<const Kernels*>& chosen() {
  static std::atomic<const Kernels*> choice{supported().front()};
  return choice;
}

}  // namespace

const Kernels& kernels() { return *chosen().load(std::memory_order_relaxed); }

std::vector<std::string> kernel_names() {
  std::vector<std::string> names;
  for (const Kernels* variant : supported()) names.emplace_back(variant->name);
  return names;
}

std::string kernels_in_use() { return kernels().name; }

void use_kernels(std::string_view name) {
  for (const Kernels* variant : supported())
    if (name == variant->name) {
      chosen() = variant;
      return;
    }
  user_error("unknown kernels '{}'. This CPU runs: {}", name, join(kernel_names()));
}

}  // namespace aimc::cim
