# SPDX-License-Identifier: Apache-2.0
"""Wrong command lines: one line that says what would be right, exit code 2, and no file touched."""

import os
import socket
import subprocess
import unittest

import programs
import support
from test_errors import HELLO, HOST, Wrong

SPIN = support.FIRMWARE / "spin.elf"


class Words(Wrong):
    """The words of the command line themselves."""

    def words(self, *words):
        return support.run(support.VP, *words)

    def test_commands(self):
        self.check(self.words(), "a command is required: run, platforms or describe")
        self.check(self.words("--versio"), "no option '--versio'")
        self.check(self.words("boot"), "'boot' is no command; known: run, platforms, describe")

    def test_options_that_are_none(self):
        self.check(self.vp("--uarts", "stdout"), "no option '--uarts'", "aimc-vp run --help")
        self.check(self.words("run", "tiny", "hermes64", "--firmware", HELLO), "'hermes64'")

    def test_a_misspelt_option_is_not_told_as_a_missing_one(self):
        self.check(self.words("run", "tiny", "--firmwear", HELLO), "no option '--firmwear'")

    def test_what_is_missing(self):
        self.check(self.words("run", "tiny"), "--firmware is required")
        self.check(self.words("describe"), "--platform is required")

    def test_options_given_twice(self):
        self.check(self.vp("--firmware", HELLO), "--firmware", "once, not 2 times")

    def test_no_value_may_be_empty(self):
        for option in ("--quantum", "--until", "--stats", "--gdb", "--uart", "--itrace", "--trace",
                       "--semihost-dir", "--signature", "--profile", "--uart-input", "--network"):
            with self.subTest(option):
                self.check(self.vp(option, ""), option, "empty")
        self.check(self.vp(firmware=""), "--firmware", "empty")
        self.assertEqual(self.vp("--args", "").returncode, 0)

    def test_numbers(self):
        for option in ("--seed", "--count"):
            for value in ("-1", "abc", "1.5", "99999999999999999999999"):
                with self.subTest(f"{option} {value}"):
                    self.check(self.vp(option, value), option, f"'{value}' is no whole number",
                               "18446744073709551615")
        self.check(self.vp("--threads", "0"), "--threads", "1 to 256")

    def test_times_name_their_option(self):
        self.check(self.vp("--quantum", "2 s"), "--quantum: error:", "1 ns .. 1 s")
        self.check(self.vp("--until", "5"), "--until: error:", "133 ns")

    def test_options_that_need_or_exclude_another(self):
        for options, parts in ((("--gdb-wait",), ("--gdb-wait", "requires --gdb")),
                               (("--trace-filter", "+*"), ("requires --trace",)),
                               (("--logits",), ("--logits", "requires --stats")),
                               (("--count", "5"), ("--count", "requires --input")),
                               (("--input-format", "raw"), ("requires --input",)),
                               (("--itrace-from", "main"), ("requires --itrace",)),
                               (("--args", "x", "--no-semihosting"), ("excludes",))):
            with self.subTest(options):
                self.check(self.vp(*options), *parts)

    def test_one_form_of_a_description(self):
        self.check(self.words("describe", "tiny", "--svd", "--dts"), "--svd excludes --dts")
        self.check(self.words("describe", "tiny", "--format", "xml"), "xml", "svd")


