# SPDX-License-Identifier: Apache-2.0
"""A program that waits for the user's input by semihosting hears the user's other wishes meanwhile."""

import os
import signal
import subprocess
import time
import unittest

import programs
import support
from gdb_support import GDB, Platform, Scripted
from test_gdb import INTERRUPT_IN


def program():
    return programs.build("host_read", programs.BARE, "start.S", "host_read.c")


@programs.needs_compiler
class ConsoleInput(unittest.TestCase):
    def run_with(self, data):
        return support.run(support.VP, "run", "tiny", "--firmware", program(), input=data, timeout=60)

    def test_a_character_and_a_line(self):
        for data, printed, code in (("abcd\nrest", "bcd\n", 0), ("axyz", "xyz", 0), ("a", "", 0),
                                    ("", "", 1), ("b\n", "\n", 1), ("a" * 5000, "a" * 15, 0)):
            with self.subTest(data[:9]):
                done = self.run_with(data)
                self.assertEqual((done.stdout, done.returncode), (printed, code), done.stderr)

    def test_ctrl_c_ends_the_wait(self):
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            with subprocess.Popen([support.VP, "run", "tiny", "--firmware", program()],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True) as run:
                time.sleep(0.5)
                run.send_signal(signal_number)
                self.assertEqual(run.wait(20), 130)
                self.assertIn("stopped by the user", run.stderr.read())
                self.assertEqual(run.stdout.read(), "")


@programs.needs_compiler
@unittest.skipUnless(GDB, "skipped: no gdb-multiarch")
class DebuggedInput(Scripted):
    def session(self, *commands, code):
        """A session of gdb in front of a program that waits, and gets its input with `shell`."""
        read, write = os.pipe()
        with os.fdopen(read), os.fdopen(write, "w"):
            with Platform(program=program(), platform="tiny", stdin=read) as platform:
                typing = f"shell printf %s abc > /proc/{os.getpid()}/fd/{write}; sleep 0.1"
                text = platform.gdb(*[typing if command == "TYPE" else command for command in commands],
                                    program=program())
                self.assertEqual(platform.wait(), code, text)
                return text

    def test_ctrl_c_stops_at_the_call_and_the_program_goes_on(self):
        text = self.session(INTERRUPT_IN.format(0.5), "continue", "print $pc == (unsigned)&at_host",
                            "bt 2", "info threads", "print beats", INTERRUPT_IN.format(0.5), "continue",
                            "TYPE", "tbreak host_call", "continue", "print (char)character",
                            "print beats", "delete", "set $a0 = 7", "jump finish",
                            code=7)
        self.has(text, "received signal SIGINT", r"= 1$", r"#0 .*host_call .*\n#1 .*main",
                 "waits for a bus access or the host", r"= 0$", "received signal SIGINT",
                 "Temporary breakpoint 1, host_call", r"= 97 'a'", r"= 1$")

    def test_such_a_wait_can_be_left_in_every_way(self):
        wait = (INTERRUPT_IN.format(0.5), "continue")
        text = self.session(*wait, "monitor reset halt", "maintenance flush register-cache", "TYPE",
                            "tbreak main", "continue", "print beats", "tbreak *at_host", "continue",
                            "delete", "set $pc = finish", "set $a0 = 5", "continue", code=5)
        self.has(text, "received signal SIGINT", "Temporary breakpoint 1, main", r"= 0$",
                 "Temporary breakpoint 2")
        self.session(*wait, "kill", code=137)
        self.session(*wait, "monitor quit", code=137)


if __name__ == "__main__":
    unittest.main()
