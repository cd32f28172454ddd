# SPDX-License-Identifier: Apache-2.0
"""What the integration tests share: paths, running programs, statistics, prepared networks."""

import json
import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("AIMC_BUILD_DIR", ROOT / "build")).resolve()
DATA = pathlib.Path(os.environ.get("AIMC_DATA", ROOT.parent / "shared" / "data"))
VP = BUILD / "bin" / "aimc-vp"
COMPILE = BUILD / "bin" / "aimc-compile"
NETWORK = BUILD / "bin" / "aimc-network"
FIRMWARE = BUILD / "firmware"
WORK = BUILD / "tests" / "integration"
PLATFORMS = ROOT / "tests" / "platforms"

DIGITS = WORK / "digits_test.u8"
DIGITS_LABELS = WORK / "digits_test.labels"
DIGITS_TRAIN = WORK / "digits_train.u8"
MNIST = DATA / "mnist" / "t10k-a-images-idx3-ubyte.gz"
MNIST_LABELS = DATA / "mnist" / "t10k-a-labels-idx1-ubyte.gz"
MNIST_TRAIN = DATA / "mnist" / "train-images-idx3-ubyte.gz"


def run(*command, timeout=600, **options):
    """Runs a program; returns the completed process with text output."""
    return subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=timeout, check=False, **options)


def compile_network(model, platform, calibrate, name, *options):
    """Compiles models/<model>.onnx and returns the path of the image."""
    WORK.mkdir(parents=True, exist_ok=True)
    image = WORK / f"{name}.aimc"
    done = run(COMPILE, ROOT / "models" / f"{model}.onnx", "--platform", platform,
               "--calibrate", calibrate, "-o", image, *options)
    if done.returncode != 0:
        raise AssertionError(f"aimc-compile failed:\n{done.stderr}")
    return image


def infer(platform, image, *options, name="run", inputs=DIGITS, labels=DIGITS_LABELS, check=True):
    """Runs inference and returns its statistics."""
    WORK.mkdir(parents=True, exist_ok=True)
    stats = WORK / f"{name}.json"
    done = run(VP, "run", "--platform", platform, "--firmware", FIRMWARE / "inference.elf",
               "--network", image, "--input", inputs, "--labels", labels, "--stats", stats,
               *options)
    if check and done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    with open(stats, encoding="utf-8") as file:
        return json.load(file)


def logits(stats):
    """The logits of each image, by frame."""
    return {row["frame"]: row["logits"] for row in stats["result"]["logits"]}


def without_host(stats):
    """Everything but what the host spent."""
    return {key: value for key, value in stats.items() if key != "host"}


def needs_mnist(test):
    """Skips a test where the shared data set is absent."""
    return unittest.skipUnless(MNIST.exists(), "skipped: no data")(test)
