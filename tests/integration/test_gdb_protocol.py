# SPDX-License-Identifier: Apache-2.0
"""The debugger's port without gdb: malformed packets, a second client, lost connections, options."""

import re
import socket
import time
import unittest

import support
from gdb_support import PROGRAM, TWO_HARTS, Platform, frame, symbol


def connect(address):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=5)


@unittest.skipUnless(PROGRAM.exists(), "skipped: no firmware")
class GdbProtocol(unittest.TestCase):
    def end(self, platform, client):
        """The platform is well: it runs to the end and says so."""
        self.assertTrue(client.ask("vCont;c").startswith("O"))
        self.assertEqual(client.reply(), "W00")
        self.assertEqual(platform.wait(), 0)

    def test_malformed_packets_are_survived(self):
        with Platform() as platform, platform.raw() as client:
            client.send(b"\x00\xff++--$garbage#00")  # acknowledged mode: asks again
            while client.byte() != b"-":
                pass
            client.no_ack()
            for packet in ("m", "m80000000", "m80000000,", "mzz,4", "m80000000,4x",
                           "m100000000,4", "mffffffff,ffffffff", "M80000000,4:12", "X80000000,4:a",
                           "M80000000,2:zzzz", "G12", "Gxx", "p", "pffff", "p1041x", "P", "P1=",
                           "P1=123456789a", "P20=01000000", "Z0", "Z9,,", "Z2,80000000,0",
                           "Z2,0,ffffffffffffffff", "z", "vCont;", "vCont;c:p9.9", "vCont;q",
                           "Hgp7.1", "Hz", "T", "Tffffffffff", "qXfer:features:read:target.xml:",
                           "qXfer:threads:read::ffffffffffffffff,ffffffffffffffff", "qRcmd,abc",
                           "qCRC:80000000,ffffffffffff", "qThreadExtraInfo,", "s1", "Cxx",
                           "QNonStop:1", "\x00\x01\x02", "k" * 100, "vKill"):
                reply = client.ask(packet)
                self.assertTrue(reply == "" or reply[0] in "El", f"{packet!r}: {reply!r}")
            self.assertRegex(client.ask("M80000000," + "f" * 17000), r"^E\.")
            client.send(b"$" + b"a" * 100000)      # given up in the middle
            self.assertEqual(client.ask("qC"), "QC1")
            client.send(b"$qC#ff")
            self.assertRegex(client.reply(), r"^E\.")
            self.end(platform, client)

    def test_a_stream_in_single_bytes(self):
        with Platform() as platform, platform.raw() as client:
            client.no_ack()
            for byte in frame("m80000000,4"):
                client.send(bytes([byte]))
            self.assertRegex(client.reply(), "^[0-9a-f]{8}$")
            self.end(platform, client)

    def test_a_second_client_is_refused(self):
        with Platform() as platform, platform.raw() as client:
            client.no_ack()
            with self.assertRaises(ConnectionRefusedError):
                connect(platform.address).close()
            self.assertEqual(client.ask("qC"), "QC1")
            self.end(platform, client)

    def test_a_lost_connection_leaves_a_stopped_platform_stopped(self):
        with Platform() as platform:
            with platform.raw() as client:
                client.no_ack()
                self.assertEqual(client.ask("Z0,80000000,2"), "OK")
            for _ in range(500):  # it takes a moment until the port is open again
                try:
                    client = platform.raw()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.01)
            client.no_ack()
            self.assertRegex(client.ask("?"), "^T05")
            self.assertIn("00100000", client.ask("p20"), "still at the reset vector")
            self.end(platform, client)  # and the breakpoint is gone
            client.close()
            self.assertIn("stays stopped", platform.stderr())

    def test_a_client_that_vanishes_while_running_lets_the_program_run(self):
        with Platform() as platform:
            with platform.raw() as client:
                client.no_ack()
                client.send(frame("vCont;c"))
            self.assertEqual(platform.wait(), 0)

    def test_memory_is_read_without_side_effects_and_across_targets(self):
        with Platform() as platform, platform.raw() as client:
            client.no_ack()
            self.assertEqual(client.ask("m30000000,4"), "E14", "a hole")
            self.assertEqual(client.ask("M30000000,4:00000000"), "E14")
            self.assertEqual(client.ask("m0c200004,4"), client.ask("m0c200004,4"), "PLIC claim")
            self.assertEqual(len(client.ask("m8ffffffe,8")), 4, "as far as there is memory")
            self.assertEqual(client.ask("M80100000,4:78563412"), "OK")
            self.assertEqual(client.ask("m80100001,2"), "5634")
            self.end(platform, client)

    def test_one_hart_steps_while_the_other_stands(self):
        with Platform() as platform, platform.raw() as client:
            client.no_ack()
            client.ask("qSupported:multiprocess+")
            for _ in range(10):
                self.assertRegex(client.ask("vCont;s:p1.2"), r"^T05.*thread:p1\.2;")
            self.assertEqual(client.ask("Hgp1.1"), "OK")
            self.assertEqual(client.ask("p20"), "00100000", "hart 0 has not moved")
            self.assertEqual(client.ask("Hgp1.2"), "OK")
            self.assertNotEqual(client.ask("p20"), "00100000")
            self.end(platform, client)

    def test_a_range_step_stops_behind_the_range(self):
        with Platform() as platform, platform.raw() as client:
            client.no_ack()
            self.assertRegex(client.ask("vCont;r1000,1014:1"), "^T0520:00000080;")
            self.end(platform, client)

    def test_stepping_over_wfi_leaves_the_hart_asleep(self):
        with Platform() as platform, platform.raw() as client:
            client.no_ack()
            wfi = symbol("wait_here")
            client.ask(f"Z0,{wfi:x},4")
            self.assertRegex(client.ask("vCont;c"), r"^T05")
            self.assertRegex(client.ask("vCont;s:1"), r"^T05")
            extra = bytes.fromhex(client.ask("qThreadExtraInfo,1")).decode()
            self.assertEqual(extra, "soc.hart0: asleep in wfi")
            # The next step begins when the timer wakes the hart, and ends in the handler.
            self.assertRegex(client.ask("vCont;s:1"), r"^T05")
            pc = int.from_bytes(bytes.fromhex(client.ask("p20")), "little")
            self.assertEqual(pc, symbol("trap_entry"))
            client.ask(f"z0,{wfi:x},4")
            self.end(platform, client)

    def test_a_held_hart_accounts_the_time_as_stall(self):
        with Platform() as platform, platform.raw() as client:
            client.no_ack()
            client.ask(f"Z0,{symbol('fill'):x},2")
            self.assertRegex(client.ask("vCont;c:1"), r"^T05.*thread:1;")  # hart 1 is held
            client.ask(f"z0,{symbol('fill'):x},2")
            client.ask(f"Z0,{symbol('other_hart'):x},2")
            self.assertRegex(client.ask("vCont;c"), r"^T05.*thread:2;")
            client.ask("Hg2")

            def csr(number):
                reply = client.ask(f"p{65 + number:x}")
                return int.from_bytes(bytes.fromhex(reply), "little")

            self.assertGreater(csr(0xb00), csr(0xb02) + 50, "cycles above instructions")
            client.ask(f"z0,{symbol('other_hart'):x},2")
            self.end(platform, client)

    def test_a_watched_access_stops_before_it_and_is_let_through_once(self):
        with Platform() as platform, platform.raw() as client:
            client.no_ack()
            total = symbol("total")
            client.ask(f"Z2,{total:x},4")
            reply = client.ask("vCont;c")
            self.assertRegex(reply, rf"^T05.*thread:1;watch:{total:x};")
            self.assertEqual(client.ask(f"m{total:x},4"), "00000000", "not written yet")
            before = client.ask("p20")
            self.assertNotIn("watch", client.ask("vCont;s:1;c"))  # though it is still there
            self.assertNotEqual(client.ask("p20"), before)
            self.assertEqual(client.ask(f"m{total:x},4"), "8c000000")
            self.end(platform, client)

    def test_the_end_by_the_time_limit_is_told(self):
        with Platform("--until", "3 us") as platform, platform.raw() as client:
            client.no_ack()
            self.assertTrue(client.ask("vCont;c").startswith("O"))
            self.assertEqual(client.reply(), "W7c")
            self.assertEqual(platform.wait(), 124)

    def test_ctrl_c_that_comes_with_the_resume(self):
        with Platform() as platform, platform.raw() as client:
            client.no_ack()
            client.send(frame("vCont;c") + b"\x03")
            self.assertRegex(client.reply(), "^T02")
            self.end(platform, client)

    def test_signals_to_the_program_end_a_stopped_platform(self):
        with Platform() as platform:
            platform.process.terminate()
            self.assertEqual(platform.wait(10), 130)
        with Platform() as platform, platform.raw() as client:
            client.no_ack()
            platform.process.terminate()
            self.assertEqual(platform.wait(10), 130)


