# SPDX-License-Identifier: Apache-2.0
"""Scripted gdb sessions: watchpoints on what harts and other masters do, registers, memory, code."""

import os
import re
import unittest

import programs
import support
from gdb_support import TWO_HARTS, Platform, Scripted


class Watchpoints(Scripted):
    def test_watchpoints_stop_behind_the_access(self):
        with Platform() as platform:
            text = platform.gdb("watch total", "rwatch radius", "awatch ticks", "continue",
                                "continue", "continue", "print $pc > (unsigned)&wait_for_tick",
                                "continue", "delete", "continue")
            self.has(text, r"Hardware watchpoint 1: total\s+Old value = 0\s+New value = 140",
                     r"Hardware read watchpoint 2: radius\s+Value = 1\.5",
                     r"Hardware access \(read/write\) watchpoint 3: ticks\s+Value = 0", r"= 1$",
                     r"access \(read/write\) watchpoint 3: ticks", r"exited normally")

    def test_atomic_operations_are_watched_and_a_failed_store_conditional_is_none(self):
        with Platform() as platform:
            text = platform.gdb("awatch counted", "awatch untouched", "continue", "continue")
            self.has(text, r"watchpoint 1: counted\s+Old value = 0\s+New value = 5",
                     "exited normally")
            self.assertNotIn("hit Hardware access (read/write) watchpoint 2", text)

    def test_what_dma_writes_is_watched(self):
        with Platform() as platform:
            text = platform.gdb("set want_copy = 1", "watch copied[2]", "continue", "bt 1",
                                "print copied[3]", "delete", "awatch copied[0]", "continue")
            self.has(text, r"^dma0\.mem_out has written 16 bytes at 0x8000[0-9a-f]{4}; "
                     r"0x8000[0-9a-f]{4} is watched", r"hit Hardware watchpoint 1: copied\[2\]",
                     r"Old value = 0\s+New value = 33", r"#0 .*copy \(\)", r"= 44$",
                     "exited normally")

    def test_each_of_two_neighbours_that_dma_writes_is_told(self):
        with Platform("--set", "dma0.burst_bytes=4") as platform:
            text = platform.gdb("set want_copy = 1", "watch copied[1]", "watch copied[2]",
                                "continue", "continue", "delete", "continue")
            self.has(text, r"dma0\.mem_out has written 4 bytes", "watchpoint 1: copied",
                     r"New value = 22", r"dma0\.mem_out has written 4 bytes",
                     "watchpoint 2: copied", r"New value = 33", "exited normally")

    def test_a_stop_for_dma_can_be_left_in_every_way(self):
        stop = ("set want_copy = 1", "watch copied[2]", "continue", "delete")
        for ways, code in ((("monitor reset halt", "maintenance flush register-cache", "break sum",
                             "continue", "bt", "delete", "continue"), 0),
                           (("detach",), 0), (("kill",), 137), (("monitor quit",), 137)):
            with self.subTest(ways), Platform() as platform:
                text = platform.gdb(*stop, *ways)
                self.has(text, "dma0.mem_out has written", "New value = 33")
                if "bt" in ways:
                    self.has(text, "Breakpoint 2, sum", "#1 .* fill", "exited normally")
                self.assertEqual(platform.wait(), code, text)

    def test_each_of_two_stores_in_a_row_is_told(self):
        with Platform() as platform:
            text = platform.gdb("set want_copy = 1", "break copy", "continue",
                                "watch descriptor[5]", "watch descriptor[6]", "continue",
                                "continue", "delete", "continue")
            self.has(text, r"watchpoint 3: descriptor\[6\]\s+Old value = 0\s+New value = 1",
                     r"watchpoint 2: descriptor\[5\]\s+Old value = 0\s+New value = 1",
                     "exited normally")

    def test_what_dma_reads_is_watched(self):
        with Platform() as platform:
            text = platform.gdb("set want_copy = 1", "break copy", "continue", "rwatch source[1]",
                                "continue", "delete", "continue")
            self.has(text, r"^dma0\.mem_out has read \d+ bytes", r"read watchpoint 2: source",
                     r"Value = 22", "exited normally")

    def test_an_element_of_an_array_is_watched_alone(self):
        with Platform() as platform:
            text = platform.gdb("watch table[5]", "continue", "print table[4]", "print table[6]",
                                "delete", "continue")
            self.has(text, r"Old value = 0\s+New value = 25", r"= 16$", r"= 0$", "exited normally")

    def test_a_local_variable_is_watched_until_its_function_returns(self):
        with Platform() as platform:
            text = platform.gdb("set want_copy = 1", "break copy", "continue", "watch -l polls",
                                "watch polls", "continue", "delete 2", "continue", "continue",
                                "disable", "continue")
            self.has(text, r"Hardware watchpoint 2: -location polls", r"New value = 0",
                     r"Old value = 0\s+New value = 1", "exited normally")


