"""CRC-64 as Redis computes it: Jones's polynomial, bits reflected, starting from 0.

    >>> hex(crc64(b"123456789"))
    '0xe9c6d914c4b8d9ca'

With anycrc, which is C, where Python is interpreted; by tables where it is compiled while it runs (PyPy).
"""

from __future__ import annotations

import sys
from functools import cache

if sys.implementation.name == "cpython":
    from anycrc import Model

POLYNOMIAL = 0x95AC9329AC4BC9B5
"""x^64 is left out; the lowest bit stands for x^63."""
_HALF = 0xFFFFFFFF


def crc64(data: bytes | memoryview, before: int = 0) -> int:
    """Of `data`, or of what comes before it and of it, where the former's is `before`."""
    return int(_model().calc(data, before)) if sys.implementation.name == "cpython" else by_tables(data, before)


@cache
def _model() -> Model:
    return Model("CRC64-REDIS")


@cache
def _tables() -> tuple[list[int], list[int]]:
    """What each byte, if it is the lowest, makes of the rest as it leaves: the high halves, and the low ones."""
    high, low = [], []
    for byte in range(256):
        rest = byte
        for _ in range(8):
            rest = rest >> 1 ^ (POLYNOMIAL if rest & 1 else 0)
        high.append(rest >> 32)
        low.append(rest & _HALF)
    return high, low


def by_tables(data: bytes | memoryview, before: int) -> int:
    """The same in Python: in halves, for 64 bits do not fit into a machine's signed integer."""
    highs, lows = _tables()
    high, low = before >> 32, before & _HALF
    for byte in data:
        at = (low ^ byte) & 255
        low = (low >> 8 | (high & 255) << 24) ^ lows[at]
        high = high >> 8 ^ highs[at]
    return high << 32 | low
