# SPDX-License-Identifier: Apache-2.0
"""What the tests of the runners share: a working folder, a runner's table, the tools."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness

HERE = pathlib.Path(__file__).resolve().parent
needs_compiler = unittest.skipUnless(shutil.which(harness.COMPILER),
                                     "skipped: no riscv64-unknown-elf-gcc")


def row(text, group):
    """(programs, passed, failed, skipped) of a group in the runner's table."""
    line = next(line for line in text.splitlines() if line.split()[:1] == [group])
    return tuple(int(word) for word in line.split()[1:])


class Case(unittest.TestCase):
    """A test of one runner on its small suite, in a folder of its own."""

    RUNNER = None
    MINIATURE = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def runner(self, *options):
        return subprocess.run([sys.executable, HERE / self.RUNNER, *map(str, options)],
                              capture_output=True, text=True, timeout=3000, check=False)

    def run_suite(self, *options, suite=None, code=0):
        done = self.runner("--suite", suite or self.MINIATURE, "--work", self.folder / "work",
                           *options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def refused(self, *options, says):
        done = self.runner(*options)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for part in says:
            self.assertIn(part, done.stderr)
