# SPDX-License-Identifier: Apache-2.0
"""Makes what the other integration tests run: digit records and compiled networks."""

import unittest

import support


class Prepare(unittest.TestCase):
    def test_digits_and_networks(self):
        done = support.run("/usr/bin/python3", support.ROOT / "sw/train/digits_data.py", "--out",
                           support.WORK)
        self.assertEqual(done.returncode, 0, done.stderr)
        for model, platform, name in (
                ("digits_cnn", "ideal64", "digits_cnn"),
                ("digits_mlp", "tiny", "digits_mlp_tiny"),
                ("digits_cnn", support.PLATFORMS / "mesh3x5.yaml", "digits_cnn_3x5"),
                ("digits_cnn", support.PLATFORMS / "mesh16x16.yaml", "digits_cnn_16x16")):
            support.compile_network(model, platform, support.DIGITS_TRAIN, name)
        if support.MNIST.exists():
            support.compile_network("mnist_cnn", "ideal64", support.MNIST_TRAIN, "mnist_cnn")


if __name__ == "__main__":
    unittest.main()
