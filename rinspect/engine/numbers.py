"""Numbers as Redis reads and writes them."""

from __future__ import annotations

import math
import re

INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1

_FLOAT = re.compile(
    rb"[+-]?(?:(\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|0x([\da-f]+\.?[\da-f]*|\.[\da-f]+)(?:p[+-]?\d+)?)\Z",
    re.IGNORECASE,
)
_SURELY_FINITE = 300
"""Fewer digits than these are no infinite double."""


def parse_int(text: bytes) -> int | None:
    """The signed 64-bit integer that `text` is the canonical decimal form of; None if it is none.

    An optional minus, no plus, no leading zero, no "-0", no blanks: what a number prints as and nothing else.
    """
    length = len(text)
    if 0 < length < 19 and text.isdigit() and (text[0] != 48 or length == 1):
        return int(text)
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
    """The double that C's strtod reads from all of `text`; None if it does not, if it is out of range, or for "nan"."""
    if text.isdigit() and len(text) < _SURELY_FINITE:
        return float(text)
    match = _FLOAT.match(text)
    if match is None:
        return None
    decimal, hexadecimal = match.groups()
    if decimal is not None:
        value = float(text)
    elif hexadecimal is not None:
        try:
            value = float.fromhex(text.decode())
        except OverflowError:
            return None
    else:
        return float(text)
    # Too large, or too near to zero, to be told from it: out of range either way.
    if math.isinf(value) or (not value and (decimal or hexadecimal).strip(b"0.")):
        return None
    return value


def format_17g(value: float) -> bytes:
    """%.17g, as C prints it."""
    return b"%.17g" % value
