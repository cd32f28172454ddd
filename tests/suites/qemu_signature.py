#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The signature of a test program by QEMU: qemu_signature.py ELF SIGNATURE [CPU].

QEMU knows neither tohost nor signatures. So it is stopped at the first store to tohost through its
gdb port (a socket in a temporary folder), and the memory of the signature is read there.
"""

import pathlib
import socket
import subprocess
import sys
import tempfile
import time

QEMU = ["qemu-system-riscv32", "-M", "virt", "-bios", "none", "-display", "none", "-serial", "none",
        "-monitor", "none", "-S"]
CPU = "rv32,s=off,h=off,d=off"  # machine and user mode, as the hart here
NM = "riscv64-unknown-elf-nm"
SECONDS = 30


def symbols(elf):
    lines = subprocess.run([NM, elf], capture_output=True, text=True, check=True).stdout.split("\n")
    words = [line.split() for line in lines]
    return {word[2]: int(word[0], 16) for word in words if len(word) == 3}


class Gdb:
    """As much of gdb's remote protocol as it takes: one request, one answer."""

    def __init__(self, path, process):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(SECONDS)
        end = time.monotonic() + SECONDS
        while True:
            try:
                self.socket.connect(str(path))
                return
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def ask(self, text):
        self.socket.sendall(f"${text}#{sum(text.encode()) % 256:02x}".encode())
        answer = b""
        while b"#" not in answer[:-2]:
            part = self.socket.recv(65536)
            if not part:
                raise OSError("QEMU closed the connection")
            answer += part
        self.socket.sendall(b"+")
        return answer.split(b"$", 1)[1].rsplit(b"#", 1)[0].decode()


def signature(elf, cpu):
    """The bytes of the signature at the end of the program."""
    known = symbols(elf)
    missing = [n for n in ("tohost", "begin_signature", "end_signature") if n not in known]
    if missing:
        raise ValueError(f"{elf}: no symbol {missing[0]}")
    with tempfile.TemporaryDirectory() as folder:
        port = pathlib.Path(folder) / "gdb"
        command = [*QEMU, "-cpu", cpu, "-kernel", elf, "-gdb", f"unix:{port},server=on,wait=off"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as qemu:
            try:
                gdb = Gdb(port, qemu)
                if gdb.ask(f"Z2,{known['tohost']:x},4") != "OK":
                    raise ValueError("QEMU refused the watchpoint")
                gdb.ask("c")
                begin, end = known["begin_signature"], known["end_signature"]
                blocks = (gdb.ask(f"m{at:x},{min(1024, end - at):x}")
                          for at in range(begin, end, 1024))
                return b"".join(map(bytes.fromhex, blocks))
            finally:
                qemu.kill()


def main(argv):
    if len(argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        memory = signature(argv[0], argv[2] if len(argv) == 3 else CPU)
    except (OSError, ValueError, subprocess.CalledProcessError) as problem:
        print(f"qemu_signature.py: {problem}", file=sys.stderr)
        return 1
    memory += b"\0" * (-len(memory) % 4)
    words = (memory[at:at + 4][::-1].hex() for at in range(0, len(memory), 4))
    pathlib.Path(argv[1]).write_text("".join(f"{word}\n" for word in words), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
