#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the simulator: hart, tile arithmetic, network, whole inferences. Prints tables; with
# --write also puts them into docs/performance.md. Run it on an idle machine.
source "$(dirname "$0")/common.sh"

need $BUILD_PACKAGES qemu-system-misc
build
[ -f "$BUILD/demo/digits_test.u8" ] || /usr/bin/python3 sw/train/digits_data.py --out "$BUILD/demo"
/usr/bin/python3 scripts/bench.py --build "$BUILD" "$@"