@programs.needs_compiler
class HostCalls(Scripted):
    """Watchpoints on what semihosting and HTIF do on behalf of the program."""

    def session(self, *commands, code=0, platform="tiny"):
        elf = programs.build("host_calls", programs.BARE, "start.S", "host_calls.c")
        with Platform(program=elf, platform=platform) as running:
            text = running.gdb(*commands, program=elf)
            self.assertEqual(running.wait(), code, text)
            self.printed = running.stdout()
        return text

    def test_what_semihosting_writes_is_watched(self):
        text = self.session("watch elapsed[0]", "watch arguments[2]", "watch line[1]", "continue",
                            "bt 2", "continue", "continue", "continue", "print arguments", "delete",
                            "continue")
        self.has(text, r"^semihosting has written 8 bytes at (0x[0-9a-f]{8}); \1 is watched",
                 r"watchpoint 1: elapsed\[0\]\s+Old value = 0\s+New value = [1-9]",
                 r"#0 .*host_call .*\n#1 .*main", r"watchpoint 3: line\[1\].*\s+.*\s+New value = 64",
                 r"^semihosting has written \d+ bytes", r"watchpoint 2: arguments\[2\]",
                 r"^semihosting has written 4 bytes", r"watchpoint 3: line\[1\]\s+Old value = 64",
                 r'= "host_calls\.elf', "exited normally")
        self.assertEqual(self.printed, "hello\n" * 2)

    def test_what_semihosting_reads_is_watched(self):
        text = self.session("rwatch text[3]", "continue", "bt 2", "delete", "continue")
        self.has(text, r"^semihosting has read \d+ bytes", r"read watchpoint 1: text\[3\]",
                 "Value = 108 'l'", r"#0 .*host_call .*\n#1 .*main", "exited normally")

    def test_what_htif_writes_is_watched(self):
        text = self.session("watch fromhost[0]", "watch message[0] if message[0] != 64", "continue",
                            "continue", "delete", "continue")
        self.has(text, r"^HTIF has written 8 bytes", r"watchpoint 2: message\[0\]",
                 "Old value = 64\\s+New value = 6$", r"^HTIF has written 8 bytes",
                 r"watchpoint 1: fromhost\[0\]", "New value = 1$", "exited normally")

    def test_the_hart_that_called_is_shown(self):
        text = self.session("break main", "continue", "thread 2", "set $a0 = 0x30",
                            "set $a1 = &elapsed", "set $ra = &park", "set $pc = host_call",
                            "watch elapsed[0]", "set scheduler-locking on", "continue", "thread",
                            "set scheduler-locking off", "delete", "continue", platform=TWO_HARTS)
        self.has(text, "^semihosting has written 8 bytes", "hit Hardware watchpoint 2: elapsed",
                 r"\[Current thread is 2", "exited normally")

    def test_such_a_stop_can_be_left_in_every_way(self):
        for name in ("elapsed[0]", "fromhost[0]"):
            for ways, code in ((("monitor reset halt", "maintenance flush register-cache",
                                 "tbreak main", "continue", "bt", "delete", "continue"), 0),
                               (("detach",), 0), (("kill",), 137), (("monitor quit",), 137)):
                with self.subTest(name=name, ways=ways):
                    text = self.session(f"watch {name}", "continue", "delete", *ways, code=code)
                    self.has(text, f"watchpoint 1: {re.escape(name)}")
                    if "bt" in ways:
                        self.has(text, "#0 +main", "exited normally")