class Values(Wrong):
    """Values of parameters and options that only the run finds wrong."""

    def test_isa_is_said_where_it_was_written(self):
        for isa in ("rv32imq", "rv64", "rv32e", "rv32imafd", "rv32imac_zfoo"):
            text = f"hart0.isa={isa}"
            for done in (self.vp("--set", text),
                         support.run(support.VP, "describe", "tiny", "--dts", "--set", text)):
                with self.subTest(isa):
                    self.check(done, f"--set {text}: error: 'hart0'", "expected rv32i")

    def test_a_program_for_another_hart_is_told_when_it_crashes(self):
        done = self.vp("--set", "hart0.isa=rv32ima", "--until", "10 ms")
        self.assertEqual(done.returncode, 101)
        self.assertIn("built for compressed instructions (C) and floating point (F), which hart0",
                      done.stderr)

    def test_isa_in_a_file(self):
        path = self.scratch("chip.yaml", f"platform: chip\nextends: {HOST}\ninstances:\n"
                            "  hart0: {params: {isa: rv32iq}}\n")
        self.check(self.vp(platform=path), f"{path}:4:", "'q'")

    def test_more_harts_than_there_can_be(self):
        harts = "".join(f"  hart{i}: {{ip: riscv, params: {{hart_id: {i}}}}}\n" for i in range(1, 9))
        path = self.scratch("chip.yaml", f"platform: chip\nextends: {HOST}\ninstances:\n{harts}")
        self.check(self.vp(platform=path), f"{path}:11:", "'hart8'", "at most 8")

    def test_a_binary_file_as_platform_does_not_reach_the_terminal(self):
        done = self.vp(platform=self.scratch("chip.yaml", b'a: "\\\x1b[31m"\n'))
        self.check(done, "chip.yaml:1:", "escape character")
        self.assertNotIn("\x1b", done.stderr)

    def test_reset_address(self):
        for value in ("0x100000000", "0x1001"):
            self.check(self.vp("--set", f"hart0.reset_pc={value}"),
                       f"--set hart0.reset_pc={value}: error:", "even and below")

    def test_memory_that_is_too_small_for_a_network(self):
        self.check(self.vp("--set", "ram0.size=64 MiB"), "network_image", "64 MiB", "larger")

    def test_a_trace_filter_that_leaves_nothing(self):
        trace = self.scratch("kept.pftrace", "good")
        known = ("matches nothing that is traced", "soc.hart0", "soc.tile*", "soc.dma*.ch*")
        for patterns, parts in ((["+*nox*"], ("'+*nox*'", *known)),
                                (["+*", "-*nox*"], ("'-*nox*'", *known)),
                                (["+hart0"], ("'+hart0'", *known)),
                                (["noc"], ("'noc'", "+ or -")),
                                (["-*noc*"], ("'-*noc*'", "leaves nothing", "+*"))):
            with self.subTest(patterns):
                done = self.vp("--trace", trace,
                               *[f"--trace-filter={pattern}" for pattern in patterns])
                self.check(done, "--trace-filter: error:", *parts)
                self.assertEqual(done.stdout, "")
                self.assertEqual(trace.read_text(encoding="utf-8"), "good")
        sizes = []
        for patterns in ([], ["--trace-filter=+*", "--trace-filter=-*bus*"]):
            self.assertEqual(self.vp("--trace", trace, *patterns).returncode, 0)
            sizes.append(trace.stat().st_size)
        self.assertLess(sizes[1], sizes[0] / 2)

    def test_a_run_that_does_not_begin_leaves_a_good_trace_alone(self):
        trace = self.scratch("kept.pftrace", "good")
        self.check(self.vp("--trace", trace, "--signature", support.WORK / "none"),
                   "begin_signature")
        self.assertEqual(trace.read_text(encoding="utf-8"), "good")

    def test_windows_of_the_instruction_trace(self):
        log = self.scratch("kept.log", "good")
        for options, parts in ((("--itrace-from", "nosuch"), ("no symbol 'nosuch'",)),
                               (("--itrace-from", "0x123456789"), ("no address of 32 bits",)),
                               (("--itrace-from", "2 ms", "--itrace-to", "1 ms"),
                                ("'1 ms' is not later than --itrace-from '2 ms'",))):
            with self.subTest(options):
                self.check(self.vp("--itrace", log, *options), *parts)
                self.assertEqual(log.read_text(encoding="utf-8"), "good")

    def test_an_empty_instruction_trace_is_told(self):
        log = support.WORK / "empty.log"
        done = self.vp("--itrace", log, "--itrace-from", "10 s")
        self.check(done, "is empty", "--itrace-from 10 s", code=0)

    def test_serial_ports_that_cannot_be_had(self):
        self.check(self.vp("--uart", "file:/nonexistent/x"), "--uart file:/nonexistent/x: error:")
        self.check(self.vp("--uart-input", "/nonexistent"), "--uart-input: error:")
        self.check(self.vp("--uart-input", support.WORK), "--uart-input: error:")
        self.check(self.vp("--uart-input", "/dev/zero"), "--uart-input /dev/zero: error:",
                   "for ever")
        self.check(self.vp("--uart", "stdio", "--uart-input", HELLO), "--uart-input", "choose one")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.check(self.vp("--uart", f"tcp:{port}"), f"--uart tcp:{port}: error:", "in use")


    def test_a_name_that_is_too_long(self):
        self.check(self.vp("--stats", "x" * 300), "x" * 300, "too long")


