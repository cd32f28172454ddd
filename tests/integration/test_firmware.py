# SPDX-License-Identifier: Apache-2.0
"""The firmware applications: what they print here, and on QEMU where they can run there."""

import unittest

import programs
import support

APPS = support.ROOT / "firmware" / "apps"


def boot(name, platform="tiny", *options):
    return support.run(support.VP, "run", "--platform", platform, "--firmware",
                       support.FIRMWARE / f"{name}.elf", "--until", "1 s", *options)


class Apps(unittest.TestCase):
    def check(self, name):
        done = boot(name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        expected = (APPS / name / "expected.txt").read_text(encoding="utf-8")
        self.assertEqual(done.stdout, expected)

    def test_hello_prints_what_its_page_says(self):
        self.check("hello")

    def test_selftest_prints_what_its_page_says(self):
        self.check("selftest")

    def test_dma_copy_prints_what_its_page_says(self):
        self.check("dma_copy")

    def test_cim_mvm_is_exact_on_an_ideal_tile(self):
        self.check("cim_mvm")

    def test_cim_mvm_stays_within_its_bound_on_a_pcm_tile(self):
        done = boot("cim_mvm", "hermes64")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_exit_code_is_the_firmwares(self):
        done = boot("fault_hole")
        self.assertNotIn(done.returncode, (0, 124, 125))

    def test_output_does_not_depend_on_the_quantum(self):
        outputs = {boot("selftest", "tiny", "--quantum", quantum).stdout
                   for quantum in ("100 ns", "1 us", "10 us")}
        self.assertEqual(len(outputs), 1)


@unittest.skipUnless(programs.QEMU, "skipped: no qemu-system-riscv32")
class OnQemu(unittest.TestCase):
    def check(self, name):
        here, there = boot(name), programs.run_qemu(support.FIRMWARE / f"{name}.elf")
        self.assertEqual(here.stdout, there.stdout.replace("\r\n", "\n"))
        self.assertEqual(here.returncode, there.returncode)

    def test_hello_prints_the_same_on_qemu(self):
        self.check("hello")

    def test_selftest_prints_the_same_on_qemu(self):
        self.check("selftest")


class Inference(unittest.TestCase):
    def test_a_small_network_runs_on_the_smallest_platform(self):
        stats = support.infer("tiny", support.WORK / "digits_mlp_tiny.aimc", "--count", 50,
                              name="tiny_mlp")
        self.assertEqual(stats["result"]["images"], 50)
        self.assertGreaterEqual(stats["result"]["accuracy"], 0.85)


if __name__ == "__main__":
    unittest.main()
