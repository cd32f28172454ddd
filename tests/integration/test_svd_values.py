# SPDX-License-Identifier: Apache-2.0
"""The SVD says what a debugger finds: registers that answer, and their values after reset."""

import unittest
import xml.etree.ElementTree as xml

import support
from gdb_support import PROGRAM, TWO_HARTS, Platform


def number(element, name, default):
    return int(element.findtext(name, default), 0)


def registers(device):
    """Name, address, bytes, access, value and mask after reset of each element of each register."""
    peripherals = {one.findtext("name"): one for one in device.iter("peripheral")}
    for name, peripheral in peripherals.items():
        base = number(peripheral, "baseAddress", "0")
        origin = peripherals[peripheral.get("derivedFrom", name)]
        for register in origin.iter("register"):
            for index in range(number(register, "dim", "1")):
                yield (f"{name}.{register.findtext('name')} {index}",
                       base + number(register, "addressOffset", "0")
                       + index * number(register, "dimIncrement", "0"),
                       number(register, "size", "32") // 8, register.findtext("access"),
                       number(register, "resetValue", "0"), number(register, "resetMask", "-1"))


@unittest.skipUnless(PROGRAM.exists(), "skipped: no firmware")
class SvdValues(unittest.TestCase):
    def read_all(self, platform):
        """Compares every register that can be read; returns how many, and which have several values."""
        svd = support.run(support.VP, "describe", platform, "--svd")
        self.assertEqual(svd.returncode, 0, svd.stderr)
        seen, unknown = 0, set()
        with Platform(platform=platform) as running, running.raw() as client:
            client.no_ack()
            for name, address, size, access, value, mask in registers(xml.fromstring(svd.stdout)):
                if access == "write-only":
                    continue
                reply = client.ask(f"m{address:x},{size:x}")
                if reply.startswith("E"):  # arrays may have gaps, single registers have not
                    self.assertNotEqual(name[-2:], " 0", f"{name} does not answer")
                    continue
                found = int.from_bytes(bytes.fromhex(reply), "little")
                self.assertEqual(found & mask, value & mask, f"{name} at {address:#x}")
                seen += 1
                if mask == 0:
                    unknown.add(name)
        return seen, unknown

    def test_one_kind_of_tiles(self):
        seen, unknown = self.read_all("tiny")
        self.assertGreater(seen, 1000)
        self.assertEqual(unknown, set())

    def test_several_harts_have_more_contexts_of_interrupts(self):
        self.assertGreater(self.read_all(TWO_HARTS)[0], self.read_all("tiny")[0])

    def test_different_tiles_share_registers_but_not_all_values(self):
        unknown = {name.split(".")[1].split()[0] for name in self.read_all("mixed")[1]}
        self.assertIn("KIND", unknown)
        self.assertNotIn("ID", unknown)


if __name__ == "__main__":
    unittest.main()
