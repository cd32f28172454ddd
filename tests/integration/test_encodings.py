# SPDX-License-Identifier: Apache-2.0
"""Two million random 32-bit encodings, each executed alone, here and on QEMU."""

import unittest

import test_differences


class Encodings(test_differences.Differences):
    def test_random_words(self):
        for seed in range(2, 6):
            with self.subTest(seed=seed):
                self.check("encodings", 577, start=("start.S", "encodings.S"),
                           flags=("-DROUNDS=512", f"-DSEED={seed}"))


if __name__ == "__main__":
    unittest.main()
