# SPDX-License-Identifier: Apache-2.0
"""Programs of tests/programs, built when a test needs them, and run here or on QEMU."""

import atexit
import os
import pathlib
import shutil
import subprocess
import unittest

import support

SOURCES = support.ROOT / "tests" / "programs"
# Tests run side by side in processes, and a program compiled twice differs in its bytes (names of
# temporary files): each process has a folder of its own.
WORK = support.WORK / "programs" / str(os.getpid())
WORK.mkdir(parents=True, exist_ok=True)
atexit.register(shutil.rmtree, WORK, ignore_errors=True)
CC = shutil.which("riscv64-unknown-elf-gcc")
SPECS = pathlib.Path("/usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs")
QEMU = shutil.which("qemu-system-riscv32")
MACHINE = ["-march=rv32imafc_zicsr_zifencei", "-mabi=ilp32f", "-mcmodel=medany"]
BARE = [*MACHINE, "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-nostdlib", "-static",
        f"-T{SOURCES}/bare.ld", "-Wl,--no-warn-rwx-segments", f"-I{SOURCES}"]
# As the C library's documentation shows it; the multilib goes by the name without Zicsr.
HOSTED = ["-march=rv32imafc", "-mabi=ilp32f", "-mcmodel=medany", "-O2", f"--specs={SPECS}",
          f"-I{SOURCES}", "-Wl,--defsym=__flash=0x80000000", "-Wl,--defsym=__flash_size=0x400000",
          "-Wl,--defsym=__ram=0x80400000", "-Wl,--defsym=__ram_size=0x200000"]


def needs_compiler(test):
    return unittest.skipUnless(CC, "skipped: no riscv64-unknown-elf-gcc")(test)


def needs_picolibc(test):
    return unittest.skipUnless(CC and SPECS.exists(),
                               "skipped: no picolibc-riscv64-unknown-elf")(test)


def build(name, flags, *sources):
    """Compiles sources of tests/programs and returns the path of the ELF."""
    elf = WORK / f"{name}.elf"
    files = [flag if str(flag).startswith("-") else SOURCES / flag for flag in sources]
    done = support.run(CC, *flags, *files, "-o", elf)
    if done.returncode != 0:
        raise AssertionError(f"the compiler failed:\n{done.stderr}")
    return elf


def run(elf, *options, platform="tiny", until="5 s", timeout=120, stdin=subprocess.DEVNULL):
    return support.run(support.VP, "run", "--platform", platform, "--firmware", elf, "--until",
                       until, *options, timeout=timeout, stdin=stdin)


def run_qemu(elf, *options):
    # Guest time goes by instructions, one a nanosecond, and not by the host's clock: timeouts come
    # where they would on an idle machine, however busy this one is. Of several harts one could
    # then wait for ever on another, so these go by the host's.
    clock = [] if "-smp" in options else ["-icount", "shift=0"]
    return support.run(QEMU, "-M", "virt", "-bios", "none", "-display", "none", "-serial", "stdio",
                       "-monitor", "none", *clock, "-kernel", elf, *options, timeout=120,
                       stdin=subprocess.DEVNULL)
