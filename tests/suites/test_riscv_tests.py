# SPDX-License-Identifier: Apache-2.0
"""The runner of riscv-tests, on own programs with the same conventions and on the suite itself."""

import os
import pathlib
import shutil
import unittest

import harness
import riscv_tests
import suite_case
from suite_case import needs_compiler, row

HERE = pathlib.Path(__file__).resolve().parent
MINIATURE = HERE / "miniature"
SOUND = ["--group", "rv32ui", "--group", "rv32mi", "--group", "rv32uf"]
SUITE = pathlib.Path(os.environ.get("AIMC_RISCV_TESTS", harness.ROOT.parent / "shared" /
                                    "riscv-tests"))


class Case(suite_case.Case):
    RUNNER, MINIATURE = "riscv_tests.py", MINIATURE


@needs_compiler
class Conventions(Case):
    """Programs that start, fail and end as those of riscv-tests do."""

    def test_start_up_traps_counters_protection_and_float(self):
        text = self.run_suite(*SOUND)
        self.assertEqual(row(text, "rv32mi"), (3, 3, 0, 0))
        self.assertEqual(row(text, "rv32ui"), (2, 1, 0, 1))
        self.assertEqual(row(text, "all"), (6, 5, 0, 1))

    def test_the_same_with_a_short_quantum_and_an_instruction_log(self):
        self.run_suite(*SOUND, "--option=--quantum=100ns")
        self.run_suite(*SOUND, "--option=--itrace=/dev/null")

    def test_other_harts_spin(self):
        text = self.run_suite(*SOUND, "--platform", harness.ROOT / "tests/platforms/two_harts.yaml")
        self.assertEqual(row(text, "all"), (6, 5, 0, 1))

    def test_each_way_to_fail_is_told(self):
        text = self.run_suite("--group", "rv32broken", "--until", "1 ms", code=1)
        for part in ("rv32broken-p-number: test number 21 (tohost 0x2b)",
                     "rv32broken-p-trap: unexpected trap (tohost 0x53b)",
                     "rv32broken-p-endless: did not end by tohost: aimc-vp: the firmware did not",
                     "rv32broken-p-asleep: did not end by tohost: aimc-vp: nothing is left to",
                     "rv32broken-p-finisher: did not end by tohost",
                     "rv32broken-p-syntax: not built", "no_such_instruction"):
            self.assertIn(part, text)
        self.assertEqual(row(text, "all"), (6, 0, 6, 0))

    def test_a_program_that_blocks_the_host_is_stopped(self):
        text = self.run_suite("--group", "rv32broken", "--timeout", "0.0001", code=1)
        self.assertIn("rv32broken-p-endless: still running at the time limit", text)

    def test_what_the_hart_lacks_is_skipped_with_the_reason(self):
        text = self.run_suite("--group", "rv32si", "--group", "rv32uf", "--group", "rv32ui",
                              "--isa", "rv32imac")
        self.assertIn("skipped 1 of rv32si: the hart has no supervisor mode", text)
        self.assertIn("skipped 1 of rv32uf: the hart is rv32imac", text)
        self.assertIn("skipped 1 of rv32ui: not in the group's Makefrag", text)
        self.assertEqual(row(text, "all"), (4, 1, 0, 3))

    def test_programs_that_are_built_already(self):
        self.run_suite(*SOUND)
        (self.folder / "work" / "rv32ui-p-arithmetic.dump").write_text("a listing")
        done = self.runner("--elf", self.folder / "work", "--group", "rv32ui", "--group", "rv32mi")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(row(done.stdout, "all"), (4, 4, 0, 0))

    def test_a_wrong_program_is_found_out(self):
        copy = self.folder / "suite"
        shutil.copytree(MINIATURE, copy)
        source = copy / "isa" / "rv32ui" / "arithmetic.S"
        source.write_text(source.read_text().replace("40, 2, 42", "40, 2, 43"))
        text = self.run_suite("--group", "rv32ui", suite=copy, code=1)
        self.assertIn("rv32ui-p-arithmetic: test number 2 (tohost 0x5)", text)


