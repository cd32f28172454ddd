# SPDX-License-Identifier: Apache-2.0
"""Checks of the data tools, the numpy arithmetic and the committed networks; no torch needed.

Run: python3 sw/train/test_train.py. Needs numpy and onnx; checks whose data set is absent are
skipped with the text "skipped: no data". MNIST is looked for in the folder named by AIMC_MNIST,
else in AIMC_DATA/mnist, else beside the checkout in shared/data/mnist.
"""

import contextlib
import gzip
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

try:
    import numpy as np
    import onnx

    import analog
    import datasets
    import evaluate
    import model_file
except ImportError as missing:  # a machine that never trains need not have these
    raise unittest.SkipTest(f"skipped: no module {missing.name}") from missing

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path(os.environ.get("AIMC_DATA", HERE.parents[2] / "shared" / "data"))
os.environ.setdefault("AIMC_MNIST", str(DATA / "mnist"))
MODELS = HERE.parents[1] / "models"
SIZE_LIMIT_BYTES = 400_000


@contextlib.contextmanager
def data_or_skip():
    """Turn an absent data set into a skipped test."""
    try:
        yield
    except datasets.DataError as error:
        raise unittest.SkipTest(f"skipped: no data ({error})") from error


def run(script, *arguments):
    """Run a script of this folder; returns the finished process with its text output."""
    return subprocess.run([sys.executable, str(HERE / script), *map(str, arguments)],
                          capture_output=True, text=True, check=False)


class ModelFiles(unittest.TestCase):
    """Each committed ONNX file is what the platform's compiler is promised."""

    def test_files_are_valid_small_and_plain(self):
        """Checker, size, operators, opset, fixed shapes, names of input and output, metadata."""
        for name in evaluate.SUBJECTS:
            with self.subTest(name):
                path = MODELS / f"{name}.onnx"
                self.assertLess(path.stat().st_size, SIZE_LIMIT_BYTES)
                proto = onnx.load(str(path))
                onnx.checker.check_model(proto)
                self.assertLessEqual({n.op_type for n in proto.graph.node}, model_file.OPERATORS)
                self.assertEqual([13], [o.version for o in proto.opset_import])
                self.assertEqual(["image"], [i.name for i in proto.graph.input])
                self.assertEqual(["logits"], [o.name for o in proto.graph.output])
                side = 28 if name.startswith("mnist") else 8
                shapes = [[d.dim_value for d in v.type.tensor_type.shape.dim]
                          for v in (*proto.graph.input, *proto.graph.output)]
                self.assertEqual([[1, 1, side, side], [1, 10]], shapes)
                metadata = {p.key: p.value for p in proto.metadata_props}
                self.assertEqual({model_file.MEAN_KEY: "0", model_file.STD_KEY: "255"}, metadata)

    def test_mnist_cnn_needs_row_splitting(self):
        """One convolution and one fully connected layer are taller than an array."""
        model = model_file.read_model(MODELS / "mnist_cnn.onnx")
        tall = {l.operator for l in model.layers if l.weight is not None and l.rows() > analog.ARRAY_ROWS}
        self.assertEqual({"Conv", "Gemm"}, tall)

    def test_readme_lists_the_files_as_they_are(self):
        """The generated architecture table is not stale."""
        text = (MODELS / "README.md").read_text(encoding="utf-8")
        self.assertIn(evaluate.architecture_table(MODELS, evaluate.SUBJECTS), text)


class Accuracy(unittest.TestCase):
    """The committed weights recognise digits, in float and on arrays."""

    def measure(self, name, count, draws):
        """Figures of `name` on the first `count` test images."""
        with data_or_skip():
            dataset = evaluate.SUBJECTS[name].dataset
            calibration = datasets.load_split(dataset, "train")[0][:evaluate.CALIBRATION_COUNT]
            images, labels = datasets.load_split(dataset, "test")
        model = model_file.read_model(MODELS / f"{name}.onnx")
        return analog.measure(model, calibration, images[:count], labels[:count], draws)

    def test_digits_cnn(self):
        """Float, int8 and PCM accuracy of the digits CNN on its whole test split."""
        figures = self.measure("digits_cnn", None, draws=3)
        self.assertGreaterEqual(figures["float"], 0.97)
        self.assertGreaterEqual(figures["int8"], 0.97)
        self.assertGreaterEqual(figures["pcm"], figures["float"] - 0.015)

    def test_digits_mlp(self):
        """The multilayer perceptron, with one programming."""
        self.assertGreaterEqual(self.measure("digits_mlp", None, draws=1)["int8"], 0.94)

    def test_mnist_cnn(self):
        """The MNIST CNN on 300 test images, with one programming."""
        figures = self.measure("mnist_cnn", 300, draws=1)
        self.assertGreaterEqual(figures["float"], 0.98)
        self.assertGreaterEqual(figures["pcm"], 0.97)


