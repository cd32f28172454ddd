#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds everything and runs the tests that CI runs. Arguments go to
# ctest, e.g. scripts/test.sh -R Dma. Long sweeps carry the label "nightly": ctest -L nightly.
source "$(dirname "$0")/common.sh"

need $BUILD_PACKAGES $TEST_PACKAGES
build

say "Testing (data sets: ${AIMC_DATA:-$ROOT/../shared/data})"
cd "$BUILD"
ctest --output-on-failure --no-tests=error -j "${AIMC_JOBS:-$(nproc)}" -LE nightly "$@" \
  > ctest.log 2>&1 && status=0 || status=$?
grep -vE '^ *[0-9]+/[0-9]+ Test .* Passed|^ *Start ' ctest.log |
  sed -E 's/ \.{4,} *(\*\*\*)?/ ... /' | tail -n 80
skipped=$(grep -cE '\*\*\*Skipped' ctest.log || true)
total=$(sed -nE 's/.*tests failed out of ([0-9]+).*/\1/p' ctest.log)
echo "Executed $((${total:-0} - skipped)) tests, skipped $skipped."
exit "$status"
