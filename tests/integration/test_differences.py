# SPDX-License-Identifier: Apache-2.0
"""Where programs see something else here than on QEMU 7.2, they see what ip/riscv/README.md says,
and nowhere else: programs that look at all of the machine run on both, and each line of theirs that
differs belongs to a row of the tables there."""

import pathlib
import re
import unittest

import differences
import differences_machine
import programs
import support

README = support.ROOT / "ip" / "riscv" / "README.md"
ROWS = {"### The hart": differences.HART, "### The machine": differences_machine.MACHINE}
# Our groups of instructions and levels, as near as its options come.
CPU = "rv32,d=false,zbc=false,h=false,s=false"
WITHOUT_C = {"flags": ["-march=rv32imaf_zicsr_zifencei"], "cpu": CPU + ",c=false",
             "options": ["--set", "hart0.isa=rv32imaf_zba_zbb_zbs"]}


def is_compared_with():
    """The version whose differences are in the tables."""
    return programs.QEMU and "version 7.2" in support.run(programs.QEMU, "--version").stdout


def results(done):
    """`name: result` of each line; a name that comes twice would hide a result."""
    found = {"exit code": str(done.returncode)}
    for line in done.stdout.replace("\r", "").splitlines():
        name, colon, result = line.partition(": ")
        assert colon and name not in found, line
        found[name] = result
    return found


def stated(program):
    """What the rows say of a program (on some CPU): line -> (here, QEMU)."""
    lines = {}
    for rows in ROWS.values():
        for row in rows:
            for name, values in row.lines.get(program, {}).items():
                assert name not in lines, f"in two rows: {name}"
                lines[name] = values
    return lines


@programs.needs_compiler
@unittest.skipUnless(is_compared_with(), "skipped: no qemu-system-riscv32 7.2")
class Differences(unittest.TestCase):
    maxDiff = None

    def check(self, program, least, start=("start.S", "probe.S", "probe.c"), flags=(), cpu=CPU,
              options=(), harts=1, also=None):
        elf = programs.build(f"differ_{program}", programs.BARE, *flags, *start,
                             f"differ_{program}.c")
        platform = "tiny" if harts == 1 else support.PLATFORMS / "two_harts.yaml"
        here = programs.run(elf, *options, platform=platform)
        there = programs.run_qemu(elf, "-m", "256", "-cpu", cpu,
                                  *([] if harts == 1 else ["-smp", harts]))
        ours, theirs = results(here), results(there)
        if program != "end":
            self.assertEqual(here.returncode, 0, here.stderr)
        self.assertGreaterEqual(len(ours), least, "what it asks\n" + here.stderr)
        seen = {name: (ours.get(name), theirs.get(name)) for name in {*ours, *theirs}
                if ours.get(name) != theirs.get(name)}
        self.assertEqual(seen, stated(program) | stated(also), here.stderr + there.stderr)

    def test_exceptions_of_single_instructions(self):
        self.check("traps", 120)

    def test_with_the_cpu_as_it_comes(self):
        self.check("traps", 120, cpu="rv32", also="traps, rv32")
        self.check("user", 235, cpu="rv32", also="user, rv32")

    def test_jumps_without_compressed_instructions(self):
        self.check("jumps", 13, **WITHOUT_C)

    def test_every_control_and_status_register(self):
        self.check("csrs", 480)

    def test_levels_vectors_float_state_and_counters(self):
        self.check("user", 235)

    def test_memory_protection(self):
        self.check("pmp", 440)

    def test_the_memory_map_and_every_register_of_the_devices(self):
        self.check("devices", 290)

    def test_interrupts_boot_and_reset(self):
        self.check("machine", 230)

    def test_every_compressed_encoding_and_random_ones_of_32_bits(self):
        self.check("encodings", 96, start=("start.S", "encodings.S"))

    def test_reservations_with_two_harts(self):
        self.check("harts", 5, start=("harts_start.S",), harts=2, options=["--quantum", "1 us"])

    def test_how_a_program_ends(self):
        self.check("end", 3)


class Tables(unittest.TestCase):
    def test_the_readme_has_the_rows_that_are_checked(self):
        text = README.read_text(encoding="utf-8")
        for heading, rows in ROWS.items():
            table = [f"| {row.what} | {row.here} | {row.qemu} | {row.test} |" for row in rows]
            section = text.partition(f"\n{heading}\n")[2].partition("\n#")[0]
            found = [line for line in section.splitlines() if line.startswith("| ")][1:]
            self.assertEqual(found, table, heading)

    def test_every_row_is_checked_by_a_program(self):
        for row in [row for rows in ROWS.values() for row in rows]:
            self.assertTrue(any(row.lines.values()), row.what)
            for program in row.lines:
                source = programs.SOURCES / f"differ_{program.split(',')[0]}.c"
                self.assertTrue(source.exists(), row.what)

    def test_the_tests_that_the_rows_name_exist(self):
        sources = "\n".join(path.read_text(encoding="utf-8")
                            for path in sorted((support.ROOT / "ip").glob("*/test/*.cpp")))
        there = {f"{suite}.{case}" for suite, case in
                 re.findall(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", sources)}
        for row in [row for rows in ROWS.values() for row in rows]:
            name = row.test.strip("`")
            self.assertTrue(name in there or (support.ROOT / pathlib.Path(name)).is_file(), name)


if __name__ == "__main__":
    unittest.main()
