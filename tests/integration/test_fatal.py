# SPDX-License-Identifier: Apache-2.0
"""No program makes the simulator end, or run for ever, without saying why."""

import os
import re
import struct
import unittest

import programs
import support

USER_ERROR, FATAL, TIMEOUT, ASLEEP = 2, 101, 124, 125


def end_of_memory():
    """The first address behind the RAM of the platform."""
    text = support.run(support.VP, "describe", "tiny").stdout
    return int(re.search(r"0x80000000-(0x[0-9a-f]+) ram0", text).group(1), 16) + 1


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
        text = self.end("DOUBLE_FAULT", FATAL, "endless trap loop, the trap handler traps",
                        "mcause 0x00000005", "mtval 0x00000008", until="1 s")
        self.assertLess(len(text.splitlines()), 80, "warnings are limited")

    def test_a_jump_into_devices_is_an_access_fault_at_the_target(self):
        for device, address in (("finisher", 0x100000), ("CLINT", 0x2000000),
                                ("PLIC", 0xc000000), ("UART", 0x10000000),
                                ("network", 0x10400000), ("tile", 0x40000000)):
            with self.subTest(device):
                self.end(f"JUMP={address:#x}", FATAL, f"fetch from {address:#010x}",
                         f"instruction access fault at {address:#010x}")

    def test_the_report_of_a_jump_into_a_device_names_it_and_shows_no_code(self):
        for address, text in ((0x10000000, "device 'uart0'"), (0x100000, "device 'finisher'"),
                              (0x40000000, "device 'tile0'"), (0x40100000, "device 'tile1'"),
                              (0x30000000, "nothing answers here")):
            with self.subTest(hex(address)):
                self.end(f"JUMP={address:#x}", FATAL, f"=> {address:#010x}  {text}\n")

    def test_a_stack_in_a_device_is_told_and_not_read(self):
        for address, text in ((0x10000000, "device 'uart0'"), (0xc200000, "device 'plic0'"),
                              (0x40100010, "device 'tile1'"), (0x30000000, "nothing answers here")):
            with self.subTest(hex(address)):
                self.end(f"STACK_AT={address:#x}", FATAL, "illegal instruction at 0x8",
                         f"no stack at sp {address:#010x}: {text}\n")

    def test_a_handler_sees_the_fault_of_a_jump_into_a_device(self):
        for address in (0x100000, 0x10000000, 0x30000000):
            with self.subTest(hex(address)):
                self.end(f"JUMP_HANDLED={address:#x}", 1, "fetch from")

    def test_a_stack_that_grows_into_a_hole(self):
        self.end("STACK", FATAL, "store to 0x7ffffc00", "store access fault at 0x8000000c",
                 "sp 7ffffc00")

    def test_a_handler_where_none_can_be(self):
        for address in (0x10000000, 0x30000000, 0x40000000):
            with self.subTest(hex(address)):
                self.end(f"HANDLER_AT={address:#x}", FATAL, f"mtvec {address:#010x}",
                         "illegal instruction at 0x8", "instruction access fault")
        self.end("HANDLER_AT=0x1000", FATAL, "endless trap loop", "its handler trapped 999999",
                 until="1 s")

    def test_a_handler_that_overflows_the_same_stack(self):
        text = self.end("HANDLER_PUSHES", FATAL, "store to 0x7ffffff0", "endless trap loop",
                        "its handler trapped 999999", "more warnings are not printed", until="1 s")
        self.assertLess(len(text.splitlines()), 80, "warnings are limited")

    def test_handlers_that_go_round_for_ever(self):
        self.end("HANDLER_RETURNS", TIMEOUT, "did not end within", "illegal instruction at 0x8")
        self.end("HANDLER_CALLS", FATAL, "endless trap loop", "illegal instruction at 0x8", until="1 s")

    def test_the_number_of_traps_that_are_a_loop_is_a_parameter(self):
        elf = programs.build("fatal_calls", programs.BARE, "-DHANDLER_CALLS", "fatal.S")
        for limit, code in (("0", TIMEOUT), ("1000", FATAL)):
            done = programs.run(elf, "--set", f"hart0.trap_limit={limit}", until="100 us")
            self.assertEqual(done.returncode, code, done.stderr)

    def test_user_mode_that_may_reach_nothing(self):
        self.end("USER_WITHOUT_PMP", FATAL, "instruction access fault at 0x8",
                 "the first instruction of the trap handler traps")

    def test_a_breakpoint_that_nobody_serves(self):
        self.end("EBREAK", FATAL, "breakpoint at 0x80000000 (_start)")

    def test_an_instruction_that_the_hart_has_not_got_or_that_is_switched_off(self):
        fmul, read_fcsr, mul, sh1add = 0x10a57553, 0x00302573, 0x02b50533, 0x20a52533
        off = "needs the floating-point unit, which is off (mstatus.FS is 0)"
        for word, isa, text in ((fmul, "rv32imafc", f"fmul.s {off}"),
                                (read_fcsr, "rv32imafc", f"csrrs {off}"),
                                (fmul, "rv32imac", "fmul.s belongs to F, which the hart has not got"),
                                (mul, "rv32i", "mul belongs to M, which"),
                                (sh1add, "rv32imafc_zbb", "sh1add belongs to Zba, which"),
                                (0, "rv32imafc", "")):
            elf = programs.build("fatal_execute", programs.BARE, f"-DEXECUTE={word:#x}", "fatal.S")
            done = programs.run(elf, "--set", f"hart0.isa={isa}")
            self.assertEqual(done.returncode, FATAL, done.stderr)
            self.assertIn(text, done.stderr)
            self.assertEqual(text == "", "hart has not got" not in done.stderr
                             and "is off" not in done.stderr, done.stderr)

    def test_stores_where_none_are_taken(self):
        for address in (0x1000, 0x30000000, 0xfffffffc):
            with self.subTest(hex(address)):
                self.end(f"STORE_TO={address:#x}", FATAL, f"store to {address:#010x}",
                         "store access fault", f"mtval {address:#010x}")

    def test_a_program_that_erases_itself_or_runs_off_the_end_of_memory(self):
        self.end("ERASES_ITSELF", FATAL, "illegal instruction at 0x8")
        last = end_of_memory() - 4
        self.end(f"JUMP={last:#x}", FATAL, f"illegal instruction at {last:#010x}")

    def test_codes_that_an_exit_status_cannot_hold_are_no_success(self):
        for value, code in ((0x3333, 0), (0x13333, 1), (0xff3333, 255), (0x1003333, 255)):
            with self.subTest(hex(value)):
                elf = programs.build("fatal_finish", programs.BARE, f"-DFINISH={value:#x}",
                                     "fatal.S")
                done = programs.run(elf)
                self.assertEqual(done.returncode, code, done.stderr)
                if value > 0x3333:
                    self.assertIn(f"failed with code {value >> 16}", done.stderr)

    def test_a_program_that_never_ends(self):
        self.end("SPIN", TIMEOUT, "did not end within 5 ms")

    def test_a_hart_that_nothing_wakes(self):
        self.end("SLEEP", ASLEEP, "every hart sleeps and no event is pending")


