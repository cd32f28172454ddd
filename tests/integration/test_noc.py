# SPDX-License-Identifier: Apache-2.0
"""The network inside the whole platform: channels, levels of detail, faults, wrong parameters."""

import unittest

import support
from support import infer, logits
from test_errors import Wrong

APPS = support.ROOT / "firmware" / "apps"
CNN = support.WORK / "digits_cnn.aimc"
PLATFORMS = {"fast": ("hermes64",), "flit": ("hermes64", "--set", "noc.level=flit"),
             "links": ("hermes64_links",)}
IMAGES = 0  # all of them


def channels(platform, *options):
    return support.run(support.VP, "run", "--platform", platform, "--firmware",
                       support.FIRMWARE / "noc_channels.elf", "--until", "1 s", *options)


def without_figures(text):
    return "".join(line for line in text.splitlines(True) if not line.startswith("#"))


class Channels(unittest.TestCase):
    def check(self, platform, *options):
        done = channels(platform, *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("FAILED", done.stdout)
        return done.stdout

    def test_channels_print_what_their_page_says(self):
        expected = (APPS / "noc_channels" / "expected.txt").read_text(encoding="utf-8")
        self.assertEqual(without_figures(self.check("tiny")), expected)

    def test_reduction_of_eight_tiles_beats_gathering_at_every_level(self):
        for options in ((), ("--set", "noc.level=flit"), ("--set", "noc.level=links")):
            self.assertIn("reduction beats gathering            ok", self.check("ideal64", *options))

    def test_channels_give_the_same_words_at_level_flit(self):
        self.assertEqual(without_figures(self.check("tiny", "--set", "noc.level=flit")),
                         without_figures(self.check("tiny")))


class Levels(unittest.TestCase):
    def test_logits_are_the_same_at_every_level_and_latency_is_reported(self):
        runs = {}
        for level, (platform, *options) in PLATFORMS.items():
            runs[level] = infer(platform, CNN, "--count", IMAGES, "--logits", *options,
                                name=f"noc_{level}")
        for level, stats in runs.items():
            self.assertEqual(logits(stats), logits(runs["fast"]), level)
            latency = stats["result"]["latency_s"]["mean"]
            request = stats["instances"]["noc"]["request"]["latency_mean_s"]
            print(f"{level}: inference {latency * 1e6:.2f} us, "
                  f"request packet {request * 1e9:.1f} ns")
            self.assertGreater(latency, 0)
        mean = {level: stats["result"]["latency_s"]["mean"] for level, stats in runs.items()}
        self.assertGreater(mean["links"], mean["fast"], "3.2 Gb/s are slower than 51.2 Gb/s")
        self.assertLess(abs(mean["flit"] / mean["fast"] - 1), 0.1)

    def test_statistics_name_links_channels_and_causes(self):
        stats = infer("ideal64", CNN, "--count", 2, name="noc_stats")["instances"]["noc"]
        self.assertGreater(len(stats["links"]), 20)
        for link in stats["links"].values():
            self.assertEqual(sum(link["vc_flits"]), link["flits"])
        for group in ("request", "response"):
            histogram = stats[group]["latency_cycles"]
            self.assertEqual(sum(histogram.values()), stats[group]["packets"])
        self.assertGreater(stats["energy_j"]["link+router"], 0)


class Faults(unittest.TestCase):
    def test_inference_goes_round_dead_links_where_the_routes_allow(self):
        sound = infer("ideal64", CNN, "--count", 5, "--logits", name="noc_sound")
        for level, routing, dead in (("fast", "west_first", "1,4-1,3"),
                                     ("fast", "odd_even", "1,4-1,3"),
                                     ("flit", "west_first", "1,4-1,3"),
                                     ("flit", "odd_even", "1,4-1,3"),
                                     ("fast", "up_down", "1,4-1,3 0,4-0,3 1,4-2,4"),
                                     ("links", "xy", "1,4-1,3 0,4-0,3 1,4-2,4")):
            with self.subTest(level=level, routing=routing):
                stats = infer("ideal64", CNN, "--count", 5, "--logits", "--set",
                              f"noc.level={level}", "--set", f"noc.routing={routing}", "--set",
                              f"noc.dead_links={dead}", name=f"noc_{level}_{routing}")
                self.assertEqual(logits(stats), logits(sound))
                self.assertEqual(stats["instances"]["noc"]["lost"], 0)
                links = stats["instances"]["noc"]["links"]
                self.assertNotIn("1,4->1,3", links)
                self.assertNotIn("1,3->1,4", links)

    def test_a_dead_link_on_the_only_way_is_a_bus_error_and_no_hang(self):
        for level in ("fast", "flit"):
            done = support.run(support.VP, "run", "--platform", "ideal64", "--firmware",
                               support.FIRMWARE / "inference.elf", "--network", CNN, "--input",
                               support.DIGITS, "--count", 1, "--until", "100 ms", "--set",
                               f"noc.level={level}", "--set", "noc.dead_links=1,4-1,3")
            self.assertNotIn(done.returncode, (0, 124, 125), done.stdout + done.stderr)
            self.assertIn("TLM_ADDRESS_ERROR_RESPONSE", done.stderr)

    def test_an_endpoint_behind_a_dead_router_is_a_bus_error_and_no_hang(self):
        done = channels("tiny", "--set", "noc.dead_routers=1,0")
        self.assertNotIn(done.returncode, (0, 124, 125), done.stdout + done.stderr)


class WrongParameters(Wrong):
    def test_parameters_that_cannot_be_get_one_message(self):
        for setting, *parts in (
                ("noc.vc_buffer_flits=0", "vc_buffer_flits"),
                ("noc.virtual_channels=1", "virtual_channels"),
                ("noc.virtual_channels=3", "requests and responses"),
                ("noc.columns=0", "columns"),
                ("noc.rows=65", "rows"),
                ("noc.level=exact", "level", "links"),
                ("noc.routing=zigzag", "routing", "odd_even"),
                ("noc.stream_buffer_flits=16", "stream_buffer_flits", "17"),
                ("noc.dead_links=0,0-5,5", "0,0-5,5"),
                ("noc.dead_links=0,0", "0,0"),
                ("noc.dead_routers=9,9", "9,9"),
                ("noc.max_packet_bytes=100", "max_packet_bytes")):
            with self.subTest(setting):
                self.check(self.vp("--set", setting), *parts)

    def test_a_core_with_seven_neighbours_is_refused(self):
        done = self.vp("--set", "noc.links.pairs=mesh 0:5,1:1+2,0 0:7,0:6+0,2",
                       platform="hermes64_links")
        self.check(done, "neighbours", "max_neighbours is 6")


if __name__ == "__main__":
    unittest.main()
