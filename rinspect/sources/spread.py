"""How the TTLs of a sample of keys are spread."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from rinspect.monitoring.keyspace import Spread

STEPS = (
    ("1 s", 1_000), ("10 s", 10_000), ("1 min", 60_000), ("10 min", 600_000), ("1 h", 3_600_000),
    ("1 day", 86_400_000), ("1 week", 604_800_000), ("longer", 1 << 62),
)  # fmt: skip
"""Limits, in milliseconds."""


def spread_of(left: Iterable[int], with_ttl: int, keys: int) -> Spread:
    """`left` are milliseconds that keys of the sample still have; of `keys` in all so many have a TTL."""
    counts = [0] * len(STEPS)
    for milliseconds in left:
        counts[bisect_left(STEPS, milliseconds, key=lambda step: step[1])] += 1
    steps = tuple((name, count) for (name, _), count in zip(STEPS, counts, strict=True))
    return Spread(steps, sum(counts), with_ttl, keys)
