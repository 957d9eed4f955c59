"""Numbers as Redis reads and writes them."""

from __future__ import annotations

import math
import re

INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1

_FLOAT = re.compile(rb"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf(?:inity)?|0[xX][0-9a-fA-F]+)\Z", re.I)


def parse_int(text: bytes) -> int | None:
    """The signed 64-bit integer that `text` is the canonical decimal form of; None if it is none.

    An optional minus, no plus, no leading zero, no "-0", no blanks: what a number prints as and nothing else.
    """
    length = len(text)
    if not length or length > 20:
        return None
    first = text[0]
    if first == 45:
        if length < 2 or not 49 <= text[1] <= 57 or not text[1:].isdigit():
            return None
    elif not text.isdigit() or (first == 48 and length > 1):
        return None
    value = int(text)
    return value if INT64_MIN <= value <= INT64_MAX else None


def parse_double(text: bytes) -> float | None:
    """The double that C's strtod reads from all of `text`; None if it does not, or for "nan"."""
    if not _FLOAT.match(text):
        return None
    if text.lstrip(b"+-")[:2].lower() == b"0x":
        return float(int(text, 16))
    value = float(text)
    if math.isinf(value) and b"n" not in text.lower():
        return None
    return value


def format_17g(value: float) -> bytes:
    """%.17g, as C prints it."""
    return b"%.17g" % value
