# SPDX-License-Identifier: Apache-2.0
"""Debuggers that come at random moments, set stop points, step, look and go: the program takes the
same instructions, cycles, traps and bus accesses as without them."""

import json
import os
import random
import re
import time
import unittest

import programs
import support
from gdb_support import GDB, PROGRAM, TWO_HARTS, Platform, frame, symbol
from test_gdb_states import attach, reset_connection

ACTIONS = 40
SEEDS = range(1, 7)


class Session:
    """One debugger after the other, each doing something at random."""

    def __init__(self, platform, program, seed, places, data):
        self.platform, self.random = platform, random.Random(seed)
        self.code = [symbol(name, program) for name in places]
        main = symbol("main", program)  # and any places in the middle
        self.code += [main + 2 * self.random.randrange(200) for _ in range(10)]
        self.data = [symbol(name, program) for name in data]
        self.client, self.points, self.over = attach(platform), set(), False

    def stop(self):
        """Waits until the platform stops or ends."""
        while (reply := self.client.reply()).startswith("O") and reply != "OK":
            pass
        self.over = reply[0] == "W"

    def resume(self, how):
        self.client.send(frame(how))
        if "c" in how and self.random.random() < 0.5:
            time.sleep(0.002 * self.random.random())
        self.client.send(b"\x03")  # a stop point may come first
        self.stop()

    def toggle(self):
        kind = self.random.randrange(5)
        place = self.random.choice(self.data if kind >= 2 else self.code)
        point = f"{kind},{place:x},{4 if kind >= 2 else 2}"
        self.client.ask(("z" if point in self.points else "Z") + point)
        self.points ^= {point}

    def look(self):
        self.client.ask(f"Hg{self.random.randint(1, 2)}")
        self.client.ask("g")
        self.client.ask(f"m{self.random.choice((0x0c200004, 0x10000000, 0x80000000)):x},40")
        self.client.ask(f"p{65 + self.random.choice((0x300, 0x344, 0xb00, 0xc01)):x}")

    def leave(self):
        """The platform runs while nobody is there, or waits for the next one."""
        if self.random.random() < 0.5:
            self.client.send(frame("D"))
            self.client.reply()
            self.client.close()
        else:
            reset_connection(self.client)
        self.points.clear()
        time.sleep(0.001 * self.random.random())
        self.client = attach(self.platform)
        self.over = self.client is None

    def act(self):
        what = self.random.randrange(10)
        thread = self.random.randint(1, 2)
        if what < 2:
            self.resume("vCont;c")
        elif what < 4:
            self.resume(f"vCont;s:{thread};c")
        elif what == 4:
            pc = int.from_bytes(bytes.fromhex(self.client.ask("p20")), "little")
            self.resume(f"vCont;r{pc:x},{pc + 16:x}:{thread};c")
        elif what == 5:
            for _ in range(20):
                if not self.over:
                    self.client.send(frame("vCont;s:1;c"))
                    self.stop()
        elif what < 8:
            self.toggle()
        elif what == 8:
            self.look()
        else:
            self.leave()

    def finish(self):
        for point in () if self.over else self.points:
            self.client.ask("z" + point)
        while not self.over:
            self.client.send(frame("vCont;c"))
            self.stop()
        if self.client is not None:
            self.client.close()


