# SPDX-License-Identifier: Apache-2.0
"""Digit data sets as numpy arrays, and the raw record files that the platform's sensor streams.

Two sources, neither of which is part of this repository:

* the UCI "Optical Recognition of Handwritten Digits" set, 1,797 images of 8x8 pixels with values
  0..16, which scikit-learn installs with itself (`sklearn/datasets/data/digits.csv.gz`);
* MNIST, 28x28 pixels with values 0..255, as idx files (plain or gzip).

Images are uint8 arrays of shape (n, height, width), row-major, 0 = background; labels are uint8
arrays of shape (n,) with values 0..9.
"""

import gzip
import importlib.util
import os
import pathlib
import sys
import zlib

import numpy as np

DIGITS_SIDE = 8  # pixels
DIGITS_FULL_SCALE = 16  # largest pixel value in digits.csv.gz
MNIST_SIDE = 28  # pixels
MNIST_ENV = "AIMC_MNIST"  # environment variable that names the folder of the idx files

# First words of an idx file: 0, 0, type 0x08 = unsigned byte, number of dimensions.
IDX_LABELS_MAGIC = 0x00000801
IDX_IMAGES_MAGIC = 0x00000803

# Accepted stems per split. "t10k-a" is a file that holds the first part of the original test set.
MNIST_STEMS = {"train": ("train",), "test": ("t10k", "t10k-a")}


class DataError(Exception):
    """A data set is absent or malformed; the text is the message for the user."""


def find_digits_csv():
    """Path of scikit-learn's digits.csv.gz, found without importing scikit-learn (slow).

    Raises DataError when scikit-learn or the file is not installed.
    """
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise DataError("no data: scikit-learn is not installed for this Python "
                        f"({sys.executable}); on Debian: apt install python3-sklearn")
    for folder in spec.submodule_search_locations:
        path = pathlib.Path(folder) / "datasets" / "data" / "digits.csv.gz"
        if path.is_file():
            return path
    raise DataError("no data: this scikit-learn has no datasets/data/digits.csv.gz")


def load_digits(csv_path=None):
    """UCI digits in file order: images uint8 (1797, 8, 8) scaled to 0..255, labels uint8 (1797,).

    A pixel value v of 0..16 becomes round(v * 255 / 16). Each CSV row is 64 pixels and the label.
    """
    path = pathlib.Path(csv_path) if csv_path else find_digits_csv()
    try:
        with gzip.open(path, "rt") as handle:
            rows = np.loadtxt(handle, delimiter=",", ndmin=2)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(f"no data: cannot read {path}: {error}") from error
    if rows.shape[1] != DIGITS_SIDE * DIGITS_SIDE + 1:
        raise DataError(f"{path}: {rows.shape[1]} columns in a row, expected 65")
    pixels = rows[:, :-1]
    if pixels.min() < 0 or pixels.max() > DIGITS_FULL_SCALE:
        raise DataError(f"{path}: pixel value outside 0..16")
    scaled = np.floor(pixels * 255 / DIGITS_FULL_SCALE + 0.5).astype(np.uint8)
    return scaled.reshape(-1, DIGITS_SIDE, DIGITS_SIDE), rows[:, -1].astype(np.uint8)


def split_tail(labels, one_in=5):
    """Deterministic stratified split without a random generator.

    Of each class the last floor(n_class / one_in) records in file order are test, the others are
    training. This is harder than a shuffled split, where neighbouring records fall on both sides: a
    Gaussian-kernel SVM scores 95.8 % on it and 98.9 % on a shuffled one. Returns (train, test): rising index arrays.
    """
    is_test = np.zeros(len(labels), dtype=bool)
    for digit in np.unique(labels):
        members = np.flatnonzero(labels == digit)
        count = len(members) // one_in
        is_test[members[len(members) - count:]] = True
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def load_digits_split(split, csv_path=None):
    """Images and labels of one `split` ("train" or "test") of the UCI digits; see `split_tail`."""
    images, labels = load_digits(csv_path)
    train, test = split_tail(labels)
    chosen = {"train": train, "test": test}[split]
    return images[chosen], labels[chosen]


def read_idx(path, magic):
    """Array in an idx file (plain or .gz): uint8, shape as in the header.

    Layout: big-endian uint32 `magic`, one uint32 per dimension, then the bytes in row-major order.
    Raises DataError on a wrong magic number or a wrong length.
    """
    path = pathlib.Path(path)
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rb") as handle:
            blob = handle.read()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"no data: cannot read {path}: {error}") from error
    if len(blob) < 4 or int.from_bytes(blob[:4], "big") != magic:
        raise DataError(f"{path}: not an idx file with magic number 0x{magic:08x}")
    dimensions = magic & 0xFF
    start = 4 + 4 * dimensions
    shape = [int(n) for n in np.frombuffer(blob[4:start], ">u4")]
    if len(shape) != dimensions or len(blob) - start != int(np.prod(shape)):
        raise DataError(f"{path}: {len(blob)} bytes do not agree with shape {shape}")
    return np.frombuffer(blob, np.uint8, offset=start).reshape(shape)


def load_mnist(folder, split):
    """MNIST images uint8 (n, 28, 28) and labels uint8 (n,) of `split` ("train" or "test").

    `folder` holds <stem>-images-idx3-ubyte[.gz] and <stem>-labels-idx1-ubyte[.gz]; None means the
    environment variable AIMC_MNIST.
    """
    folder = folder or os.environ.get(MNIST_ENV)
    if not folder:
        raise DataError("no data: name the folder of the MNIST idx files "
                        f"(option --data or environment variable {MNIST_ENV})")
    for stem in MNIST_STEMS[split]:
        for suffix in (".gz", ""):
            images = pathlib.Path(folder) / f"{stem}-images-idx3-ubyte{suffix}"
            labels = pathlib.Path(folder) / f"{stem}-labels-idx1-ubyte{suffix}"
            if images.is_file() and labels.is_file():
                pair = read_idx(images, IDX_IMAGES_MAGIC), read_idx(labels, IDX_LABELS_MAGIC)
                if len(pair[0]) != len(pair[1]):
                    raise DataError(f"{images}: {len(pair[0])} images but {len(pair[1])} labels")
                if pair[0].shape[1:] != (MNIST_SIDE, MNIST_SIDE):
                    raise DataError(f"{images}: images of {pair[0].shape[1:]}, expected 28x28")
                return pair
    raise DataError(f"no data: {folder} has no MNIST {split} files (train-* or t10k-*-ubyte.gz)")


def load_split(dataset, split, mnist_folder=None):
    """Images and labels of `split` of `dataset`, "digits" or "mnist"."""
    if dataset == "digits":
        return load_digits_split(split)
    return load_mnist(mnist_folder, split)


def write_records(folder, name, images, labels):
    """Write `name`.u8 (height*width bytes per record) and `name`.labels (one byte per record).

    Records follow one another without header or padding. Returns the two paths.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / f"{name}.u8", folder / f"{name}.labels"
    paths[0].write_bytes(np.ascontiguousarray(images, dtype=np.uint8).tobytes())
    paths[1].write_bytes(np.ascontiguousarray(labels, dtype=np.uint8).tobytes())
    return paths


def run_tool(main):
    """Run `main()` as a program: a DataError or OSError becomes one line on stderr and exit 2."""
    try:
        sys.exit(main() or 0)
    except (DataError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
