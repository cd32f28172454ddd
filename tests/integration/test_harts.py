# SPDX-License-Identifier: Apache-2.0
"""Several harts on one platform: the same counts whatever the quantum, and as on QEMU; what one hart
does depends on the quantum not at all."""

import json
import os
import unittest

import programs
import support
from gdb_support import GDB, Platform

QUANTA = ("100 ns", "1 us", "10 us", "100 us")
EIGHT = support.PLATFORMS / "eight_harts.yaml"
ROUNDS, MESSAGES, ALARMS, HARTS = 300, 12, 4, 8


def run(elf, platform, quantum, *options):
    """Result and statistics of one run."""
    stats = programs.WORK / f"harts_{os.getpid()}.json"  # tests run side by side
    done = programs.run(elf, "--quantum", quantum, "--stats", stats, *options, platform=platform)
    if done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode} at {quantum}:\n{done.stderr}")
    text = stats.read_text(encoding="utf-8")
    stats.unlink()
    return done, json.loads(text)


@programs.needs_compiler
class Eight(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.elf = programs.build("harts", programs.BARE, "harts_start.S", "harts.c")

    def expected(self):
        parity = 0
        for hart in range(HARTS):
            for n in range(ROUNDS):
                parity ^= (n * 2654435761 + hart) & 0xffffffff
        lines = [("under LR/SC lock", HARTS * ROUNDS), ("under AMO lock", HARTS * ROUNDS),
                 ("added", HARTS * ROUNDS * (ROUNDS - 1) // 2),
                 ("conditional", ROUNDS * HARTS * (HARTS + 1) // 2), ("parity", parity),
                 ("highest", HARTS * ROUNDS - 1), ("harts seen", (1 << HARTS) - 1)]
        for _ in range(HARTS):
            lines += [("messages", MESSAGES * (HARTS - 1)), ("alarms", ALARMS),
                      ("early or strange", 0)]
        return "".join(f"{name} {value:08x}\n" for name, value in lines)

    def test_locks_counters_messages_and_timers_at_any_quantum(self):
        for quantum in QUANTA:
            with self.subTest(quantum):
                done, stats = run(self.elf, EIGHT, quantum)
                self.assertEqual(done.stdout, self.expected())
                for hart in range(HARTS):
                    self.assertEqual(
                        stats["instances"][f"hart{hart}"]["traps"]["machine timer interrupt"],
                        ALARMS)

    def test_a_reset_by_one_starts_them_all_at_once(self):
        elf = programs.build("harts_reset", programs.BARE, "harts_start.S", "harts_reset.c")
        for quantum in QUANTA:
            with self.subTest(quantum):
                self.assertEqual(run(elf, EIGHT, quantum)[0].stdout, "starts 00000006\n" * HARTS)

    def test_a_run_is_reproducible(self):
        first, second = (support.without_host(run(self.elf, EIGHT, "1 us")[1]) for _ in range(2))
        self.assertEqual(first, second)

    @unittest.skipUnless(programs.QEMU, "skipped: no qemu-system-riscv32")
    def test_the_same_counts_on_qemu(self):
        there = programs.run_qemu(self.elf, "-smp", str(HARTS))
        self.assertEqual(there.stdout.replace("\r\n", "\n"), self.expected())

    @unittest.skipUnless(GDB, "skipped: no gdb-multiarch")
    def test_a_debugger_lists_eight_threads(self):
        with Platform(platform=EIGHT, program=self.elf) as platform:
            text = platform.gdb("info threads", "thread 8", "print $mhartid", "kill",
                                program=self.elf)
        for hart in range(HARTS):
            self.assertRegex(text, rf"(?m)^[* ] {hart + 1} +Thread .*hart{hart}", text)
        self.assertRegex(text, r"\$1 = 7\b", text)


@programs.needs_compiler
class One(unittest.TestCase):
    """Instructions, cycles and output of a hart that does not read time."""

    def check(self, elf, *options):
        found = set()
        for quantum in QUANTA:
            done, stats = run(elf, "tiny", quantum, *options)
            hart = stats["instances"]["hart0"]
            found.add((done.stdout, hart["instructions"], hart["cycles"], json.dumps(hart["traps"])))
        self.assertEqual(len(found), 1, f"depends on the quantum: {found}")
        return found.pop()

    def test_a_run_that_until_ends(self):
        elf = programs.build("busy_1", programs.BARE, "-DHARTS=1", "-DROUNDS=50", "harts_start.S",
                             "busy_harts.c")
        found = set()
        for quantum in QUANTA:
            stats = programs.WORK / "until.json"
            done = programs.run(elf, "--quantum", quantum, "--stats", stats, until="20.0005 us")
            self.assertEqual(done.returncode, 124, done.stderr)
            hart = json.loads(stats.read_text())["instances"]["hart0"]
            found.add((hart["instructions"], hart["cycles"]))
        self.assertEqual({cycles for _, cycles in found}, {20001}, "what begins by then, no more")
        self.assertEqual(len(found), 1, f"depends on the quantum: {found}")

    def test_computing(self):
        elf = programs.build("busy_1", programs.BARE, "-DHARTS=1", "-DROUNDS=50", "harts_start.S",
                             "busy_harts.c")
        self.assertIn("busy", self.check(elf)[0])

    def test_interrupts_of_the_serial_port(self):
        elf = programs.build("echo", programs.BARE, "start.S", "uart_echo.c")
        typed = programs.WORK / "harts_input.txt"
        typed.write_text("hello q", encoding="ascii")
        self.assertIn("HELLO", self.check(elf, "--uart-input", typed)[0])

    def test_messages_to_itself_and_its_timer(self):
        elf = programs.build("harts_1", programs.BARE, "-DHARTS=1", "harts_start.S", "harts.c")
        self.assertIn("alarms 00000004", self.check(elf)[0])

    def test_firmware(self):
        self.check(support.FIRMWARE / "hello.elf")

    def test_the_timer_interrupts_the_instruction_at_its_moment(self):
        elf = programs.build("latency", programs.BARE, "latency.S")
        costs = ("--set", "hart0.cycles.div=40")
        alone = self.check(elf, *costs)[0]
        busy = [run(elf, EIGHT, quantum, *costs)[0].stdout for quantum in ("100 ns", "100 us")]
        for output in (alone, *busy):
            *exact, divisions, device, software = (int(text, 16) for text in output.splitlines())
            self.assertEqual(len(exact), 5)
            self.assertLessEqual(max(exact), 1, "the instruction that begins then is the last")
            self.assertLessEqual(divisions, 40)
            self.assertLessEqual(device, 12, "an access that has begun ends first")
            self.assertEqual(software, 0, "right behind the store")

    def test_code_that_the_dma_engine_writes(self):
        elf = programs.build("dma_code", programs.BARE, "start.S", "dma_code.c")
        self.assertEqual(self.check(elf)[0], "wrong 00000000\n")

    def test_random_device_accesses_interrupts_and_sleep(self):
        """Reads time all over, and stays the same to the cycle."""
        for seed, clock in ((1, "1 GHz"), (2, "333 MHz")):
            elf = programs.build("quantum_random", programs.BARE, f"-DSEED={seed}", "start.S",
                                 "quantum_random.c")
            options = ("--set", f"hart0.clock={clock}", "--set", "hart0.cycles.csr=3")
            output = self.check(elf, *options)[0]
            log, wanted = programs.WORK / "quantum_random.log", None
            for quantum in ("10 ns", "37 ns", "1 ms"):
                done, _ = run(elf, "tiny", quantum, *options, "--itrace", log,
                              "--itrace-from", "100 us", "--itrace-to", "1 ms")
                self.assertEqual(done.stdout, output)
                found = log.read_bytes()
                wanted = wanted or found
                self.assertGreater(len(found), 1000000)
                self.assertTrue(found == wanted, f"the log depends on the quantum: {quantum}")


class Isa(unittest.TestCase):
    """`isa:` of each hart."""

    def vp(self, text):
        path = support.WORK / f"{self.id().rsplit('.', 1)[1]}.yaml"
        support.WORK.mkdir(parents=True, exist_ok=True)
        path.write_text(f"platform: isa\nextends: {support.ROOT}/platform/configs/tiny.yaml\n"
                        f"instances:\n  hart0: {{params: {{isa: {text}}}}}\n", encoding="utf-8")
        return support.run(support.VP, "run", "--platform", path, "--firmware",
                           support.FIRMWARE / "hello.elf")

    def test_right_strings(self):
        for text in ("rv32imafc", "RV32IMAFCU_Zicsr_Zifencei_Zicntr_Zicclsm",
                     "rv32imafc_zba_zbb_zbs"):
            self.assertEqual(self.vp(text).returncode, 0, text)

    def test_wrong_strings_get_one_message(self):
        for text in ("rv64imac", "rv32imd", "rv32imafc_zbc", "rv32e", "rv32i__m", "rv32i_", "''"):
            done = self.vp(text)
            self.assertEqual(done.returncode, 2, text)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn("isa", done.stderr)
            self.assertIn("rv32i", done.stderr)

    @programs.needs_compiler
    def test_each_hart_has_its_own(self):
        path = support.WORK / "two_isas.yaml"
        path.write_text(f"platform: isas\nextends: {support.PLATFORMS}/two_harts.yaml\n"
                        "instances:\n  hart1: {params: {isa: rv32imac}}\n", encoding="utf-8")
        elf = programs.build("isas", programs.BARE, "harts_isa.c", "harts_start.S")
        done = programs.run(elf, platform=path)
        self.assertEqual(done.stdout, "misa 40101125\nmisa 40101105\n", done.stderr)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
