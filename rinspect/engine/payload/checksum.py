"""CRC-64 as Redis computes it: Jones's polynomial, bits reflected, starting from 0.

    >>> hex(crc64(b"123456789"))
    '0xe9c6d914c4b8d9ca'

Where anycrc is installed, which is C, it does the work. It comes with rinspect where Python is interpreted; where Python is
compiled while it runs (PyPy) a table is quick enough.
"""

from __future__ import annotations

from functools import cache

try:
    import anycrc
except ImportError:
    anycrc = None

POLYNOMIAL = 0x95AC9329AC4BC9B5
"""x^64 is left out; the lowest bit stands for x^63."""


def crc64(data: bytes | memoryview, before: int = 0) -> int:
    """Of `data`, or of what comes before it and of it, where the former's is `before`."""
    return _by_table(data, before) if anycrc is None else int(_model().calc(data, before))


@cache
def _model() -> anycrc.Model:
    return anycrc.Model("CRC64-REDIS")


@cache
def _table() -> list[int]:
    """What each byte, if it is the lowest, makes of the rest as it leaves."""
    table = []
    for byte in range(256):
        rest = byte
        for _ in range(8):
            rest = rest >> 1 ^ (POLYNOMIAL if rest & 1 else 0)
        table.append(rest)
    return table


def _by_table(data: bytes | memoryview, before: int) -> int:
    table, rest = _table(), before
    for byte in data:
        rest = rest >> 8 ^ table[(rest ^ byte) & 255]
    return rest
