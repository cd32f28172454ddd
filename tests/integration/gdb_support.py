# SPDX-License-Identifier: Apache-2.0
"""Starting the platform with its debugger port open, driving gdb, and speaking the protocol by hand."""

import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import support

GDB = shutil.which("gdb-multiarch")
PROGRAM = support.FIRMWARE / "debug_target.elf"
TWO_HARTS = support.PLATFORMS / "two_harts.yaml"


class Platform:
    """aimc-vp with --gdb on a port that the system chooses; ends with the `with` block."""

    def __init__(self, *options, program=PROGRAM, platform=TWO_HARTS, wait=True,
                 stdin=subprocess.DEVNULL):
        self.folder = tempfile.TemporaryDirectory()
        self.files = [open(pathlib.Path(self.folder.name) / name, "w+", encoding="utf-8")
                      for name in ("out", "err")]
        command = [support.VP, "run", "--platform", platform, "--firmware", program, "--gdb", "0",
                   *(["--gdb-wait"] if wait else []), *options]
        self.process = subprocess.Popen([str(part) for part in command], stdout=self.files[0],
                                        stderr=self.files[1], stdin=stdin)
        self.address = None
        deadline = time.monotonic() + 60
        while self.address is None:
            found = re.search(r"target remote (\S+?);?\s", self.stderr() + " ")
            if found:
                self.address = found.group(1)
            elif self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"aimc-vp does not listen:\n{self.stderr()}")
            else:
                time.sleep(0.01)

    def _read(self, index):
        return pathlib.Path(self.files[index].name).read_text(encoding="utf-8")

    def stdout(self):
        return self._read(0)

    def stderr(self):
        return self._read(1)

    def wait(self, timeout=60):
        """The exit code of aimc-vp."""
        return self.process.wait(timeout)

    def gdb(self, *commands, remote="remote", program=PROGRAM, timeout=120):
        """Runs commands in gdb, attached to the platform; returns what gdb prints. gdb detaches at
        the end if the program still lives."""
        setup = ["set pagination off", "set confirm off", "set width 0", "set remotetimeout 20",
                 f"set substitute-path tests/ {support.ROOT}/tests/",
                 f"target {remote} {self.address}"]
        arguments = [GDB, "-nx", "-batch", program]
        for command in [*setup, *commands]:
            arguments += ["-ex", command]
        return subprocess.run([str(part) for part in arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                              timeout=timeout, check=False).stdout

    def raw(self):
        """A connection that speaks bytes."""
        return Raw(self.address)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for file in self.files:
            file.close()
        self.folder.cleanup()


@unittest.skipUnless(GDB, "skipped: no gdb-multiarch")
@unittest.skipUnless(PROGRAM.exists(), "skipped: no firmware")
class Scripted(unittest.TestCase):
    """Sessions of gdb whose output is compared with patterns."""

    def has(self, text, *patterns):
        """Each pattern is found, in this order."""
        position = 0
        for pattern in patterns:
            found = re.compile(pattern, re.MULTILINE).search(text, position)
            self.assertIsNotNone(found, f"no {pattern!r} behind {position} in:\n{text}")
            position = found.end()


def symbol(name, program=PROGRAM):
    """Address of a symbol of the test program."""
    listing = support.run("riscv64-unknown-elf-nm", program).stdout
    return int(re.search(rf"^([0-9a-f]+) \w {name}$", listing, re.MULTILINE).group(1), 16)


def frame(payload):
    """A packet with its checksum, as bytes."""
    data = payload if isinstance(payload, bytes) else payload.encode("latin-1")
    return b"$" + data + b"#%02x" % (sum(data) & 255)


class Raw:
    """The remote protocol without gdb."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data)

    def byte(self):
        while not self.buffer:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError("the platform closed the connection")
            self.buffer += data
        first, self.buffer = self.buffer[:1], self.buffer[1:]
        return first

    def reply(self):
        """The next packet's contents; acknowledgements before it are skipped."""
        while self.byte() != b"$":
            pass
        payload = b""
        while (byte := self.byte()) != b"#":
            payload += byte
        checksum = self.byte() + self.byte()
        assert int(checksum, 16) == sum(payload) & 255, payload
        return payload.decode("latin-1")

    def ask(self, payload):
        """Sends a packet, returns the reply."""
        self.send(frame(payload))
        return self.reply()

    def no_ack(self):
        assert self.ask("QStartNoAckMode") == "OK"

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
