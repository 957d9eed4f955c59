"""How many bytes an allocation really takes, and the numbers by which allocations are told apart.

An allocator serves a request from the smallest of its size classes that fits. jemalloc's classes are the multiples of
its quantum up to 64 or so, and from there on four evenly spaced classes for every doubling:

    8 16 24 32 40 48 56 64   80 96 112 128   160 192 224 256   320 384 448 512   640 …

Redis's own builds bundle a jemalloc with quantum 8. Distributions link the system's, with quantum 16, which lacks 24,
40 and 56. libc's malloc has no such table: its chunk sizes depend on what was freed before, so its figures are typical
ones and labelled as such.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from itertools import count

_TABLED = 1 << 15
"""Sizes up to here are looked up in a list; a request beyond is computed."""


def _jemalloc_classes(small: tuple[int, ...]) -> list[int]:
    classes = list(small)
    power = 64
    while classes[-1] < _TABLED:
        classes += [power * 5 // 4, power * 6 // 4, power * 7 // 4, power * 2]
        power *= 2
    return classes


def _jemalloc_large(n: int) -> int:
    spacing = 1 << ((n - 1).bit_length() - 3)
    return -(-n // spacing) * spacing


@cache
def _table(name: str) -> list[int]:
    """The class of each request of up to 32768 bytes: one list for all engines of a process."""
    if name == "libc":
        classes = [max(24, n) for n in range(8, _TABLED + 16, 16)]
    else:
        tiny = (8, 16, 24, 32, 40, 48, 56, 64) if name == "jemalloc" else (8, 16, 32, 48, 64)
        classes = _jemalloc_classes(tiny)
    return [0] + [classes[bisect_left(classes, n)] for n in range(1, _TABLED + 1)]


class Allocator:
    """Size classes, and a counter of serial numbers.

    `exact` is False where the figures are typical and not certain (libc).
    """

    __slots__ = ("_table", "exact", "label", "name", "_serials")

    def __init__(self, name: str = "jemalloc") -> None:
        if name not in ALLOCATORS:
            raise ValueError(f"no allocator {name!r}: choose one of {', '.join(ALLOCATORS)}")
        self.name = name
        self.label = ALLOCATORS[name]
        self.exact = name != "libc"
        self._serials = count(1)
        self._table = _table(name)

    def usable(self, n: int) -> int:
        """The size class that serves a request of `n` bytes; 0 for nothing."""
        if n <= _TABLED:
            return self._table[n]
        if self.exact:
            return _jemalloc_large(n)
        return ((n + 8 + 15) & ~15) - 8

    def serial(self) -> int:
        """The next serial number. An allocation gets one when it is first looked at and keeps it through realloc."""
        return next(self._serials)

    @property
    def table(self) -> list[int]:
        """`table[n]` is `usable(n)` for n up to 32768: for the hot paths, which index it directly."""
        return self._table


ALLOCATORS: dict[str, str] = {
    "jemalloc": "bundled jemalloc",
    "system-jemalloc": "system jemalloc",
    "libc": "libc malloc (typical figures, not exact)",
}
