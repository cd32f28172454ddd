# SPDX-License-Identifier: Apache-2.0
"""No program makes the simulator end, or run for ever, without saying why."""

import unittest

import programs

FATAL, TIMEOUT, ASLEEP = 101, 124, 125


@programs.needs_compiler
class Fatal(unittest.TestCase):
    def end(self, macro, code, *parts, until="5 ms"):
        """Runs fatal.S built for one mistake; returns what the simulator says."""
        name = "fatal_" + "".join(c if c.isalnum() else "_" for c in macro).lower()
        elf = programs.build(name, programs.BARE, f"-D{macro}", "fatal.S")
        done = programs.run(elf, until=until)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        for part in parts:
            self.assertIn(part, done.stderr)
        return done.stderr

    def test_a_trap_without_handler(self):
        self.end("NO_HANDLER", FATAL, "soc.hart0: the first instruction of the trap handler traps",
                 "mtvec 0x00000000", "illegal instruction at 0x80000000 (_start)")

    def test_a_handler_that_begins_with_a_trap(self):
        self.end("HANDLER_IS_ILLEGAL", FATAL, "the first instruction of the trap handler traps",
                 "mcause 0x00000002")

    def test_a_handler_that_faults_for_ever(self):
        text = self.end("DOUBLE_FAULT", FATAL, "endless trap loop, the trap handler faults",
                        "mcause 0x00000005", "mtval 0x00000008", until="1 s")
        self.assertLess(len(text.splitlines()), 80, "warnings are limited")

    def test_a_jump_into_devices_is_an_access_fault_at_the_target(self):
        for device, address in (("finisher", 0x100000), ("CLINT", 0x2000000),
                                ("PLIC", 0xc000000), ("UART", 0x10000000),
                                ("network", 0x10400000), ("tile", 0x40000000)):
            with self.subTest(device):
                self.end(f"JUMP={address:#x}", FATAL, f"fetch from {address:#010x}",
                         f"instruction access fault at {address:#010x}")

    def test_a_handler_sees_the_fault_of_a_jump_into_a_device(self):
        for address in (0x100000, 0x10000000, 0x30000000):
            with self.subTest(hex(address)):
                self.end(f"JUMP_HANDLED={address:#x}", 1, "fetch from")

    def test_a_stack_that_grows_into_a_hole(self):
        self.end("STACK", FATAL, "store to 0x7ffffc00", "store access fault at 0x8000000c",
                 "sp 7ffffc00")

    def test_a_program_that_never_ends(self):
        self.end("SPIN", TIMEOUT, "did not end within 5 ms")

    def test_a_hart_that_nothing_wakes(self):
        self.end("SLEEP", ASLEEP, "every hart sleeps and no event is pending")


if __name__ == "__main__":
    unittest.main()
