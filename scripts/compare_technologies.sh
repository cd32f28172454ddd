#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same network on every memory technology, side by side: accuracy, latency, energy per image.
# Prints a table and writes technologies.csv and technologies.svg into build/technologies (--out DIR).
# Digits come with scikit-learn; MNIST is measured too where the data set is there. --docs refreshes
# the table and the picture of platform/configs/README.md.
source "$(dirname "$0")/common.sh"

need $BUILD_PACKAGES
build aimc-vp aimc-compile firmware_images
[ -f "$BUILD/demo/digits_test.u8" ] || /usr/bin/python3 sw/train/digits_data.py --out "$BUILD/demo"
/usr/bin/python3 scripts/compare_technologies.py --build "$BUILD" "$@"
