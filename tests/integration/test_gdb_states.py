# SPDX-License-Identifier: Apache-2.0
"""A debugger that comes, interrupts and goes, in every state the platform can be in."""

import socket
import struct
import time
import unittest

import support
from gdb_support import PROGRAM, Platform, frame, symbol

# Name: variables that lead there, options of the platform, what the state of hart 0 looks like.
STATES = {
    "computing": ({"want_spin": 1}, (), "machine mode"),
    "computing with a long quantum": ({"want_spin": 1}, ("--quantum", "10 ms"), "machine mode"),
    "printing": ({"want_print": 1}, (), "machine mode|bus access"),
    "asleep for ever": ({"want_sleep": 1}, (), "asleep in wfi"),
    "asleep until an alarm hours away": ({"want_sleep": 2}, (), "asleep in wfi"),
    "waiting for slow devices": ({"want_read": 0x10100000}, ("--set", "sensor0.latency=1 ms"),
                                 "machine mode|bus access"),
}
FOR_EVER = {"want_sleep": 1}
KILLED, INTERRUPTED, STUCK = 137, 130, 125


def word(value):
    return value.to_bytes(4, "little").hex()


def reset_connection(client):
    """Closes with RST, as a host that has gone."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def attach(platform):
    """It takes a moment until the port is open again. None if the run is over."""
    for _ in range(1000):
        try:
            client = platform.raw()
        except ConnectionRefusedError:
            if platform.process.poll() is not None:
                return None
            time.sleep(0.002)
            continue
        try:
            client.no_ack()
            return client
        except (EOFError, ConnectionResetError):  # the run ended just then
            client.close()
    raise AssertionError("the port does not open again")


@unittest.skipUnless(PROGRAM.exists(), "skipped: no firmware")
class States(unittest.TestCase):
    def enter(self, client, wishes):
        """Lets the program run into the state."""
        client.no_ack()
        for name, value in wishes.items():
            self.assertEqual(client.ask(f"M{symbol(name):x},4:{word(value)}"), "OK")
        client.send(frame("vCont;c"))
        time.sleep(0.05)

    def packet(self, client):
        """The next packet that is no console output."""
        while (reply := client.reply()).startswith("O") and reply != "OK":
            pass
        return reply

    def state(self, client):
        return bytes.fromhex(client.ask("qThreadExtraInfo,1")).decode()

    def check(self, client, pattern):
        """The platform is stopped in the state, and everything can be asked."""
        self.assertRegex(self.state(client), pattern)
        self.assertRegex(client.ask("g"), "^[0-9a-f]{264}$")
        self.assertRegex(client.ask("m80000000,8"), "^[0-9a-f]{16}$")
        client.send(frame("qRcmd," + b"where".hex()))
        self.assertEqual(self.packet(client), "OK")

    def each(self, body):
        """Calls body(platform, variables, pattern of the state) for each state."""
        for name, (wishes, options, pattern) in STATES.items():
            with self.subTest(name), Platform(*options) as platform:
                body(platform, wishes, pattern)

    def test_ctrl_c_and_on_three_times_then_kill(self):
        def body(platform, wishes, pattern):
            with platform.raw() as client:
                self.enter(client, wishes)
                for _ in range(3):
                    client.send(b"\x03")
                    self.assertRegex(self.packet(client), "^T02")
                    self.check(client, pattern)
                    client.send(frame("vCont;c"))
                    time.sleep(0.01)
                client.send(frame("vKill;1"))
                self.assertEqual(self.packet(client), "OK")
            self.assertEqual(platform.wait(10), KILLED)

        self.each(body)

    def test_a_connection_that_breaks_while_running_and_another_that_quits(self):
        def body(platform, wishes, pattern):
            with platform.raw() as client:
                self.enter(client, wishes)
                reset_connection(client)
            if wishes == FOR_EVER:  # without a debugger nothing is left to happen
                self.assertEqual(platform.wait(10), STUCK)
                return
            with attach(platform) as client:
                self.assertRegex(client.ask("?"), "^T05")
                self.check(client, pattern)
                client.send(frame("qRcmd," + b"quit".hex()))
                self.assertEqual(self.packet(client), "OK")
            self.assertEqual(platform.wait(10), KILLED)

        self.each(body)

    def test_a_connection_that_breaks_while_stopped_and_another_that_resets(self):
        def body(platform, wishes, pattern):
            with platform.raw() as client:
                self.enter(client, wishes)
                client.send(b"\x03")
                self.assertRegex(self.packet(client), "^T02")
                reset_connection(client)
            with attach(platform) as client:
                self.check(client, pattern)
                late = "bus access" in self.state(client)  # is reset when the access ends
                client.send(frame("qRcmd," + b"reset halt".hex()))
                self.assertEqual(self.packet(client), "OK")
                if not late:
                    self.assertEqual(client.ask("p20"), word(0x1000))
                client.ask("Hg2")
                self.assertEqual(client.ask("p20"), word(0x1000))
                client.send(frame("vCont;c"))  # the program's variables are as in the file again
                self.assertEqual(self.packet(client), "W00")
            self.assertEqual(platform.wait(10), 0)

        self.each(body)

    def test_a_client_that_closes_and_a_signal_that_ends(self):
        def body(platform, wishes, _):
            with platform.raw() as client:
                self.enter(client, wishes)
            time.sleep(0.02)
            platform.process.terminate()
            self.assertEqual(platform.wait(10), STUCK if wishes == FOR_EVER else INTERRUPTED)

        self.each(body)

    def test_kill_without_a_reply_while_running(self):
        def body(platform, wishes, _):
            with platform.raw() as client:
                self.enter(client, wishes)
                client.send(frame("k"))
                self.assertEqual(platform.wait(10), KILLED)

        self.each(body)

    def test_a_fatal_trap_ends_the_run_when_the_client_has_gone(self):
        with Platform() as platform:
            with platform.raw() as client:
                self.enter(client, {"want_crash": 1})
                self.assertRegex(self.packet(client), "^T06")
                reset_connection(client)
            with attach(platform) as client:
                self.assertRegex(client.ask("?"), "^T06")
                self.assertEqual(client.ask("D"), "OK")
            self.assertEqual(platform.wait(10), 101)

    def test_the_platform_runs_behind_the_back_of_the_client(self):
        def body(platform, wishes, _):
            with platform.raw() as client:
                self.enter(client, wishes)
                client.send(b"\x03")
                self.assertRegex(self.packet(client), "^T02")
                for command in ("resume", "halt", "resume", "where", "halt", "halt"):
                    client.send(frame("qRcmd," + command.encode().hex()))
                    self.assertEqual(self.packet(client), "OK")
                    self.assertRegex(client.ask("g"), "^[0-9a-f]{264}$")
                time.sleep(0.02)
                before = client.ask("g")
                time.sleep(0.02)
                self.assertEqual(client.ask("g"), before)
                client.send(frame("vCont;c"))
                client.send(b"\x03")
                self.assertRegex(self.packet(client), "^T02")
                client.send(frame("k"))
            self.assertEqual(platform.wait(10), KILLED)

        self.each(body)

    def test_a_hundred_debuggers_one_after_the_other(self):
        with Platform() as platform, attach(platform) as client:
            self.enter(client, {"want_spin": 1})
            client.send(b"\x03")
            self.assertRegex(self.packet(client), "^T0[25]")
            self.assertEqual(client.ask("D"), "OK")
            for n in range(100):
                with attach(platform) as client:
                    self.assertRegex(client.ask("?"), "^T05")
                    self.assertEqual(client.ask(f"Z0,{symbol('spin'):x},2"), "OK")
                    if n % 4 == 1:
                        client.ask("vCont;s:1;c")
                    if n % 4 == 2:
                        client.send(frame("vCont;c"))
                    if n % 2 == 1:
                        self.assertEqual(client.ask("D"), "OK")
                    else:
                        reset_connection(client)
            with attach(platform) as client:
                self.assertEqual(client.ask(f"M{symbol('want_spin'):x},4:{word(0)}"), "OK")
                client.send(frame("vCont;c"))
                self.assertEqual(self.packet(client), "W00")
            self.assertEqual(platform.wait(10), 0)


if __name__ == "__main__":
    unittest.main()