class Elf(unittest.TestCase):
    """Files that no linker would write: one message and exit code 2, or a run."""

    def setUp(self):
        self.path = programs.WORK / f"odd_{os.getpid()}.elf"
        self.addCleanup(lambda: self.path.unlink(missing_ok=True))

    def image(self, segments=((0x80000000, 8, 8),), entry=0x80000000, **header):
        """A file with these segments (address, bytes in the file, bytes in memory), all of which
        show the same code: a jump to itself."""
        fields = {"ident": b"\x7fELF\1\1\1", "type": 2, "machine": 243, "phoff": 52, "shoff": 0,
                  "phentsize": 32, "phnum": len(segments), "shentsize": 40, "shnum": 0} | header
        code = 52 + 32 * len(segments)
        text = struct.pack("<16sHHIIIIIHHHHHH", fields["ident"], fields["type"], fields["machine"],
                           1, entry, fields["phoff"], fields["shoff"], 0, 52, fields["phentsize"],
                           fields["phnum"], fields["shentsize"], fields["shnum"], 0)
        for address, in_file, in_memory in segments:
            text += struct.pack("<8I", 1, code, address, address, in_file, in_memory, 7, 4)
        return text + struct.pack("<II", 0x6f, 0x6f)

    def run_image(self, image):
        self.path.write_bytes(image)
        return programs.run(self.path, until="1 us")

    def refused(self, image, *parts):
        done = self.run_image(image)
        self.assertEqual(done.returncode, USER_ERROR, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertEqual(done.stdout, "")
        for part in (str(self.path), *parts):
            self.assertIn(part, done.stderr)

    def test_the_good_one_runs_and_every_shorter_one_is_refused(self):
        good = self.image()
        self.assertEqual(self.run_image(good).returncode, TIMEOUT)
        for length in range(len(good)):
            with self.subTest(length):
                self.refused(good[:length])

    def test_each_bit_of_the_headers_in_turn(self):
        good = self.image()
        for bit in range(0, 8 * 84, 3):
            image = bytearray(good)
            image[bit // 8] ^= 1 << bit % 8
            with self.subTest(bit):
                done = self.run_image(image)
                # Some bits mean nothing here, and a moved segment may trap.
                self.assertIn(done.returncode, (USER_ERROR, TIMEOUT, FATAL), done.stderr)
                self.assertNotEqual(done.stderr, "")

    def test_other_machines_and_kinds(self):
        self.refused(self.image(ident=b"\x7fELF\2\1\1"), "32-bit")
        self.refused(self.image(ident=b"\x7fELF\1\2\1"), "little-endian")
        self.refused(self.image(machine=62), "62", "RISC-V")
        for kind in (0, 1, 3, 4):
            self.refused(self.image(type=kind), "ET_EXEC")
        self.refused(b"", "not an ELF file")
        self.refused(b"\x7fELF", "not an ELF file")

    def test_nothing_to_load(self):
        self.refused(self.image(segments=()), "program headers")
        self.refused(self.image(segments=((0x80000000, 0, 0),)), "nothing to load")
        self.refused(self.image(phentsize=56), "program headers")
        self.refused(self.image(phoff=0xfffffff0), "truncated")
        self.refused(self.image(phnum=0xffff), "truncated")

    def test_places_where_no_memory_is(self):
        hole = 0x30000000
        self.refused(self.image(segments=((hole, 8, 8),), entry=hole), "is not memory")
        last = end_of_memory() - 4
        self.refused(self.image(segments=((last, 8, 8),), entry=last), "is not memory")
        self.refused(self.image(segments=((0x10000000, 8, 8),), entry=0x10000000), "is not memory")
        self.refused(self.image(segments=((0x80000000, 8, 0x7fffffff),)), "is not memory")
        self.refused(self.image(segments=((0x80000000, 8, 0xffffffff),)), "wraps")
        self.refused(self.image(segments=((0x80000000, 8, 4),)), "more bytes")

    def test_an_entry_outside(self):
        for entry in (0, 0x80000008, 0x7fffffff, 0xffffffff):
            self.refused(self.image(entry=entry), "lies in no segment")

    def test_segments_that_overlap(self):
        self.refused(self.image(segments=((0x80000000, 8, 8), (0x80000004, 8, 8))), "overlap")
        self.refused(self.image(segments=((0x80000000, 8, 8), (0x80000000, 8, 8))), "overlap")

    def test_a_broken_symbol_table(self):
        self.refused(self.image(shoff=0x7fffffff, shnum=3), "truncated")


if __name__ == "__main__":
    unittest.main()