class Streams(Wrong):
    """Standard streams and disks that take nothing."""

    def vp_with(self, *options, firmware=HELLO, shell=""):
        words = " ".join(f"'{word}'" for word in (support.VP, "run", "tiny", "--firmware", firmware,
                                                  *options))
        return subprocess.run(["sh", "-c", f"exec {words} {shell}"], capture_output=True, text=True,
                              timeout=60, check=False)

    def test_a_crash_leaves_a_good_signature_alone(self):
        if programs.CC is None:
            self.skipTest("skipped: no riscv64-unknown-elf-gcc")
        elf = programs.build("signature_crash", programs.BARE, "-DSTACK",
                             "-Wl,--defsym=begin_signature=_start",
                             "-Wl,--defsym=end_signature=_start+8", "fatal.S")
        kept = self.scratch("signature", "good")
        done = programs.run(elf, "--signature", kept)
        self.assertEqual(done.returncode, 101)
        self.assertIn(f"no signature was written to '{kept}'", done.stderr)
        self.assertEqual(kept.read_text(encoding="utf-8"), "good")

    def test_a_full_disk_is_told(self):
        for option, what in (("--itrace", "instruction trace"), ("--profile", "profile"),
                             ("--stats", "statistics")):
            with self.subTest(option):
                self.check(self.vp(option, "/dev/full"), f"the {what} '/dev/full'", code=1)
        self.assertFalse(support.pathlib.Path("/dev/full.collapsed").exists())
        self.check(self.vp("--uart", "file:/dev/full"), "soc.uart0", code=1)

    def test_a_limit_on_the_size_of_files_is_told_as_a_full_disk_is(self):
        log = self.scratch("kept.log", "good")
        done = subprocess.run(["sh", "-c", f"ulimit -f 1; exec '{support.VP}' run tiny --firmware "
                               f"'{HELLO}' --itrace '{log}'"], capture_output=True, text=True,
                              timeout=60, check=False)
        self.check(done, f"the instruction trace '{log}' could not be written", code=1)
        self.assertEqual(log.read_text(encoding="utf-8"), "good")
        self.assertFalse(log.with_name(log.name + ".part").exists())

    def test_output_of_the_program_that_is_lost_is_told(self):
        for shell in (">/dev/full", ">&-"):
            with self.subTest(shell):
                self.check(self.vp_with(shell=shell), "standard output is closed or full", code=1)

    def unread(self, firmware, *options):
        """A run whose standard output is a pipe that nobody reads."""
        reading, writing = os.pipe()
        os.close(reading)
        try:
            return subprocess.run([support.VP, "run", "tiny", "--firmware", firmware, *options],
                                  stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60,
                                  check=False)
        finally:
            os.close(writing)

    def test_a_reader_that_goes_away_does_not_take_the_statistics_with_it(self):
        stats = self.scratch("stats.json", "")
        done = self.unread(HELLO, "--stats", stats)
        self.check(done, "standard output is closed or full", code=1)
        self.assertIn("schema", stats.read_text(encoding="utf-8"))

    def test_an_endless_program_ends_with_its_reader(self):
        if programs.CC is None:
            self.skipTest("skipped: no riscv64-unknown-elf-gcc")
        stats = self.scratch("stats.json", "")
        elf = programs.build("prints_for_ever", programs.BARE, "-DPRINT", "fatal.S")
        done = self.unread(elf, "--stats", stats)
        self.assertEqual(done.returncode, 141, done.stderr)
        self.assertIn("nobody reads the output any more", done.stderr)
        self.assertIn("schema", stats.read_text(encoding="utf-8"))

    def test_descriptions_that_are_lost_are_told(self):
        for words in ("platforms", "describe tiny", "describe tiny --dtb", "--help"):
            with self.subTest(words):
                done = subprocess.run(["sh", "-c", f"exec '{support.VP}' {words} >/dev/full"],
                                      capture_output=True, text=True, timeout=60, check=False)
                self.check(done, "aimc-vp: cannot print", code=1)

    def test_a_closed_standard_output_does_not_get_into_another_file(self):
        stats = support.WORK / "closed.json"
        self.vp_with("--stats", stats, shell=">&-")
        self.assertTrue(stats.read_text(encoding="utf-8").startswith("{"))

    def test_a_full_standard_error_is_no_crash(self):
        self.assertEqual(self.vp_with(firmware="/nonexistent", shell="2>/dev/full").returncode, 2)
        done = self.vp_with("--until", "1 us", firmware=SPIN, shell="2>/dev/full")
        self.assertEqual(done.returncode, 1)

    def test_a_run_that_does_not_begin_leaves_the_serial_file_alone(self):
        log = self.scratch("serial.txt", "good")
        self.check(self.vp("--uart", f"file:{log}", "--stats", "/nonexistent/x"), "/nonexistent/x")
        self.assertEqual(log.read_text(encoding="utf-8"), "good")
        self.assertEqual(self.vp("--uart", f"file:{log}", "--until", "1 us",
                                 firmware=SPIN).returncode, 124)
        self.assertEqual(log.read_text(encoding="utf-8"), "")


if __name__ == "__main__":
    unittest.main()
