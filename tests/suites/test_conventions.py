# SPDX-License-Identifier: Apache-2.0
"""How programs of other people's suites are loaded, how they print and how they end."""

import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import harness

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE / "conventions"
BARE = HERE.parent / "programs" / "bare.ld"
TWO_HARTS = HERE.parent / "platforms" / "two_harts.yaml"
COMMAND = [harness.COMPILER, "-march=rv32imafc_zicsr_zifencei", "-mabi=ilp32f", "-mcmodel=medany",
           "-nostdlib", "-static", "-Wl,--no-warn-rwx-segments"]
TIMEOUT, INTERRUPTED = 124, 130


@unittest.skipUnless(shutil.which(harness.COMPILER), "skipped: no riscv64-unknown-elf-gcc")
class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def build(self, source, *flags, script=BARE):
        elf = self.folder / f"{pathlib.Path(source).stem}.elf"
        error = harness.compile_program([*COMMAND, f"-T{script}", *flags, SOURCES / source], elf)
        self.assertIsNone(error)
        return elf

    def run_elf(self, elf, *options, platform="tiny"):
        return subprocess.run([harness.find_vp(), "run", "--platform", platform, "--firmware", elf,
                               *(options or ("--until", "1 ms"))], capture_output=True, text=True,
                              timeout=60, check=False, stdin=subprocess.DEVNULL)

    def ends(self, code, *flags, **options):
        done = self.run_elf(self.build("ends.S", *flags), **options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr


class Loading(Case):
    def test_segments_at_physical_addresses_and_the_entry(self):
        done = self.run_elf(self.build("layout.S", script=SOURCES / "layout.ld"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_all_harts_start_at_the_entry_and_each_can_end_the_run(self):
        self.ends(9, "-DVALUE=19", "-DHART=1", platform=TWO_HARTS)


class Ending(Case):
    def test_tohost_is_found_wherever_it_is(self):
        for address in (0x80000ff8, 0x80001000, 0x80003004, 0x83fffff8):
            with self.subTest(hex(address)):
                self.ends(0, "-DVALUE=1", "-DELSEWHERE", f"-Wl,--defsym=tohost={address:#x}")
                self.ends(5, "-DVALUE=11", "-DELSEWHERE", f"-Wl,--defsym=tohost={address:#x}")

    def test_a_local_symbol_without_fromhost(self):
        self.ends(0, "-DVALUE=1", "-DLOCAL")

    def test_a_code_beyond_a_byte_does_not_look_passed(self):
        self.assertIn("(exit code 256)", self.ends(255, "-DVALUE=513"))
        self.assertIn("(exit code 668)", self.ends(255, "-DVALUE=1337"))
        self.ends(255, "-DVALUE=1", "-DHIGH=2")

    def test_the_largest_code_that_fits(self):
        self.ends(255, "-DVALUE=511")
        self.ends(254, "-DVALUE=509")

    def test_the_proxy_kernels_services(self):
        done = self.run_elf(self.build("services.S"))
        self.assertEqual(done.stdout, "printed by a service\n")
        self.assertEqual(done.returncode, 12, done.stderr)


class Hints(Case):
    def test_a_program_that_has_no_tohost(self):
        text = self.ends(TIMEOUT, "-DNOTHING")
        self.assertIn("has no symbol 'tohost'", text)
        self.assertEqual(len(text.splitlines()), 1, text)

    def test_a_program_without_tohost_that_the_user_stops(self):
        elf = self.build("ends.S", "-DNOTHING")
        command = [harness.find_vp(), "run", "tiny", "--firmware", elf, "--itrace",
                   self.folder / "log"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + 60  # the log's begin tells that the program runs
            while time.monotonic() < deadline and not any(
                    path.stat().st_size for path in self.folder.glob("log*")):
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            _, text = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED, text)
        self.assertIn("has no symbol 'tohost'", text)

    def test_a_program_whose_symbols_were_stripped(self):
        elf = self.build("ends.S", "-DVALUE=1", "-s")
        self.assertIn("has no symbol 'tohost'", self.run_elf(elf).stderr)

    def test_no_hint_when_it_is_there(self):
        elf = self.build("layout.S", script=SOURCES / "layout.ld")
        self.assertNotIn("no symbol", self.run_elf(elf, "--until", "20 ns").stderr)

    def test_a_tohost_that_is_not_memory(self):
        for address in (0x100000, 0x10000000, 0x30000000, 0x8ffffffc):
            with self.subTest(hex(address)):
                elf = self.build("ends.S", "-DVALUE=0", "-DELSEWHERE",
                                 f"-Wl,--defsym=tohost={address:#x}")
                self.assertIn(f"tohost at {address:#010x} is not memory",
                              self.run_elf(elf).stderr)


if __name__ == "__main__":
    unittest.main()