class Data(Scripted):
    def test_code_in_memory_stays_as_it_is(self):
        with Platform() as platform:
            text = platform.gdb("x/2xw sum", "break sum", "hbreak *(sum+4)", "break *(fill+2)",
                                "continue", "x/2xw sum", "continue", "dump binary memory /dev/null "
                                "0x80000000 0x80000100", "compare-sections .text", "kill")
            words = re.findall(r"0x[0-9a-f]+ <sum>:\s+(.*)", text)
            self.assertEqual(len(set(words)), 1, text)
            self.has(text, r"\.text.*: matched")

    def test_changed_code_is_executed(self):
        with Platform() as platform:
            # area() has run; then its first instruction becomes `ret`.
            text = platform.gdb("break wait_for_tick", "continue", "print area(1.0f)",
                                "set {short}&area = 0x8082", "print area(1.0f)", "kill")
            self.has(text, r"= 3$", r"= 1$")

    def test_breaking_on_conditions_and_once(self):
        with Platform() as platform:
            text = platform.gdb("break fill if count == 8", "tbreak sum if count == 7", "continue",
                                "watch table[3] if table[3] == 9", "continue", "tbreak area",
                                "continue", "until", "info breakpoints", "advance atomics",
                                "delete", "continue")
            self.has(text, r"Breakpoint 1, fill \(.*=8\)", r"Old value = 0\s+New value = 9",
                     "Temporary breakpoint 4, area", r"hw watchpoint +keep",
                     "exited normally")
            self.assertNotIn("Breakpoint 2, sum", text)

    def test_leaving_a_function_early_and_jumping(self):
        with Platform() as platform:
            text = platform.gdb("break sum", "continue", "return 5", "next", "print total",
                                "set $pc = sum", "frame 0", "x/i $pc", "kill")
            self.has(text, r"^main \(\)", r"= 5$", r"=> 0x8[0-9a-f]+ <sum>:")

    def test_compressed_code_is_shown_and_stepped(self):
        with Platform() as platform:
            text = platform.gdb("break sum", "continue", "x/4i $pc", "set $at = $pc", "stepi",
                                "print $pc - $at", "x/2xh $at", "delete", "continue")
            self.has(text, r"=> .*<sum>:\tadd\tsp,sp,-16", r"<sum\+2>:\tsw\ts0", r"= 2$",
                     r"0x1141\s", "exited normally")

    def test_every_register_is_shown_and_float_registers_are_set(self):
        with Platform() as platform:
            text = platform.gdb("break area", "continue", "info all-registers", "print $f0 = 1.5",
                                "print $ft0", "set $mstatus = 0x3880", "print/x $mstatus",
                                "print $mvendorid = 3", "set $zero = 5", "print $zero", "delete",
                                "continue")
            self.has(text, "^zero +0x0", "^pc +0x8", "^ft0 ", "^fcsr ", "^mstatus ", "^pmpaddr15 ",
                     "^minstreth ", r"^priv +0x3", r"= 1\.5$", r"= 1\.5$", r"= 0x[0-9a-f]*3880$",
                     "this CSR cannot be written", r"= 0$", "exited normally")

    def test_float_registers_of_a_hart_that_has_switched_them_off(self):
        with Platform() as platform:
            text = platform.gdb("print $mstatus & 0x6000", "print $fcsr", "set $frm = 2",
                                "set $fa0 = 1.5", "print/x $fcsr", "print $fa0",
                                "print $mstatus & 0x6000", "set $fcsr = 0", "continue")
            self.has(text, r"= 0$", r"= 0$", r"= 0x40$", r"= 1\.5$", r"= 0$", "exited normally")

    def test_what_there_is_not_is_refused_in_words(self):
        with Platform() as platform:
            text = platform.gdb("break sum", "continue", "reverse-stepi", "reverse-continue",
                                "tstart", "monitor trace", "monitor reset now", "set $priv = 1",
                                "set {int}0x30000000 = 1", "print *(int *)0x30000000", "delete",
                                "continue")
            self.has(text, "Target remote does not support this command",
                     "Target remote does not support this command", "No tracepoints",
                     r"trace on\|off \[PATTERN\]", "reset takes nothing or one of the words",
                     r"priv is 0 \(user\) or 3", "Cannot access memory at address 0x30000000",
                     "Cannot access memory at address 0x30000000", "exited normally")

    def test_files_go_into_memory_and_out_of_it_also_into_rom(self):
        support.WORK.mkdir(parents=True, exist_ok=True)
        saved = support.WORK / f"saved_{os.getpid()}.bin"
        with Platform() as platform:
            text = platform.gdb("load", f"dump binary memory {saved} 0x80000000 0x80000100",
                                f"restore {saved} binary 0x80100000",
                                "compare-sections .text", "print {int}0x80100010 == {int}0x80000010",
                                f"restore {saved} binary 0x8000", "delete mem",
                                f"restore {saved} binary 0x8000",
                                "print {int}0x8010 == {int}0x80000010",
                                "find 0x80100000, +100, {int}0x80000010",
                                "continue")
            self.has(text, r"Restoring .*0x80100000 to 0x80100100", r"\.text.*: matched", r"= 1$")
            self.has(text, "memory write failed", r"Restoring .*0x8000 to 0x8100", r"= 1$",
                     "^0x80100010$", "exited normally")
            saved.unlink()

    def test_functions_of_the_program_can_be_called(self):
        with Platform() as platform:
            text = platform.gdb("break wait_for_tick", "continue", "print sum(table, 4)",
                                "continue")
            self.has(text, r"= 14$", "exited normally")


if __name__ == "__main__":
    unittest.main()
