# SPDX-License-Identifier: Apache-2.0
"""Scripted gdb sessions with the platform: what docs/debugging.md promises, done by a real gdb."""

import json
import os
import re
import unittest

import support
from gdb_support import GDB, PROGRAM, TWO_HARTS, Platform, Scripted

INTERRUPT_IN = ("python import os, signal, threading; "
                "threading.Timer({}, os.kill, (os.getpid(), signal.SIGINT)).start()")


class Gdb(Scripted):
    def test_load_break_backtrace_finish(self):
        with Platform() as platform:
            text = platform.gdb("set {int}&sum = 0", "compare-sections .text", "load",
                                "compare-sections .text", "break sum", "continue", "bt", "finish",
                                "print total", "next", "print total", "continue")
            self.has(text, r"\.text.*MIS-MATCHED", r"Loading section \.text", r"Transfer rate",
                     r"\.text.*: matched", r"Breakpoint 1, sum \(values=.* count=8\)",
                     r"#0  sum .*\n#1  .* fill .*\n#2  .* main", r"Value returned is .* 140$",
                     r"\$\d+ = 0$", r"\$\d+ = 140$", r"exited normally")
            self.assertEqual(platform.wait(), 0)

    def test_hardware_breakpoint_and_float_registers(self):
        with Platform() as platform:
            text = platform.gdb("hbreak area", "continue", "print r", "info registers float",
                                "set $fa0 = 2.0", "print/x $mstatus & 0x6000", "finish",
                                "info registers fcsr", "continue")
            self.has(text, "Hardware assisted breakpoint 1 at", r"area \(r=1\.5\)", r"= 1\.5$",
                     r"^fa0 +1\.5", r"^fcsr", r"0x6000$", r"Value returned is .* 12$", r"^fcsr",
                     r"exited normally")

    def test_stepi_into_an_interrupt_handler_and_over_mret(self):
        with Platform() as platform:
            text = platform.gdb("break enable_interrupts", "continue", "stepi", "x/i $pc",
                                "break wait_here", "continue", "stepi", "info threads",
                                "stepi", "print $pc == (unsigned)&trap_entry", "print/x $mcause",
                                "print/x $mepc", "print (unsigned)&wait_here + 4 == $mepc",
                                "delete", "break trap_return", "continue", "x/i $pc", "stepi",
                                "print (unsigned)&wait_here + 4 == $pc", "print ticks",
                                "delete", "continue")
            self.has(text, r"=> .*wait_for_tick", "Breakpoint 2,", "asleep in wfi", r"= 1$",
                     r"0x80000007$", r"= 1$", r"=> .*mret", r"= 1$", r"= 1$", "exited normally")

    def test_stepi_through_user_mode(self):
        with Platform() as platform:
            text = platform.gdb("break enter_user", "continue", "info registers priv", "stepi",
                                "print $pc == (unsigned)&user_code", "info registers priv", "stepi",
                                "print $t2", "stepi", "print $pc == (unsigned)&user_return",
                                "info registers priv", "print $mcause", "continue")
            self.has(text, r"^priv +0x3", r"= 1$", r"^priv +0x0", r"= 7$", r"= 1$", r"^priv +0x3",
                     r"= 8$", "exited normally")

    def test_source_steps_go_over_interrupt_handlers(self):
        with Platform() as platform:
            text = platform.gdb("break wait_for_tick", "continue", "next", "next", "next", "next",
                                "next", "next", "next", "info symbol $pc", "continue")
            self.has(text, "Breakpoint 1, wait_for_tick", r"^(wait_for_tick|enable|wait_here|main)",
                     "exited normally")
            self.assertNotIn("trap_entry", text)

    def test_csrs_are_read_and_written(self):
        with Platform() as platform:
            text = platform.gdb("print/x $mhartid", "thread 2", "print/x $mhartid",
                                "set $mscratch = 0x12345678", "print/x $mscratch", "thread 1",
                                "print/x $mscratch", "info registers misa mstatus priv",
                                "print $satp", "set $minstret = 100", "print $minstret",
                                "info registers csr", "kill")
            self.has(text, r"= 0x0$", r"= 0x1$", r"= 0x12345678$", r"= 0x0$", r"^misa",
                     r"^mstatus .*MPP:", r"^priv +0x3", r"= void$", r"\$\d+ = \d+$", r"^mtvec")

    def test_two_harts_stop_together_and_step_alone(self):
        with Platform() as platform:
            text = platform.gdb("info threads", "break on_timer", "break other_hart thread 2",
                                "continue", "info threads", "set scheduler-locking on",
                                "thread 1", "set $before = $pc", "thread 2",
                                "stepi", "stepi", "stepi", "thread 1", "print $pc == $before",
                                "set scheduler-locking off", "continue", "thread", "print other_count",
                                "delete", "continue")
            self.has(text, r"\* 1 .*\"soc\.hart0\".*machine mode", r"2 .*\"soc\.hart1\"",
                     "Thread 2 .*hit Breakpoint 2, other_hart", r"\* 2 ", r"= 1$",
                     "Thread 1 .*hit Breakpoint 1, on_timer", r"\[Current thread is 1", r"= 1$",
                     "exited normally")

    def test_ctrl_c_while_every_hart_sleeps(self):
        with Platform() as platform:
            text = platform.gdb("set want_sleep = 1", INTERRUPT_IN.format(1.5), "continue",
                                "info threads", "bt", "monitor reset halt",
                                "maintenance flush register-cache", "break on_timer",
                                "continue", "set want_sleep = 0", "continue")
            self.has(text, "every hart sleeps", "received signal SIGINT", "1 .*asleep in wfi",
                     "2 .*asleep in wfi", "#0 .*sleep_for_ever", "Breakpoint 1, on_timer",
                     "exited normally")
            self.assertEqual(platform.wait(), 0)

    def test_ctrl_c_while_simulated_time_jumps(self):
        with Platform() as platform:
            # The timer is hours away: time goes on without a hart that could be stopped.
            text = platform.gdb("break wait_here", "continue", "delete",
                                "set {int}0x02004000 = 0", "set {int}0x02004004 = 0x100",
                                INTERRUPT_IN.format(1), "continue", "info threads",
                                "print ticks", "monitor time", "jump finish")
            self.has(text, "received signal SIGINT", "1 .*asleep in wfi", r"= 0$",
                     "^simulated time ", "exited normally")

    def test_ctrl_c_in_a_busy_loop(self):
        for quantum in ("1 us", "100 ms"):  # hart 0 waits for hart 1, so for a quantum
            with self.subTest(quantum), Platform("--quantum", quantum) as platform:
                text = platform.gdb("set want_spin = 1", INTERRUPT_IN.format(1), "continue",
                                    "info symbol $pc", "set want_spin = 0", "continue")
                self.has(text, "received signal SIGINT", "^spin", "exited normally")

    def test_ctrl_c_between_two_of_many_steps(self):
        # gdb steps on and on by itself; most of the time the platform stands still between two.
        for steps in (("stepi 100000000",), ("watch $a7", "continue")):
            with self.subTest(steps), Platform() as platform:
                text = platform.gdb("set want_spin = 1", "break spin", "continue", "delete",
                                    INTERRUPT_IN.format(0.5), *steps, "info symbol $pc", "delete",
                                    "set want_spin = 0", "continue", timeout=20)
                self.has(text, "Breakpoint 1, spin", "^spin", "exited normally")

    def test_monitor_commands(self):
        with Platform() as platform:
            text = platform.gdb("monitor help", "break trap_entry", "continue", "monitor where",
                                "monitor irq", "monitor time", "monitor stats hart*",
                                "monitor trace on soc.noc.*", "monitor nonsense",
                                "monitor reset halt", "maintenance flush register-cache",
                                "info registers pc", "monitor quit")
            self.has(text, r"^reset +\[halt\|init\|run\]", r"^quit ",
                     r"^1 soc\.hart0 .*<trap_entry\+0>",
                     r"^2 soc\.hart1 .*asleep", r"pending: timer; enabled: timer",
                     r"^plic0: pending sources: none", r"^simulated time ", r"^2 soc.hart1 +at ",
                     r'^hart0 \{"instructions":', "no trace file", "'nonsense' is no monitor command",
                     "^reset; the harts", r"^pc +0x1000", "the simulation ends")
            self.assertEqual(platform.wait(), 137)
            self.assertIn("killed by the debugger", platform.stderr())

    def test_monitor_commands_with_arguments_that_make_no_sense(self):
        with Platform() as platform:
            text = platform.gdb("monitor quit now", "monitor reset halt now",
                                "monitor reset sideways", "monitor time twice",
                                "monitor help reset", "monitor help nonsense",
                                "info registers pc", "continue")
            self.has(text, "^quit +end the simulation", r"^reset +\[halt\|init\|run\]",
                     "^reset takes nothing or one of the words halt, init, run", "^time +simulated",
                     r"^reset +\[", "'nonsense' is no monitor command", r"^pc +0x1000",
                     "exited normally")

    def test_a_reset_of_a_platform_that_runs_behind_the_back_of_gdb(self):
        spin = support.FIRMWARE / "spin.elf"
        with Platform(program=spin, platform="tiny") as platform:
            text = platform.gdb("monitor resume", "shell sleep 0.1", "monitor reset halt",
                                "monitor time", "monitor reset run", "shell sleep 0.1",
                                "monitor halt", "shell sleep 0.1", "monitor time",
                                "monitor reset init", "maintenance flush register-cache",
                                "tbreak main", "continue", "kill", program=spin)
            self.has(text, "^running;", "^reset; the harts stand", "^1 .*, 0 instructions, 0 cycles",
                     "^running;", "^stopping", r"^1 .*, [1-9]\d{4,} instructions",
                     "^reset; the harts stand", "Temporary breakpoint 1, main")

    def test_sources_of_the_timeline_are_switched(self):
        support.WORK.mkdir(parents=True, exist_ok=True)
        sizes = {}
        for how in ("on", "off"):
            trace = support.WORK / f"gdb_{os.getpid()}_{how}.pftrace"
            with Platform("--trace", trace) as platform:
                text = platform.gdb("break main", "continue", f"monitor trace {how} *",
                                    "monitor trace sideways", f"monitor trace {how} *nox*",
                                    "continue")
                self.has(text, rf"^tracing [+-]\*", r"^trace on\|off",
                         "nox.*matches nothing that is traced. Known: soc.act0", "exited normally")
            sizes[how] = trace.stat().st_size
            trace.unlink()
        self.assertLess(sizes["off"], sizes["on"])

    def test_detach_and_attach_again(self):
        with Platform() as platform:
            text = platform.gdb("set want_spin = 1", "break spin", "continue", "detach")
            self.has(text, "Breakpoint 1, spin", "detached")
            text = platform.gdb("info symbol $pc", "print spins > 0", "set want_spin = 0",
                                "continue")
            self.has(text, "^spin", r"= 1$", "exited normally")
            self.assertEqual(platform.wait(), 0)

    def test_a_running_platform_can_be_attached_to(self):
        spin = support.FIRMWARE / "spin.elf"
        with Platform("--until", "1000 s", program=spin, platform="tiny", wait=False) as platform:
            self.has(platform.gdb("info threads", "kill"), "soc.hart0")
            self.assertEqual(platform.wait(), 137)

    def test_kill_ends_the_simulation(self):
        with Platform() as platform:
            self.has(platform.gdb("break fill", "continue", "kill"), r"Inferior 1 .* killed")
            self.assertEqual(platform.wait(), 137)
            self.assertIn("killed by the debugger", platform.stderr())

    def test_a_dead_hart_is_a_signal_first_and_an_exit_later(self):
        with Platform() as platform:
            text = platform.gdb("set want_crash = 1", "continue", "info threads",
                                "print (unsigned)&crash_here == $mepc || $mepc == 0x30000000",
                                "continue")
            self.has(text, "trap handler traps", "received signal SIGABRT", "1 .*dead: ",
                     r"exited with code 0145")
            self.assertEqual(platform.wait(), 101)

    def test_an_exit_code_that_a_status_cannot_hold_is_no_success(self):
        with Platform() as platform:
            text = platform.gdb("break finish", "continue", "stepi 3", "set $t1 = 0x1003333",
                                "continue")
            self.has(text, "failed with code 256", r"exited with code 0377")
            self.assertEqual(platform.wait(), 255)

    def test_a_dead_hart_lives_again_with_a_new_pc(self):
        with Platform() as platform:
            text = platform.gdb("set want_crash = 1", "continue", "jump finish")
            self.has(text, "received signal SIGABRT", "exited normally")
            self.assertEqual(platform.wait(), 0)

    def test_extended_remote_starts_the_program_again(self):
        with Platform() as platform:
            text = platform.gdb("break fill", "continue", "run", "bt", "delete", "continue",
                                remote="extended-remote")
            self.assertEqual(len(re.findall("Breakpoint 1, fill", text)), 2, text)
            self.has(text, "exited normally")
            self.assertEqual(platform.wait(), 0)
        with Platform() as platform:
            platform.gdb("break fill", "continue", "kill", remote="extended-remote")
            self.assertEqual(platform.wait(), 137)


