#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a change must pass before it lands, beyond the tests: format, warnings as errors, clang-tidy
# (the last only for the files named as arguments, or with --tidy for all of them).
source "$(dirname "$0")/common.sh"

need $BUILD_PACKAGES $TEST_PACKAGES clang-tidy
say "Format"
git ls-files -z '*.cpp' '*.h' | xargs -0 clang-format --dry-run --Werror

say "Warnings as errors"
[ -f build-dev/build.ninja ] || cmake --preset dev >/dev/null
cmake --build build-dev -j "${AIMC_JOBS:-$(nproc)}"

files=("$@")
if [ "${1:-}" = --tidy ]; then  # without the loop, built with options that only GCC knows
  mapfile -t files < <(git ls-files 'ip/*/src/*.cpp' 'sw/*/src/*.cpp' 'platform/*/src/*.cpp' |
    grep -v riscv/src/execute.cpp)
fi
if [ ${#files[@]} -gt 0 ]; then
  say "clang-tidy on ${#files[@]} files"
  printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build-dev --quiet
fi
say "All checks passed"
