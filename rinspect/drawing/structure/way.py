"""The way of an operation through a structure, for a drawing to light: where it went, where it ended, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rinspect.drawing.line import count_of
from rinspect.engine.layout import Trace

_PLACE = re.compile(r"(?:table (\d) bucket|entry|member|node|listpack) (\d+)$")
_BUCKETS = ("a chain", "empty")
"""What a step into a bucket sees."""
MOST_NAMED = 8
"""Comparisons that a sentence names; of more the middle ones are left out."""


@dataclass(frozen=True, slots=True)
class Way:
    """Places are entries of a blob, nodes of a quicklist or stream, or (table, bucket) of a dict as one number each: `places`
    holds them in the order in which they were passed."""

    places: tuple[tuple[int, int], ...] = ()
    """(table, or 0; entry, node or bucket)"""
    found: bool = False
    """Whether it ended with what was sought, at the last place."""
    entry: int | None = None
    """In a quicklist: the entry of the last node that was sought."""

    def passed(self, place: int, table: int = 0) -> bool:
        return (table, place) in self.places

    def ends_at(self, place: int, table: int = 0) -> bool:
        return self.found and bool(self.places) and self.places[-1] == (table, place)


def way_of(trace: Trace | None) -> Way:
    """The places of a trace; none of a skiplist's, whose steps name members."""
    if trace is None:
        return Way()
    matches = [_PLACE.match(step.at) for step in trace.steps]
    places = tuple((int(m[1] or 0), int(m[2])) for m in matches if m is not None)
    found = bool(places) and not trace.result.endswith(("not there", "out of range", "no pivot"))
    entry = re.fullmatch(r"node \d+, entry (\d+)", trace.result)
    return Way(places, found, None if entry is None else int(entry[1]))


def window_place(trace: Trace, first_table: object = 0) -> int | None:
    """The element, as windows count, at which a trace ended; `first_table` is the size of a dict's table 0."""
    last = trace.steps[-1] if trace.steps else None
    if last is not None and last.rank is not None:
        return max(0, last.rank - 1)
    places = way_of(trace).places
    if not places:
        return None
    table, place = places[-1]
    return place + (first_table * table if isinstance(first_table, int) else 0)


def sentence(trace: Trace) -> str:
    """`find: found · hash & 3 = 1 · 1 comparison: bio`."""
    hashes = [step.decided for step in trace.steps if step.saw in _BUCKETS]
    saw = some([step.saw for step in trace.steps if step.saw not in (*_BUCKETS, "nil")])
    what = "node" if trace.steps and trace.steps[0].at.startswith("node") else "comparison"
    count = count_of(trace.comparisons, what) if trace.comparisons else f"no {what}"
    named = f": {', '.join(saw)}" if saw and trace.comparisons else ""
    return " · ".join([f"{trace.operation}: {trace.result}", *hashes, f"{count}{named}"])


def some(texts: Sequence[str]) -> Sequence[str]:
    """The texts; of many only the first and last."""
    half = MOST_NAMED // 2
    return texts if len(texts) <= MOST_NAMED else (*texts[:half], "…", *texts[-half:])