@unittest.skipUnless(GDB, "skipped: no gdb-multiarch")
@unittest.skipUnless(PROGRAM.exists(), "skipped: no firmware")
class GdbPage(unittest.TestCase):
    """Each session of docs/debugging.md: the command that starts the platform, then gdb's."""

    TROUBLE = re.compile(r"\berror\b|undefined|no symbol|cannot|invalid|not being run|"
                         r"not meaningful|MIS-MATCHED",
                         re.IGNORECASE)

    def test_every_session_of_the_page_runs(self):
        page = (support.ROOT / "docs" / "debugging.md").read_text(encoding="utf-8")
        sessions = re.findall(r"```sh\n(.*?)\n```(?:(?!```).)*```gdb\n(.*?)\n```", page, re.DOTALL)
        self.assertGreaterEqual(len(sessions), 5)
        self.assertEqual(len(sessions), page.count("```gdb"))
        for start, commands in sessions:
            found = re.fullmatch(r"build/bin/aimc-vp run --platform (\S+) --firmware "
                                 r"build/(firmware/\S+) --gdb 3333 --gdb-wait", start)
            self.assertIsNotNone(found, start)
            name, program = found.group(1), support.BUILD / found.group(2)
            where = support.ROOT / name if "/" in name else name
            target, *rest = commands.splitlines()
            self.assertEqual(target, "target remote :3333")
            with self.subTest(commands), Platform(program=program, platform=where) as platform:
                text = platform.gdb(*rest, program=program)
                self.assertIsNone(self.TROUBLE.search(text), text)
                self.assertEqual(platform.wait(), 0)