@unittest.skipUnless(PROGRAM.exists(), "skipped: no firmware")
class GdbOptions(unittest.TestCase):
    def run_vp(self, *options):
        return support.run(support.VP, "run", "--platform", TWO_HARTS, "--firmware", PROGRAM,
                           *options)

    def test_wrong_places_are_told(self):
        for place in ("x", "70000", "1.2.3:4x", "::1", "192.0.2.1:0", "example.org:1"):
            done = self.run_vp("--gdb", place)
            self.assertEqual(done.returncode, 2, place)
            self.assertRegex(done.stderr, "^--gdb .*error: ")
        done = self.run_vp("--gdb-wait")
        self.assertEqual(done.returncode, 2)

    def test_a_taken_port_is_told(self):
        with Platform() as platform:
            done = self.run_vp("--gdb", platform.address)
            self.assertEqual(done.returncode, 2)
            self.assertIn("cannot listen", done.stderr)

    def test_other_machines_are_let_in_only_on_request_and_with_a_warning(self):
        done = self.run_vp("--gdb", "0.0.0.0:0")
        self.assertEqual(done.returncode, 0, "nobody waits without --gdb-wait")
        self.assertRegex(done.stderr, "everybody who reaches this address")
        done = self.run_vp("--gdb", "0")
        self.assertNotIn("everybody", done.stderr)
        self.assertTrue(re.search(r"target remote 127\.0\.0\.1:\d+", done.stderr))
        self.assertEqual(done.stdout, "", "standard output belongs to the program")


if __name__ == "__main__":
    unittest.main()