class Arithmetic(unittest.TestCase):
    """The numpy model against values worked out by other means."""

    def test_programming_noise_at_known_points(self):
        """sigma / g_max of two-device PCM at x = 0.25, 0.5, 1 is 4.29, 4.79, 5.28 %."""
        rng = np.random.default_rng(7)
        for target, percent in ((0.25, 4.29), (0.5, 4.79), (1.0, 5.28)):
            weights = analog.program(np.full((400, 500), target, np.float32), rng)
            # the empty device of the pair adds max(0, 0.80 % noise): variance 0.80^2 (1/2 - 1/(2 pi))
            empty = 100 * analog.PROGRAM_SIGMA_US[0] / analog.G_MAX_US
            expected = np.sqrt(percent ** 2 + empty ** 2 * (0.5 - 0.5 / np.pi))
            self.assertAlmostEqual(expected, 100 * float(weights.std()), delta=0.02 * expected)

    def test_convolution_against_a_plain_loop(self):
        """im2col with padding gives the textbook convolution."""
        rng = np.random.default_rng(3)
        x = rng.standard_normal((2, 3, 5, 5)).astype(np.float32)
        layer = model_file.Layer("Conv", "conv", rng.standard_normal((4, 3, 3, 3)).astype(np.float32),
                                 rng.standard_normal(4).astype(np.float32), padding=1)
        y = analog.run_layers(model_file.Model([layer], (3, 5, 5), 0, 1), x, analog.float_product)
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        for row in range(5):
            for column in range(5):
                window = padded[:, None, :, row:row + 3, column:column + 3]
                expected = (window * layer.weight).sum(axis=(2, 3, 4)) + layer.bias
                np.testing.assert_allclose(expected, y[:, :, row, column], rtol=1e-4, atol=1e-4)


class DataTools(unittest.TestCase):
    """Record files and the messages for absent or broken data."""

    def test_digit_records(self):
        """Sizes, value range, stratified split, and the same bytes from the program."""
        with data_or_skip():
            images, labels = datasets.load_digits()
        train, test = datasets.split_tail(labels)
        self.assertEqual(len(labels), len(np.union1d(train, test)))
        self.assertEqual((0, 255), (images.min(), images.max()))
        for digit in range(10):
            self.assertEqual(np.sum(labels == digit) // 5, np.sum(labels[test] == digit))
        with tempfile.TemporaryDirectory() as folder:
            done = run("digits_data.py", "--out", folder)
            self.assertEqual(0, done.returncode, done.stderr)
            written = pathlib.Path(folder)
            self.assertEqual(images[test].tobytes(), (written / "digits_test.u8").read_bytes())
            self.assertEqual(labels[train].tobytes(), (written / "digits_train.labels").read_bytes())

    def test_absent_and_broken_files_end_with_code_2(self):
        """One line on stderr that names the file, no traceback."""
        with tempfile.TemporaryDirectory() as folder:
            broken = pathlib.Path(folder) / "digits.csv.gz"
            broken.write_bytes(gzip.compress(b"1,2,3\n"))
            for script, *arguments in (("digits_data.py", "--csv", broken),
                                       ("digits_data.py", "--csv", broken.with_name("absent.gz")),
                                       ("mnist_data.py", "--data", folder)):
                done = run(script, *arguments, "--out", folder)
                self.assertEqual(2, done.returncode, done.stderr)
                self.assertRegex(done.stderr, r"^error: [^\n]+\n$")

    def test_idx_round_trip_through_mnist_data(self):
        """A small idx pair becomes records; --count keeps the first ones."""
        images = np.arange(3 * 784, dtype=np.uint32).astype(np.uint8).reshape(3, 28, 28)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            header = struct.pack(">4I", datasets.IDX_IMAGES_MAGIC, *images.shape)
            (folder / "t10k-images-idx3-ubyte").write_bytes(header + images.tobytes())
            (folder / "t10k-labels-idx1-ubyte").write_bytes(
                struct.pack(">2I", datasets.IDX_LABELS_MAGIC, 3) + bytes([4, 5, 6]))
            done = run("mnist_data.py", "--data", folder, "--out", folder, "--count", 2)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertEqual(images[:2].tobytes(), (folder / "mnist_test.u8").read_bytes())
            self.assertEqual(bytes([4, 5]), (folder / "mnist_test.labels").read_bytes())
            self.assertEqual(2, run("mnist_data.py", "--data", folder, "--out", folder,
                                    "--count", 4).returncode)


if __name__ == "__main__":
    unittest.main(verbosity=2)