class Unchanged(unittest.TestCase):
    def statistics(self, path):
        text = path.read_text(encoding="utf-8")
        path.unlink()
        return support.without_host(json.loads(text))

    def check(self, program, platform, places, data, *options):
        support.WORK.mkdir(parents=True, exist_ok=True)
        path = support.WORK / f"property_{os.getpid()}.json"
        done = support.run(support.VP, "run", "--platform", platform, "--firmware", program,
                           "--stats", path, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        plain = self.statistics(path)
        for seed in SEEDS:
            with self.subTest(seed=seed), Platform("--stats", path, *options, program=program,
                                                   platform=platform) as running:
                session = Session(running, program, seed, places, data)
                for _ in range(ACTIONS):
                    if not session.over:
                        session.act()
                session.finish()
                self.assertEqual(running.wait(), 0)
                self.assertEqual(self.statistics(path), plain)

    @unittest.skipUnless(PROGRAM.exists(), "skipped: no firmware")
    def test_two_harts_one_of_which_is_mostly_asleep(self):
        self.check(PROGRAM, TWO_HARTS, ("main", "sum", "on_timer", "other_hart", "trap_entry"),
                   ("total", "ticks", "other_count", "counted"))

    @programs.needs_compiler
    def test_two_harts_with_locks_messages_and_timers(self):
        elf = programs.build("harts_2", programs.BARE, "-DHARTS=2", "harts_start.S", "harts.c")
        for quantum in ("1 us", "10 us"):
            self.check(elf, TWO_HARTS, ("main", "on_trap", "line"),
                       ("lock_reserved", "added", "mail"), "--quantum",
                       quantum)

    @programs.needs_compiler
    @unittest.skipUnless(GDB, "skipped: no gdb-multiarch")
    def test_breakpoints_that_gdb_steps_over_in_the_locks_of_two_harts(self):
        elf = programs.build("harts_2", programs.BARE, "-DHARTS=2", "harts_start.S", "harts.c")
        listing = support.run("riscv64-unknown-elf-objdump", "-d", elf).stdout
        places = re.findall(r"^([0-9a-f]{8}):.*\s(?:lr|amoswap|amoor)\.w", listing, re.MULTILINE)
        path = support.WORK / f"property_{os.getpid()}.json"
        found = set()
        for place in (None, *places[::3]):
            stop = () if place is None else (f"break *0x{place}", "ignore 1 500", "continue",
                                             "delete")
            with Platform("--stats", path, program=elf) as platform:
                text = platform.gdb(*stop, "continue", program=elf)
                self.assertEqual(platform.wait(), 0, text)
            found.add(json.dumps(self.statistics(path)))
        self.assertEqual(len(found), 1)


def random_packet(draw):
    """Mostly well-formed, with addresses and lengths of every kind."""
    address = draw.choice((0x80000000, 0x80003010, 0x1000, 0x02004000, 0x0c000000, 0x10000000,
                           0x40000000, 0x10300100, 0xfffffffc, 0x30000000, draw.getrandbits(32)))
    length = draw.choice((0, 1, 2, 3, 4, 8, 64, 4096, 0x4000, 0xffffffff))
    word = f"{draw.getrandbits(32):08x}"
    register = draw.randrange(4200)
    command = draw.choice(("help", "where", "irq", "stats", "time", "reset halt", "reset", "halt",
                           "resume", "trace on *", "trace", "nothing"))
    return draw.choice((
        f"m{address:x},{length:x}", f"M{address:x},4:{word}", f"p{register:x}",
        f"P{register:x}={word}", f"{draw.choice('zZ')}{draw.randrange(6)},{address:x},{length:x}",
        "g", "G" + word * draw.choice((1, 33, 66)), "?", f"H{draw.choice('gc')}{draw.randrange(4)}",
        "qfThreadInfo", "qSupported:swbreak+", "qRcmd," + command.encode().hex(),
        f"qCRC:{address:x},{length & 0xffff:x}", "vRun;", "R00",
        f"qXfer:features:read:target.xml:{draw.randrange(9000):x},{draw.randrange(9000):x}",
        "vCont;c", "vCont;s:1", "vCont;s:2;c", "c", "s", f"c{address:x}", "vCont;c:1",
        f"vCont;r{address:x},ffffffff:1", "".join(chr(draw.randrange(37, 125)) for _ in range(9))))


@unittest.skipUnless(PROGRAM.exists(), "skipped: no firmware")
class Survives(unittest.TestCase):
    """Whatever a client sends, the platform lives on or ends with one of its exit codes."""

    CODES = (0, 101, 124, 125, 137)
    RESUMES = ("c", "s", "vCont;")

    def talk(self, client, draw):
        client.no_ack()
        client.ask("!")
        for _ in range(80):
            packet = random_packet(draw)
            if packet[0] in "kD":
                continue
            client.send(frame(packet))
            if packet.startswith(self.RESUMES):
                client.send(b"\x03")
            if packet.startswith("R"):
                continue
            while (reply := client.reply()).startswith("O") and reply != "OK":
                pass
            if reply[:1] in "WX" and packet.startswith(self.RESUMES):
                return
        client.send(frame("k"))

    def test_random_packets(self):
        for seed in range(20):
            with self.subTest(seed), Platform("--until", "1 s") as platform:
                with platform.raw() as client:
                    try:
                        self.talk(client, random.Random(seed))
                    except (EOFError, BrokenPipeError, ConnectionResetError):
                        pass  # the run is over
                self.assertIn(platform.wait(20), self.CODES, platform.stderr()[-2000:])


if __name__ == "__main__":
    unittest.main()
