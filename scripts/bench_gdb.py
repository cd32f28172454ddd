# SPDX-License-Identifier: Apache-2.0
"""Speed of the debugger: steps per second, and what breakpoints cost a running program."""

import argparse
import os
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]


def spread(values):
    return f"{statistics.median(values):.0f} ({min(values):.0f} .. {max(values):.0f})"


def steps_per_second(support, command, count):
    """Single steps asked for packet by packet, as gdb does."""
    with support.Platform() as platform, platform.raw() as client:
        client.no_ack()
        client.ask(f"M{support.symbol('want_spin'):x},4:01000000")
        begin = time.monotonic()
        for _ in range(count):
            client.ask(command)
        rate = count / (time.monotonic() - begin)
        client.send(support.frame("k"))
    return rate


def gdb_steps_per_second(support, count):
    with support.Platform() as platform:
        text = platform.gdb("set want_spin = 1", "python import time; begin = time.monotonic()",
                            f"stepi {count}",
                            f"python print('rate', {count} / (time.monotonic() - begin))", "kill")
    return float(text.split("rate ")[1].split()[0])


def mips(support, points):
    """Host speed of a busy loop with stop points that are never reached."""
    with support.Platform("--quantum", "10 us", wait=True) as platform, platform.raw() as client:
        client.no_ack()
        for point in points:
            client.ask(point)
        client.ask(f"M{support.symbol('want_spin'):x},4:01000000")
        client.send(support.frame("vCont;c"))
        time.sleep(0.3)

        def count():
            client.send(b"\x03")
            client.reply()
            low = int.from_bytes(bytes.fromhex(client.ask(f"p{65 + 0xb02:x}")), "little")
            high = int.from_bytes(bytes.fromhex(client.ask(f"p{65 + 0xb82:x}")), "little")
            return high << 32 | low

        first, begin = count(), time.monotonic()
        client.send(support.frame("vCont;c"))
        time.sleep(2)
        rate = (count() - first) / (time.monotonic() - begin)
        client.send(support.frame("k"))
    return rate * 1e-6


def table(build, repeats):
    os.environ["AIMC_BUILD_DIR"] = str(build)
    sys.path.insert(0, str(ROOT / "tests" / "integration"))
    import gdb_support  # pylint: disable=import-outside-toplevel
    rows = ["| what | result |", "|---|---|"]
    rates = [steps_per_second(gdb_support, "vCont;s:1;c", 5000) for _ in range(repeats)]
    rows.append(f"| single steps by the protocol alone [1/s] | {spread(rates)} |")
    if gdb_support.GDB:
        rates = [gdb_steps_per_second(gdb_support, 5000) for _ in range(repeats)]
        rows.append(f"| `stepi 5000` in gdb-multiarch [steps/s] | {spread(rates)} |")
    for name, points in (("nothing set", []), ("a breakpoint set", ["Z0,80200000,2"]),
                         ("a watchpoint set", ["Z2,80100000,4"])):
        rates = [mips(gdb_support, points) for _ in range(min(repeats, 3))]
        rows.append(f"| busy loop, client attached, {name} [MIPS] | {spread(rates)} |")
    return "### Debugger\n\nWall time.\n\n" + "\n".join(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    print(table(arguments.build.resolve(), arguments.repeats))