@unittest.skipUnless(GDB, "skipped: no gdb-multiarch")
@unittest.skipUnless(PROGRAM.exists(), "skipped: no firmware")
class GdbUnchanged(unittest.TestCase):
    """A debugger that looks does not change what the program does."""

    def statistics(self, name, *commands):
        support.WORK.mkdir(parents=True, exist_ok=True)
        stats = support.WORK / f"gdb_{name}.json"
        if commands:
            with Platform("--stats", stats) as platform:
                text = platform.gdb(*commands)
                self.assertEqual(platform.wait(), 0, text)
        else:
            done = support.run(support.VP, "run", "--platform", TWO_HARTS, "--firmware", PROGRAM,
                               "--stats", stats)
            self.assertEqual(done.returncode, 0, done.stderr)
        with open(stats, encoding="utf-8") as file:
            return support.without_host(json.load(file))

    def test_attaching_and_going_on_changes_nothing(self):
        self.assertEqual(self.statistics("plain"), self.statistics("attached", "continue"))

    def test_breakpoints_steps_and_looks_change_nothing(self):
        looked = self.statistics(
            "looked", "break sum", "watch total", "continue", "x/8xw 0x10000000",
            "x/2xw 0x0c200000", "x/4xw 0x0200bff8", "x/8xw table", "stepi 20", "next", "finish",
            "continue", "info registers all", "monitor stats", "delete", "stepi 50", "continue")
        self.assertEqual(self.statistics("plain"), looked)


if __name__ == "__main__":
    unittest.main()
