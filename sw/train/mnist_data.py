# SPDX-License-Identifier: Apache-2.0
"""Write MNIST idx files as record files for the platform's sensor.

Writes mnist_<split>.u8 (784 bytes per record, row-major 28x28, 0..255) and mnist_<split>.labels
(one byte per record) into --out. The sensor also reads idx files itself; this tool is for tests
that want one format for every data set. Exit code 2 and one message when the data is absent.
"""

import argparse

import datasets


def main():
    """Parse the options, write the two files, print one line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", metavar="DIR",
                        help=f"folder of the idx files (default: ${datasets.MNIST_ENV})")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for the two files (created)")
    parser.add_argument("--split", choices=("train", "test"), default="test")
    parser.add_argument("--count", type=int, metavar="N", help="first N records only (default: all)")
    options = parser.parse_args()
    images, labels = datasets.load_mnist(options.data, options.split)
    count = len(images) if options.count is None else options.count
    if not 0 < count <= len(images):
        raise datasets.DataError(f"--count {count}: the {options.split} split has 1..{len(images)} records")
    image_path, label_path = datasets.write_records(
        options.out, f"mnist_{options.split}", images[:count], labels[:count])
    print(f"{image_path} {label_path}: {count} records of {images[0].size} bytes")


if __name__ == "__main__":
    datasets.run_tool(main)
