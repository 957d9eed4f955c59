"""A stretch of a sorted set: what lies before it, in it and behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Precedes = Callable[[float, bytes], bool]
"""Whether a node with that score and member lies before the goal: true for some first nodes, false for the rest."""


class Bounds(NamedTuple):
    """Both ends of a stretch, as tests of a score and a member. `empty`: nothing can lie in it."""

    before: Precedes
    behind: Precedes
    empty: bool


def score_bounds(low: float, high: float, low_open: bool = False, high_open: bool = False) -> Bounds:
    """All members with a score from `low` to `high`; an open end leaves out its own score."""

    def before(score: float, _: bytes) -> bool:
        return score < low or (low_open and score == low)

    def behind(score: float, _: bytes) -> bool:
        return score > high or (high_open and score == high)

    return Bounds(before, behind, low > high or (low == high and (low_open or high_open)))


class Edge(NamedTuple):
    """One end of a stretch by name. `side` is -1 or 1 for the ends of all, beyond any name; 0 for `text` itself."""

    side: int
    text: bytes
    open: bool


LOWEST, HIGHEST = Edge(-1, b"", True), Edge(1, b"", True)


def lex_bounds(low: Edge, high: Edge) -> Bounds:
    """All members from `low` to `high`, byte by byte. It means something only where all scores are equal."""
    first, last = low[:2], high[:2]

    def before(_: float, member: bytes) -> bool:
        return (0, member) < first or (low.open and (0, member) == first)

    def behind(_: float, member: bytes) -> bool:
        return (0, member) > last or (high.open and (0, member) == last)

    return Bounds(before, behind, first > last or (first == last and (low.open or high.open)))
