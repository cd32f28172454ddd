# SPDX-License-Identifier: Apache-2.0
"""The whole platform on real images, against the reference interpreter and against itself."""

import json
import unittest

import support
from support import infer, logits, without_host

CNN = support.WORK / "digits_cnn.aimc"
MNIST_CNN = support.WORK / "mnist_cnn.aimc"


def reference(image, inputs, count=0):
    """Logits of the reference interpreter, by frame."""
    done = support.run(support.NETWORK, "run", image, "--input", inputs, "--count", count)
    assert done.returncode == 0, done.stderr
    return {row["frame"]: row["logits"] for row in json.loads(done.stdout)}


def mean(values):
    values = list(values)
    return sum(values) / len(values)


class IdealChip(unittest.TestCase):
    def test_every_logit_of_every_digit_equals_the_reference_for_one_and_two_threads(self):
        expected = reference(CNN, support.DIGITS)
        self.assertEqual(len(expected), 355)
        for threads in (1, 2):
            stats = infer("ideal64", CNN, "--logits", "--threads", threads, name=f"ideal_{threads}")
            self.assertEqual(logits(stats), expected, f"{threads} threads")
            self.assertGreaterEqual(stats["result"]["accuracy"], 0.97)

    @support.needs_mnist
    def test_mnist_reaches_98_percent_and_equals_the_reference(self):
        stats = infer("ideal64", MNIST_CNN, "--logits", "--count", 1000, name="ideal_mnist",
                      inputs=support.MNIST, labels=support.MNIST_LABELS)
        self.assertEqual(stats["result"]["images"], 1000)
        self.assertGreaterEqual(stats["result"]["accuracy"], 0.98)
        self.assertEqual(logits(stats), reference(MNIST_CNN, support.MNIST, 1000))


class PcmChip(unittest.TestCase):
    def check_loss(self, image, count, inputs, labels, name):
        """At most 1.5 points below the ideal chip, on average over 5 seeds."""
        options = dict(inputs=inputs, labels=labels)
        ideal = infer("ideal64", image, "--count", count, name=f"{name}_ideal", **options)
        accuracies = [infer("hermes64", image, "--count", count, "--seed", seed,
                            name=f"{name}_{seed}", **options)["result"]["accuracy"]
                      for seed in range(1, 6)]
        loss = ideal["result"]["accuracy"] - mean(accuracies)
        print(f"ideal {ideal['result']['accuracy']:.4f}, PCM {accuracies}, loss {loss:.4f}")
        self.assertLessEqual(loss, 0.015)

    def test_digits_lose_at_most_one_and_a_half_points(self):
        self.check_loss(CNN, 0, support.DIGITS, support.DIGITS_LABELS, "pcm_digits")

    @support.needs_mnist
    def test_mnist_loses_at_most_one_and_a_half_points(self):
        self.check_loss(MNIST_CNN, 1000, support.MNIST, support.MNIST_LABELS, "pcm_mnist")

    def test_one_seed_gives_one_result_whatever_the_threads(self):
        first, again, threaded = (
            infer("hermes64", CNN, "--count", 40, "--seed", 7, "--logits", *threads, name=name)
            for threads, name in (((), "seed_a"), ((), "seed_b"), (("--threads", 3), "seed_c")))
        texts = [json.dumps(without_host(stats)) for stats in (first, again, threaded)]
        self.assertEqual(texts[0], texts[1], "the same run twice")
        self.assertEqual(texts[0], texts[2], "one and three threads")
        other = infer("hermes64", CNN, "--count", 40, "--seed", 8, "--logits", name="seed_d")
        self.assertNotEqual(logits(first), logits(other), "another seed is another chip")

    def test_memory_stays_below_500_megabytes(self):
        stats = infer("hermes64", CNN, "--count", 10, name="memory")
        self.assertLess(stats["host"]["peak_rss_bytes"], 500e6)


class Swap(unittest.TestCase):
    def test_all_arrays_swap_to_ideal_and_back_from_the_command_line(self):
        ideal = infer("ideal64", CNN, "--count", 20, "--logits", name="swap_ideal")
        swapped = infer("hermes64", CNN, "--count", 20, "--logits", "--set", "tile*.kind=ideal",
                        name="swap_to_ideal")
        self.assertEqual(logits(swapped), logits(ideal))
        back = infer("ideal64", CNN, "--count", 20, "--logits", "--set", "tile*.kind=pcm",
                     name="swap_back")
        pcm = infer("hermes64", CNN, "--count", 20, "--logits", name="swap_pcm")
        self.assertEqual(logits(back), logits(pcm))
        self.assertNotEqual(logits(pcm), logits(ideal))

    def test_other_meshes_run_the_network_after_recompiling_it_only(self):
        expected = reference(CNN, support.DIGITS, 20)
        for mesh in ("3x5", "16x16"):
            stats = infer(support.PLATFORMS / f"mesh{mesh}.yaml",
                          support.WORK / f"digits_cnn_{mesh}.aimc", "--count", 20, "--logits",
                          name=f"mesh{mesh}")
            self.assertEqual(logits(stats), expected, mesh)


class Trace(unittest.TestCase):
    def test_tracing_changes_no_result_and_no_simulated_time(self):
        trace = support.WORK / "run.perfetto"
        plain = infer("hermes64", CNN, "--count", 5, "--logits", name="untraced")
        traced = infer("hermes64", CNN, "--count", 5, "--logits", "--trace", trace, name="traced")
        self.assertEqual(without_host(plain), without_host(traced))
        with open(trace, "rb") as file:
            decoded = support.run("protoc", "--decode_raw", stdin=file)
        self.assertEqual(decoded.returncode, 0, decoded.stderr)
        for name in ('"soc"', '"hart0"', '"dma0"', '"noc"', '"act', '"tile', '"conv"'):
            self.assertTrue(name in decoded.stdout, f"no track or slice {name}")


if __name__ == "__main__":
    unittest.main()
