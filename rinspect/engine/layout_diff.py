"""The difference of two layouts of one key: which allocations came, went and changed, and which bytes.

Serials tell which allocation is which: they survive a realloc, so a listpack that moved because it grew is the same one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from rinspect.engine.layout import Allocation, Layout, Run, Serial


class Grown(NamedTuple):
    """An allocation that is another size than before, or has other bytes."""

    before: Allocation
    after: Allocation
    changed: tuple[tuple[int, int], ...]
    """Stretches (start, end) of the new bytes that differ from the old, as offsets in the allocation."""

    @property
    def resized(self) -> bool:
        return self.before.size_class != self.after.size_class or self.before.asked != self.after.asked


@dataclass(frozen=True, slots=True)
class RunChange:
    """How one kind of allocation changed in the whole value, whatever the window."""

    name: str
    count: int
    """Allocations more, or fewer."""
    charged: int


@dataclass(frozen=True, slots=True)
class LayoutDiff:
    """From one layout to the next; of a key that came or went one side is empty."""

    made: tuple[Allocation, ...]
    freed: tuple[Allocation, ...]
    grown: tuple[Grown, ...]
    runs: tuple[RunChange, ...]
    charged: int
    """MEMORY USAGE after, less before."""

    def __bool__(self) -> bool:
        return bool(self.made or self.freed or self.grown or self.runs)

    def changed_bytes(self, serial: Serial) -> tuple[tuple[int, int], ...]:
        """The stretches to light up in the byte map of an allocation; all of one that was made."""
        for grown in self.grown:
            if grown.after.serial == serial:
                return grown.changed
        for made in self.made:
            if made.serial == serial:
                return ((made.data_offset, made.data_offset + len(made.data)),)
        return ()


def diff(before: Layout | None, after: Layout | None) -> LayoutDiff:
    """What changed from `before` to `after`; None stands for a key that is not there."""
    old = {} if before is None else {a.serial: a for a in before.allocations}
    new = {} if after is None else {a.serial: a for a in after.allocations}
    grown = []
    for serial in old.keys() & new.keys():
        if old[serial] is new[serial]:
            continue
        one, other = _without_clock(old[serial]), _without_clock(new[serial])
        stretches = changed_stretches(one, other)
        if stretches or one.size_class != other.size_class or one.asked != other.asked or one.fields != other.fields:
            grown.append(Grown(old[serial], new[serial], stretches))
    position = {serial: at for at, serial in enumerate(new)}
    return LayoutDiff(
        made=tuple(allocation for serial, allocation in new.items() if serial not in old),
        freed=tuple(allocation for serial, allocation in old.items() if serial not in new),
        grown=tuple(sorted(grown, key=lambda g: position[g.after.serial])),
        runs=_run_changes(before, after),
        charged=(0 if after is None else after.charged) - (0 if before is None else before.charged),
    )


def _without_clock(allocation: Allocation) -> Allocation:
    """The allocation without its lru: that a value was looked at is no change of it."""
    clock = next((field for field in allocation.fields if field.name == "lru"), None)
    if clock is None or allocation.data_offset:
        return allocation
    data = allocation.data[: clock.offset] + bytes(clock.size) + allocation.data[clock.end :]
    return allocation._replace(data=data, fields=tuple(field for field in allocation.fields if field is not clock))


def _run_changes(before: Layout | None, after: Layout | None) -> tuple[RunChange, ...]:
    old = {} if before is None else _by_name(before.runs)
    new = {} if after is None else _by_name(after.runs)
    found = []
    for name in [*old, *(name for name in new if name not in old)]:
        count = new.get(name, (0, 0))[0] - old.get(name, (0, 0))[0]
        charged = new.get(name, (0, 0))[1] - old.get(name, (0, 0))[1]
        if count or charged:
            found.append(RunChange(name, count, charged))
    return tuple(found)


def _by_name(runs: tuple[Run, ...]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for run in runs:
        count, charged = found.get(run.name, (0, 0))
        found[run.name] = (count + run.count, charged + run.charged)
    return found


def changed_stretches(before: Allocation, after: Allocation) -> tuple[tuple[int, int], ...]:
    """Where the bytes of the same allocation differ, as (start, end) in the new bytes.

    Bytes that only moved, because something before them was inserted or deleted, do not count: the common head and tail
    are left out first, so that an insertion lights up what was inserted.
    """
    old, new = before.data, after.data
    if before.data_offset != after.data_offset or old == new:
        return ()
    base = after.data_offset
    if len(old) == len(new):
        return _differing(old, new, base)
    head = 0
    shortest = min(len(old), len(new))
    while head < shortest and old[head] == new[head]:
        head += 1
    # The header's counts change with every insertion: they stand apart from what moved.
    stretches: list[tuple[int, int]] = []
    header = min((f.offset for f in after.fields if f.entry is not None), default=0) - base
    if 0 < header <= shortest and old[:header] != new[:header]:
        stretches += _differing(old[:header], new[:header], base)
        head = header
        while head < shortest and old[head] == new[head]:
            head += 1
    tail = 0
    while tail < shortest - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if len(new) - tail > head:
        start = _entry_start(after, head, len(new) - tail)
        stretches.append((base + start, base + start + len(new) - tail - head))
    return tuple(stretches)


def _entry_start(after: Allocation, start: int, end: int) -> int:
    """Where what was inserted begins. Entries often begin alike, and then an insertion can be read in several ways, the
    same bytes each:   81 61 02 | 81 62 02 | 81 63 02   or   81 61 02 81 | 62 02 81 | 63 02.   One that begins with an
    entry is meant.
    """
    new = after.data
    begins = {
        field.offset - after.data_offset
        for before, field in pairwise(after.fields)
        if field.entry is not None and field.entry != before.entry
    }
    for back in range(start + 1):
        if start - back in begins:
            return start - back
        if back == start or new[start - back - 1] != new[end - back - 1]:
            break
    return start


def _differing(old: bytes, new: bytes, base: int) -> tuple[tuple[int, int], ...]:
    stretches: list[tuple[int, int]] = []
    for at, (one, other) in enumerate(zip(old, new, strict=True)):
        if one != other:
            if stretches and stretches[-1][1] == base + at:
                stretches[-1] = (stretches[-1][0], base + at + 1)
            else:
                stretches.append((base + at, base + at + 1))
    return tuple(stretches)