class Mistakes(Case):
    """Wrong paths end with one line and exit code 2."""

    def test_neither_sources_nor_programs(self):
        self.assertEqual(self.runner().returncode, 2)

    def test_a_folder_that_is_not_there(self):
        self.refused("--suite", self.folder / "none", says=["no such directory", "riscv-tests"])

    def test_a_file_instead_of_a_folder(self):
        self.refused("--suite", __file__, says=["not a directory"])

    def test_a_folder_that_is_something_else(self):
        self.refused("--suite", HERE, says=["isa/macros/scalar"])

    def test_the_environment_is_not_checked_out(self):
        (self.folder / "isa" / "macros" / "scalar").mkdir(parents=True)
        self.refused("--suite", self.folder, says=["git submodule update --init env"])

    def test_a_suite_for_64_bit_only(self):
        for path in ("isa/macros/scalar", "isa/rv64ui", "env/p"):
            (self.folder / path).mkdir(parents=True)
        (self.folder / "env/p/riscv_test.h").touch()
        if not shutil.which(harness.COMPILER):
            self.skipTest("skipped: no riscv64-unknown-elf-gcc")
        self.refused("--suite", self.folder, says=["no folder rv32*"])

    def test_a_folder_without_programs(self):
        self.refused("--elf", self.folder, says=["no program rv32*-p-*", "XLEN=32"])

    def test_no_simulator(self):
        self.refused("--elf", self.folder, "--vp", self.folder / "vp", says=["--vp"])

    def test_no_compiler(self):
        self.refused("--suite", MINIATURE, "--gcc", "no-such-gcc", says=["no-such-gcc", "--gcc"])

    def test_no_such_group(self):
        if not shutil.which(harness.COMPILER):
            self.skipTest("skipped: no riscv64-unknown-elf-gcc")
        for groups in (["rv32ux"], ["rv32ui", "rv64ui"]):
            options = [word for group in groups for word in ("--group", group)]
            self.refused("--suite", MINIATURE, *options,
                         says=[f"no program in the group {groups[-1]}; there are", "rv32ui"])

    def test_a_group_that_a_built_folder_has_not_got(self):
        (self.folder / "rv32ui-p-add").touch()
        self.refused("--elf", self.folder, "--group", "rv32um",
                     says=["no program in the group rv32um; there are rv32ui"])

    def test_an_isa_that_the_harts_cannot_be(self):
        for isa, says in (("rv64imac", "does not begin with rv32i"), ("rv32imafd", "'d'"),
                          ("rv32imac_zfh", "'zfh'"), ("", "''")):
            with self.subTest(isa):
                self.refused("--suite", MINIATURE, "--isa", isa, says=["isa '" + isa, says])

    def test_options_that_the_simulator_refuses_are_told_once(self):
        for options, says in ((["--platform", "tinny"], "no platform 'tinny'"),
                              (["--until", "5"], "--until: error:"),
                              (["--option=--foo"], "no option '--foo'")):
            with self.subTest(options):
                self.refused("--suite", MINIATURE, *options, says=[says])

    def test_a_folder_that_cannot_be_made(self):
        if not shutil.which(harness.COMPILER):
            self.skipTest("skipped: no riscv64-unknown-elf-gcc")
        self.refused("--suite", MINIATURE, "--work", "/dev/null/work", says=["/dev/null/work"])


class Verdict(unittest.TestCase):
    """What the end of a run means."""

    def end(self, reason, code, stderr=""):
        return harness.End(code & 255, reason, code, stderr)

    def test_only_zero_by_tohost_is_a_pass(self):
        self.assertIsNone(riscv_tests.judge(self.end("tohost", 0)))
        self.assertIn("number 9", riscv_tests.judge(self.end("tohost", 9)))
        self.assertIn("did not end", riscv_tests.judge(self.end("finisher", 0)))
        self.assertIn("time limit", riscv_tests.judge(None))

    def test_an_exit_code_beyond_a_byte_is_not_taken_for_a_pass(self):
        self.assertIn("number 256", riscv_tests.judge(self.end("tohost", 256)))

    def test_a_simulator_that_refuses_the_program_is_quoted(self):
        end = harness.End(2, None, 2, "x.elf: error: no ELF file\n")
        self.assertIn("x.elf: error: no ELF file", riscv_tests.judge(end))


@needs_compiler
@unittest.skipUnless("AIMC_RISCV_TESTS" in os.environ or SUITE.exists(), "skipped: no data")
class PublicSuite(Case):
    """riscv-tests as they are, when AIMC_RISCV_TESTS or ../shared/riscv-tests has a checkout."""

    def check(self, *options):
        text = self.run_suite(*options, suite=SUITE)
        self.assertGreater(row(text, "all")[1], 0)

    def test_all_groups(self):
        self.check()

    def test_a_short_quantum(self):
        self.check("--option=--quantum=100ns")

    def test_with_the_instruction_log(self):
        self.check("--option=--itrace=/dev/null")


if __name__ == "__main__":
    unittest.main()
