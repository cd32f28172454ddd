#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From nothing to inference: installs what is missing, builds, compiles the digit CNN for the 64-tile
# PCM chip, boots the firmware on the simulated hart and classifies real handwritten digits.
source "$(dirname "$0")/common.sh"

need $BUILD_PACKAGES
build aimc-vp aimc-compile aimc-network firmware_images

say "Digits: 355 test images of 8 x 8 pixels from scikit-learn's data"
[ -f "$BUILD/demo/digits_test.u8" ] || /usr/bin/python3 sw/train/digits_data.py --out "$BUILD/demo"

say "Compiling models/digits_cnn.onnx for hermes64"
"$BUILD/bin/aimc-compile" models/digits_cnn.onnx --platform hermes64 \
  --calibrate "$BUILD/demo/digits_train.u8" -o "$BUILD/demo/digits_cnn.aimc" --report

say "Booting the firmware on hermes64"
"$BUILD/bin/aimc-vp" run --platform hermes64 --firmware "$BUILD/firmware/inference.elf" \
  --network "$BUILD/demo/digits_cnn.aimc" --input "$BUILD/demo/digits_test.u8" \
  --labels "$BUILD/demo/digits_test.labels" --stats "$BUILD/demo/digits_cnn.json"

cat <<TEXT

Try next: the same network on exact arrays, with a timeline for https://ui.perfetto.dev

  $BUILD/bin/aimc-vp run --platform hermes64 --set 'tile*.kind=ideal' \\
    --firmware $BUILD/firmware/inference.elf --network $BUILD/demo/digits_cnn.aimc \\
    --input $BUILD/demo/digits_test.u8 --labels $BUILD/demo/digits_test.labels \\
    --count 20 --trace $BUILD/demo/digits.perfetto
TEXT
