"""How often a command ran, and how long it took: what INFO's commandstats and LATENCY HISTOGRAM are made from."""

from __future__ import annotations

from collections.abc import Iterator

FAST = 256
"""Microseconds up to which a duration is counted by itself."""
LONGEST = 1_000_000_000
"""Nanoseconds from which on the server's histogram does not tell durations apart."""


class CommandStats:
    """Counts of durations in whole microseconds, those of 256 and more to two significant digits."""

    __slots__ = ("_slow", "_slow_sum", "fast", "failed", "rejected")

    def __init__(self) -> None:
        self.fast = [0] * FAST
        """How many calls took 0, 1, … 255 µs. The one thing that each call touches."""
        self.clear()

    def clear(self) -> None:
        self.fast[:] = [0] * FAST
        self._slow: dict[int, int] = {}
        self._slow_sum = 0
        self.failed = 0
        """Calls that answered with an error."""
        self.rejected = 0
        """Calls that were refused before they ran."""

    def add(self, took: int) -> None:
        """Count a call, of whatever duration; one of less than none, for a clock was set back, as none."""
        if took < FAST:
            self.fast[max(0, took)] += 1
            return
        self._slow_sum += took
        shift = took.bit_length() - 8
        rounded = took >> shift << shift
        self._slow[rounded] = self._slow.get(rounded, 0) + 1

    @property
    def calls(self) -> int:
        return sum(self.fast) + sum(self._slow.values())

    @property
    def microseconds(self) -> int:
        return sum(took * count for took, count in enumerate(self.fast)) + self._slow_sum

    @property
    def has_histogram(self) -> bool:
        """A call has been counted: the server keeps a histogram of its own for the command from the first one on."""
        return any(self.fast) or bool(self._slow)

    def durations(self) -> Iterator[tuple[int, int]]:
        """(microseconds, calls), ascending."""
        for took, count in enumerate(self.fast):
            if count:
                yield took, count
        yield from sorted(self._slow.items())

    def percentile(self, wanted: float) -> int:
        """The duration in nanoseconds that `wanted` percent of the calls did not exceed; 0 without calls.

        It is the upper end of a class, as the server's histogram has them: 256 up to twice any number. For 0 percent it is
        the lower end.
        """
        target = max(1, int(wanted / 100 * self.calls + 0.5))
        seen = 0
        for took, count in self.durations():
            seen += count
            if seen >= target:
                low, high = class_of(took)
                return high if wanted else low
        return 0

    def cumulated(self) -> Iterator[tuple[int, int]]:
        """(microseconds, calls that took no longer), doubling from 1 on, without what adds nothing."""
        level, seen, told = 1024, 0, 0
        for took, count in self.durations():
            while class_of(took)[1] > _upper_end(level):
                if seen > told:
                    yield _upper_end(level) // 1000, seen
                    told = seen
                level *= 2
            seen += count
        if seen > told:
            yield _upper_end(level) // 1000, seen


def class_of(microseconds: int) -> tuple[int, int]:
    """The nanoseconds from and to which the server's histogram does not tell durations apart: it has 8 bits of them, and
    none of less than a nanosecond or more than a second."""
    nanoseconds = min(max(1, microseconds * 1000), LONGEST)
    size = 1 << max(0, nanoseconds.bit_length() - 8)
    low = nanoseconds // size * size
    return low, low + size - 1


def _upper_end(nanoseconds: int) -> int:
    return nanoseconds + (1 << max(0, nanoseconds.bit_length() - 8)) - 1
