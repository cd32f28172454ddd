# SPDX-License-Identifier: Apache-2.0
"""The commit log of whole programs agrees with itself and with the program, line by line."""

import re
import unittest

import commit_replay
import programs
import support
from gdb_support import PROGRAM, TWO_HARTS, Platform, Scripted


@programs.needs_compiler
class CommitLog(unittest.TestCase):
    def replay(self, elf, *options):
        out = programs.WORK / f"{self.id().rsplit('.', 1)[1]}.log"
        done = programs.run(elf, "--itrace", out, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return commit_replay.replay(elf, out.read_text(encoding="ascii").splitlines())

    def mix(self, rounds):
        return programs.build(f"log_mix_{rounds}", programs.BARE, f"-DROUNDS={rounds}", "log_mix.S")

    def test_every_kind_of_line_follows_from_those_before(self):
        seen = self.replay(self.mix(300))
        self.assertGreater(seen["lines"], 30000)
        # What the program is made of was there, and could be checked.
        for kind, least in {"loads of known values": 3000, "unaligned": 1000, "amo": 2500, "sc": 250,
                            "flags": 3000, "dirty": 1, "user": 80, "traps": 100,
                            "known fflags": 1000, "known fcsr": 200, "known mscratch": 200,
                            "known mepc": 10}.items():
            self.assertGreaterEqual(seen[kind], least, kind)

    def test_instructions_that_trap_have_no_line(self):
        seen = self.replay(self.mix(100), "--set", "hart0.misaligned=trap")
        self.assertGreater(seen["traps"], 400)
        self.assertEqual(seen["unaligned"], 0)

    def test_the_replay_notices_what_does_not_follow(self):
        elf = self.mix(20)
        out = programs.WORK / "mistakes.log"
        programs.run(elf, "--itrace", out)
        lines = out.read_text(encoding="ascii").splitlines()

        def at(pattern, start=200):
            return next(n for n in range(start, len(lines)) if re.search(pattern, lines[n]))

        def refused(number, line):
            changed = [*lines[:number], *([] if line is None else [line]), *lines[number + 1:]]
            with self.assertRaises(commit_replay.Mismatch, msg=f"{lines[number]} -> {line}"):
                commit_replay.replay(elf, changed)

        plain, load = at(r"\) x\d+ +0x[0-9a-f]{8}$"), at(r"x\d+ +0x\w+ mem \w+$")
        store, flags = at(r"\) mem \w+ 0x\w{8}$"), at(r" c1_fflags 0x0000001\w f")
        refused(plain, None)  # a line is missing
        refused(plain, re.sub(r"0x(\w+) \(", "0x80000000 (", lines[plain]))
        refused(load, re.sub(r"mem 0x8", "mem 0x9", lines[load]))
        refused(store, re.sub(r"(\w)$", lambda m: f"{int(m[1], 16) ^ 1:x}", lines[store]))
        refused(store, lines[store][:-2])  # too narrow
        refused(store, re.sub(r" mem.*", "", lines[store]))
        refused(flags, re.sub(r"fflags 0x0000001", "fflags 0x0000000", lines[flags]))
        mret = at(r"mstatush")
        refused(mret, re.sub(r" c784_mstatush 0x0{8}", "", lines[mret]))
        refused(mret, re.sub(r"(c768_mstatus 0x\w{6})", r"\g<1>11", lines[mret])[:-2])

    def test_a_window_replays_too(self):
        seen = self.replay(self.mix(20), "--itrace-from", "loop")
        self.assertGreater(seen["lines"], 2000)


class DebuggedLog(Scripted):
    """What a debugger does between instructions."""

    def test_stops_and_steps_leave_log_and_profile_as_they_are(self):
        programs.WORK.mkdir(parents=True, exist_ok=True)
        plain, debugged = programs.WORK / "plain.log", programs.WORK / "debugged.log"
        files = lambda log: ("--itrace", log, "--profile", log.with_suffix(".profile"))
        done = support.run(support.VP, "run", "--platform", TWO_HARTS, "--firmware", PROGRAM,
                           *files(plain))
        self.assertEqual(done.returncode, 0, done.stderr)
        with Platform(*files(debugged)) as platform:
            text = platform.gdb("stepi 30", "break main", "continue", "watch total", "awatch ticks",
                                "next", "stepi 100", "continue", "stepi 5", "continue", "next",
                                "delete", "tbreak other_hart", "continue", "stepi 20", "continue")
            self.assertEqual(platform.wait(), 0, text)
        for suffix in (".log", ".profile"):
            self.assertTrue(plain.with_suffix(suffix).read_bytes() ==
                            debugged.with_suffix(suffix).read_bytes(), suffix)

    def test_a_register_that_a_debugger_changes_is_not_in_the_line_before(self):
        log = programs.WORK / "changed.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with Platform("--itrace", log, "--itrace-from", "sum", "--itrace-to", "area") as platform:
            text = platform.gdb("break *sum", "continue", "stepi", "print/x $sp", "set $sp = $sp - 64",
                                "stepi", "set $sp = $sp + 64", "continue", "kill")
            self.assertEqual(platform.wait(), 0, text)
        sp = int(re.search(r"= 0x([0-9a-f]{8})$", text, re.MULTILINE).group(1), 16)
        first, second = log.read_text(encoding="ascii").splitlines()[:2]
        self.assertRegex(first, rf"\) x2  0x{sp:08x}$")
        self.assertRegex(second, rf"\) mem 0x{sp - 64 + 12:08x} ")


if __name__ == "__main__":
    unittest.main()
