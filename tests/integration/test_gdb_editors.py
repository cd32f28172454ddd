# SPDX-License-Identifier: Apache-2.0
"""What editors send: gdb's machine interface, in the order of VS Code's and Eclipse's plug-ins."""

import queue
import re
import subprocess
import threading
import unittest

from gdb_support import GDB, PROGRAM, Platform, Scripted


class Editor:
    """gdb with its machine interface. Answers are awaited, not slept for."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [GDB, "-nx", "-q", *options, "--interpreter=mi3", str(PROGRAM)], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.lines = queue.Queue()
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip())

    def expect(self, pattern):
        """The next line that fits."""
        while True:
            try:
                line = self.lines.get(timeout=20)
            except queue.Empty:
                raise AssertionError(f"no {pattern!r} in:\n" + "\n".join(self.seen)) from None
            self.seen.append(line)
            if re.search(pattern, line):
                return line

    def ask(self, command, pattern=r"^\^(done|connected|running)"):
        """Sends a command and returns the line of its result."""
        self.seen = [command]
        self.process.stdin.write(command + "\n")
        result = self.expect(r"^\^")
        if not re.search(pattern, result):
            raise AssertionError(f"{command}: {result}")
        return result

    def go(self, command, pattern):
        """Sends a command that lets the program run, returns the line that says why it stopped."""
        self.ask(command, r"^\^running")
        return self.expect(rf"^\*stopped,{pattern}")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Editors(Scripted):
    def test_breaking_stepping_looking_and_pausing(self):
        with Platform() as platform, Editor() as editor:
            for setting in ("mi-async on", "pagination off", "confirm off", "stop-on-solib-events 0"):
                editor.ask(f"-gdb-set {setting}")
            editor.ask(f"-target-select remote {platform.address}", r"^\^connected")
            editor.ask("-break-insert -f fill")
            stop = editor.go("-exec-continue", 'reason="breakpoint-hit"')
            self.assertIn('func="fill"', stop)
            threads = editor.ask("-thread-info")
            self.has(threads, 'target-id="Thread 1.1".*name="soc.hart0"', 'name="soc.hart1"')
            self.has(editor.ask("-stack-list-frames"), 'func="fill"', 'func="main"')
            self.assertIn('value="8"', editor.ask("-stack-list-variables --simple-values"))
            self.assertIn('value="8"', editor.ask("-var-create - * count"))
            editor.go("-exec-next", 'reason="end-stepping-range"')
            editor.go("-exec-step-instruction", 'reason="end-stepping-range"')
            self.has(editor.ask('-data-disassemble -s $pc -e "$pc + 8" -- 2'), 'func-name="fill"')
            self.has(editor.ask("-data-read-memory-bytes &total 4"), 'contents="00000000"')
            self.has(editor.ask("-data-list-register-values x 32"), 'number="32",value="0x8')
            editor.ask("-break-watch total")
            stop = editor.go("-exec-continue", 'reason="watchpoint-trigger"')
            self.assertIn('new="140"', stop)
            editor.go("-exec-finish", 'reason="function-finished"')
            editor.ask("-break-delete 1 2")
            editor.ask("-gdb-set var want_spin=1")
            editor.ask("-exec-continue")
            editor.ask("-exec-interrupt --all")
            editor.expect(r'^\*stopped,reason="signal-received",signal-name="SIGINT"')
            self.assertIn('machine mode', editor.ask("-thread-info"))
            editor.ask("-gdb-set var want_spin=0")
            editor.ask("-exec-continue --all")
            editor.expect("exited normally")
            self.assertEqual(platform.wait(), 0)

    def test_reset_load_and_run_as_for_a_board(self):
        with Platform() as platform, Editor() as editor:
            editor.ask("-gdb-set confirm off")
            editor.ask(f"-target-select extended-remote {platform.address}", r"^\^connected")
            editor.ask('-interpreter-exec console "monitor reset halt"')
            editor.ask("-target-download")
            editor.ask('-interpreter-exec console "monitor reset init"')
            editor.ask("-break-insert -t -h main")
            for _ in range(2):
                self.assertIn('func="main"', editor.go("-exec-continue", 'reason="breakpoint-hit"'))
                editor.ask('-interpreter-exec console "monitor reset halt"')
                editor.ask("-break-insert -t main")
            editor.ask("-exec-run")
            self.assertIn('func="main"', editor.expect(r'^\*stopped,reason="breakpoint-hit"'))
            editor.ask("-target-detach")
            self.assertEqual(platform.wait(), 0)


if __name__ == "__main__":
    unittest.main()
