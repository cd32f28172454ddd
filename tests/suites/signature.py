# SPDX-License-Identifier: Apache-2.0
"""Signatures of test programs: memory as hexadecimal lines, most significant byte first."""

import re

WIDTHS = (2, 4, 8, 16, 32)  # digits of lines of 1, 2, 4, 8 and 16 bytes


def read(path):
    """The 32-bit words of a signature, whatever the bytes in a line; ValueError if it is none."""
    lines = path.read_text(encoding="ascii", errors="replace").lower().split()
    width = max(map(len, lines), default=8)
    if width not in WIDTHS or any(not re.fullmatch(f"[0-9a-f]{{{width}}}", line) for line in lines):
        raise ValueError(f"{path}: not a signature; expected lines of 2 to 32 hexadecimal digits, "
                         "all of one length")
    memory = b"".join(bytes.fromhex(line)[::-1] for line in lines)
    memory += b"\0" * (-len(memory) % 4)
    return [int.from_bytes(memory[at:at + 4], "little") for at in range(0, len(memory), 4)]


def difference(words, expected):
    """The first difference of two signatures in words, or None. Zeros at the end are padding."""
    if not expected:
        return "the reference signature is empty"
    for index in range(max(len(words), len(expected))):
        ours = words[index] if index < len(words) else None
        theirs = expected[index] if index < len(expected) else None
        if (ours or 0) != (theirs or 0):
            return (f"word {index} of the signature is {_text(ours)}, "
                    f"the reference has {_text(theirs)}")
    return None


def _text(word):
    return "absent" if word is None else f"{word:08x}"
