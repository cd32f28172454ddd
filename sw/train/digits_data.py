# SPDX-License-Identifier: Apache-2.0
"""Write the UCI 8x8 digits of the installed scikit-learn as record files for the platform's sensor.

Writes digits_train.u8, digits_train.labels, digits_test.u8 and digits_test.labels into --out.
A record is 64 bytes, row-major 8x8, value round(v * 255 / 16) for a pixel v of 0..16; a label is
one byte, 0..9. The split uses no random numbers: of each class the last fifth (rounded down) in
file order is test. Exit code 2 and one message when scikit-learn or its data file is absent.
"""

import argparse

import datasets


def main():
    """Parse the options, write the four files, print one line per split."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for the four files (created)")
    parser.add_argument("--csv", metavar="FILE", help="digits.csv.gz to read instead of scikit-learn's")
    options = parser.parse_args()
    for split in ("train", "test"):
        images, labels = datasets.load_digits_split(split, options.csv)
        image_path, label_path = datasets.write_records(options.out, f"digits_{split}", images, labels)
        print(f"{image_path} {label_path}: {len(images)} records of {images[0].size} bytes")


if __name__ == "__main__":
    datasets.run_tool(main)
