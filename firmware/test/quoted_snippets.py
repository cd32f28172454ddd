#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that a page quotes its snippets word for word; with --update, rewrites the quotes.

In the source a snippet stands between `/* snippet: NAME */` and `/* end */`. In the page the fence
after `<!-- snippet: NAME -->` holds the same lines.
"""
import argparse
import pathlib
import re
import sys

SNIPPET = re.compile(r"/\* snippet: (\w+) \*/\n(.*?)/\* end \*/\n", re.S)
QUOTE = re.compile(r"(<!-- snippet: (\w+) -->\n```c\n)(.*?)(```\n)", re.S)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    snippets = dict(SNIPPET.findall(arguments.source.read_text()))
    page = arguments.page.read_text()
    quoted = [name for _, name, _, _ in QUOTE.findall(page)]
    unknown = [name for name in quoted if name not in snippets]
    unquoted = [name for name in snippets if name not in quoted]
    for name in unknown:
        print(f"{arguments.page}: no snippet '{name}' in {arguments.source}")
    for name in unquoted:
        print(f"{arguments.source}: snippet '{name}' is not quoted in {arguments.page}")
    if unknown or unquoted:
        return 1
    fresh = QUOTE.sub(lambda m: m[1] + snippets[m[2]] + m[4], page)
    if arguments.update:
        arguments.page.write_text(fresh)
    elif fresh != page:
        print(f"{arguments.page} quotes old code; run: python3 {sys.argv[0]} "
              f"{arguments.source} {arguments.page} --update")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
