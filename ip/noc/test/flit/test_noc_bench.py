# SPDX-License-Identifier: Apache-2.0
"""noc-bench as users call it: its CSV, its options, and what it says to wrong ones."""

import csv
import os
import pathlib
import subprocess
import unittest

PROGRAM = pathlib.Path(os.environ.get("AIMC_BUILD_DIR", "build")) / "bin" / "noc-bench"
HEADER = ("rate,stable,avg_packet_latency,avg_network_latency,p50,p99,max_packet_latency,accepted,"
          "mean_routers,cycles,flit_moves,cpu_s")


def bench(*options):
    """One call."""
    return subprocess.run([str(PROGRAM), *(str(option) for option in options)],
                          capture_output=True, text=True, check=False, timeout=120)


def rows(*options):
    """Its lines as dictionaries of numbers."""
    done = bench(*options)
    assert done.returncode == 0, done.stderr
    return [{key: float(value) for key, value in row.items()}
            for row in csv.DictReader(done.stdout.splitlines())]


class NocBench(unittest.TestCase):
    """The program."""

    def test_prints_a_line_for_each_rate_under_the_header(self):
        done = bench("--mesh", "4x4", "--packet", 4, "--rate", 0.05, "--rate", 0.2)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines()[0], HEADER)
        low, high = rows("--mesh", "4x4", "--packet", 4, "--rate", 0.05, 0.2)
        self.assertEqual((low["rate"], high["rate"]), (0.05, 0.2))
        self.assertEqual((low["stable"], high["stable"]), (1, 1))
        # 16 runs of at least 8000 flits: an accepted rate off by 4 % would be 6 deviations.
        self.assertAlmostEqual(low["accepted"] / 0.05, 1, delta=0.06)
        self.assertAlmostEqual(high["accepted"] / 0.2, 1, delta=0.04)
        self.assertGreater(high["avg_packet_latency"] - 5 * high["mean_routers"],
                           low["avg_packet_latency"] - 5 * low["mean_routers"])

    def test_repeats_for_a_seed_and_differs_for_another(self):
        first, again, other = (rows("--mesh", "4x4", "--rate", 0.1, "--seed", seed)[0]
                               for seed in (3, 3, 4))
        for row in (first, again, other):
            del row["cpu_s"]
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def test_zero_load_is_the_closed_form_for_both_pipelines(self):
        for pipeline, per_router in (("p4", 5), ("p2", 3)):
            row = rows("--traffic", "bitcomp", "--rate", 0.0001, "--packet", 4, "--pipeline",
                       pipeline, "--runs", 2)[0]
            zero = per_router * row["mean_routers"] + 2 + 3
            self.assertAlmostEqual(row["avg_packet_latency"], zero, delta=0.2)

    def test_every_traffic_and_routing_runs(self):
        for traffic in ("uniform", "transpose", "bitcomp", "bitrev", "shuffle", "tornado",
                        "neighbor", "hotspot", "hotspot1", "hotspot4", "hotspot:0,15"):
            row = rows("--mesh", "4x4", "--traffic", traffic, "--rate", 0.02, "--runs", 1)[0]
            self.assertEqual(row["stable"], 1, traffic)
        for routing in ("xy", "yx", "o1turn", "west_first", "odd_even"):
            row = rows("--mesh", "5x3", "--routing", routing, "--rate", 0.1, "--runs", 2)[0]
            self.assertEqual(row["stable"], 1, routing)
        row = rows("--mesh", "6x6", "--torus", "--rate", 0.2, "--runs", 2)[0]
        self.assertEqual(row["stable"], 1)
        self.assertAlmostEqual(row["mean_routers"], 4, delta=0.1)  # two rings of six, 1.5 hops each

    def test_sweep_prints_its_runs_in_order_and_names_the_saturation(self):
        done = bench("--mesh", "4x4", "--sweep", "--packet", 4, "--runs", 2)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = float(done.stderr.split()[1])
        table = list(csv.DictReader(done.stdout.splitlines()))
        rates = [float(row["rate"]) for row in table]
        self.assertEqual(rates, sorted(rates))
        low = float(table[0]["avg_packet_latency"])
        best = max(float(row["rate"]) for row in table if row["stable"] == "1"
                   and float(row["avg_packet_latency"]) <= 3 * low)
        self.assertAlmostEqual(best, found, delta=0.0001)

    def test_overload_reports_what_is_accepted(self):
        row = rows("--traffic", "neighbor", "--mesh", "4x4", "--vcs", 1, "--buffer", 8, "--rate",
                   1.0, "--runs", 1)[0]
        self.assertEqual(row["stable"], 0)
        self.assertAlmostEqual(row["accepted"], 1 / 3, delta=0.003)
        row = rows("--traffic", "neighbor", "--mesh", "4x4", "--packet", 4, "--buffer", 4,
                   "--backlog", "--runs", 1)[0]
        self.assertAlmostEqual(row["accepted"], 1.0, delta=0.001)

    def test_wrong_use_gives_one_message_and_exit_code_2(self):
        for options, reason in (
                (["--mesh", "0x4"], "mesh of 0 x 4"),
                (["--mesh", "8by8"], "not a size like 8x8"),
                (["--mesh", "65x2"], "must be 1..64"),
                (["--traffic", "zebra"], "unknown traffic 'zebra'"),
                (["--traffic", "transpose", "--mesh", "6x6"], "power of two"),
                (["--pipeline", "p3"], "unknown pipeline 'p3'"),
                (["--routing", "maze"], "unknown routing 'maze'"),
                (["--routing", "minimal"], "could deadlock"),
                (["--torus", "--vcs", 1], "could deadlock"),
                (["--allocator", "fifo"], "unknown allocator"),
                (["--vcs", 0], "0 virtual channels"),
                (["--buffer", 0], "buffers of 0 flits"),
                (["--packet", 0], "--packet 0"),
                (["--vcs", -1], "--vcs"),
                (["--rate", 1.5], "--rate 1.5"),
                (["--rate", 0], "--rate 0"),
                (["--rate", "nan"], "--rate"),
                (["--max-samples", 3], "warm-up"),
                (["--no-such-option"], "--no-such-option")):
            done = bench("--rate", 0.1, *options)
            self.assertEqual(done.returncode, 2, f"{options}: {done.stderr}")
            self.assertIn(reason, done.stderr)
            self.assertEqual(done.stdout, "", options)
        self.assertIn("--rate", bench().stderr)
        self.assertEqual(bench().returncode, 2)


if __name__ == "__main__":
    unittest.main()
