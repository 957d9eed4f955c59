"""A hashtable: its buckets with their chains; two tables while it is rehashed.

table 0 · 8 buckets           table 1 · 16 buckets
  0  moved                      0  ·
  1  moved                      1  ▶ red
  2  ▶ blue ▶ gray → 2 or 10    2  ·
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rinspect.drawing.line import Line, Ref, Segment, count_of, fit, moment, show, words, wrap
from rinspect.drawing.structure.way import Way, way_of
from rinspect.engine.layout import Allocation, Kind, Layout, Serial, Shape, Trace
from rinspect.engine.layout_diff import LayoutDiff

_ROLE = re.compile(r"table\[(\d)\]/bucket\[(\d+)\]/entry\[(\d+)\]")
COLLAPSED = 3
"""From this many on, empty buckets in a row share a line."""

Chains = dict[tuple[int, int], list[Line]]


def draw_table(layout: Layout, width: int, lit: Ref | None, trace: Trace | None, diff: LayoutDiff | None) -> list[Line]:
    """The buckets of the window."""
    sizes = (_figure(layout, "size0"), _figure(layout, "size1"))
    used = (_figure(layout, "used0"), _figure(layout, "used1"))
    rehashidx = _figure(layout, "rehashidx")
    lines = _head(sizes, used, rehashidx, width)
    way = way_of(trace)
    limit = max(24, width // 3)
    chains = _chains(
        layout, lit, frozenset(a.serial for a in diff.made) if diff is not None else frozenset(), way, limit
    )
    first, stop = layout.window.first, min(layout.window.stop, sum(sizes))
    for which in (0, 1) if sizes[1] else (0,):
        base = which * sizes[0]
        low, high = max(first - base, 0), min(stop - base, sizes[which])
        if low >= high:
            continue
        if sizes[1]:
            held = count_of(used[which], "entry", "entries")
            lines.append(fit(words((f"table {which} · {held} in {sizes[which]:,} buckets", "title")), width))
        if low:
            lines.append(words((f"… {count_of(low, 'bucket')} before", "dim")))
        moved = rehashidx if which == 0 else -1
        other = sizes[1] if which == 0 and sizes[1] > sizes[0] else 0
        half = sizes[0] if other else 0
        lines += [fit(line, width) for line in _buckets(chains, which, low, high, moved, half, way)]
    if stop < sum(sizes):
        lines.append(words((f"… {count_of(sum(sizes) - stop, 'more bucket')}", "dim")))
    return lines


def _head(sizes: tuple[int, int], used: tuple[int, int], rehashidx: int, width: int) -> list[Line]:
    if not sizes[1]:
        load = used[0] / sizes[0] if sizes[0] else 0
        text = f"{count_of(used[0], 'entry', 'entries')} in {sizes[0]:,} buckets · load {load:.2f}"
        return [fit(words((text, "dim")), width)]
    text = (
        f"rehashing {sizes[0]:,} → {sizes[1]:,} buckets: bucket {rehashidx} moves next; every touch moves one"
        f" · still in the old table: {used[0]:,}"
    )
    return wrap(text, width, "warn")


def _chains(layout: Layout, lit: Ref | None, made: frozenset[Serial], way: Way, limit: int) -> Chains:
    """For each (table, bucket) of the window its entries, each as the segments that show it."""
    found: dict[tuple[int, int], dict[int, list[Allocation]]] = {}
    for allocation in layout.allocations:
        match = _ROLE.search(allocation.role)
        if match is not None:
            table, bucket, entry = (int(group) for group in match.groups())
            found.setdefault((table, bucket), {}).setdefault(entry, []).append(allocation)
    drawn: Chains = {}
    for (table, bucket), chain in found.items():
        # A search stands before the chain first, then at each entry that it compares.
        compared = way.places.count((table, bucket)) - 1
        drawn[table, bucket] = []
        for number, parts in sorted(chain.items()):
            mark = (
                ("cursor" if way.ends_at(bucket, table) and number == compared - 1 else "path")
                if number < compared
                else ""
            )
            drawn[table, bucket].append(_entry(parts, lit, made, mark, limit))
    return drawn


def _entry(parts: list[Allocation], lit: Ref | None, made: frozenset[Serial], mark: str, limit: int) -> Line:
    """`▶ name → Ada`: the texts of one entry, in the order in which they hang on it, and when it expires."""
    segments = [Segment(" ━▶ " if mark else " ▶ ", "path" if mark else "pointer")]
    for allocation in parts:
        if allocation.shape is not Shape.BLOB:
            continue
        if len(segments) > 1:
            segments.append(Segment(" → ", "dim"))
        kind = "payload" if len(segments) > 1 else "name"
        if allocation.serial in made:
            kind += " changed"
        if any(Ref(part.serial, 0, max(1, part.size_class)).touches(lit) for part in parts):
            kind = "path"
        if mark:
            kind = "path" if mark == "path" or len(segments) > 1 else "path cursor"
        segments.append(Segment(blob_text(allocation, limit), kind, Ref(allocation.serial, 0, 1)))
        expiry = next((f for f in allocation.fields if f.kind is Kind.EXPIRY and f.value), None)
        if expiry is not None:
            segments.append(
                Segment(
                    f" (expires {moment(expiry.value)})", "expiry", Ref(allocation.serial, expiry.offset, expiry.size)
                )
            )
    return tuple(segments)


def blob_text(allocation: Allocation, limit: int) -> str:
    """The text that an sds or mstr holds."""
    field = next((f for f in allocation.fields if f.kind is Kind.PAYLOAD), None)
    if field is None:
        return '""'
    start = field.offset - allocation.data_offset
    return show(allocation.data[max(0, start) : start + field.size], limit)


def _buckets(chains: Chains, which: int, low: int, high: int, moved: int, half: int, way: Way) -> Iterable[Line]:
    """A line for each bucket; empty ones in a row share one. `half` is the old size while the table grows."""
    digits = len(str(high))
    empty: list[int] = []
    for bucket in [*range(low, high), -1]:
        chain = chains.get((which, bucket))
        passed = way.passed(bucket, which)
        if bucket >= 0 and chain is None and not passed:
            empty.append(bucket)
            continue
        yield from _empty(empty, digits, moved)
        empty = []
        if bucket < 0:
            continue
        parts: list[Segment | tuple[str, str]] = [(f"{bucket:>{digits + 1}} ", "path" if passed else "dim")]
        if chain is None:
            parts.append((" · nothing here", "path"))
        for entry in chain or ():
            parts += entry
        if half and chain:
            parts.append((f"   → {bucket} or {bucket + half}", "dim"))
        yield words(*parts)


def _empty(buckets: list[int], digits: int, moved: int) -> Iterable[Line]:
    """Lines for empty buckets that stand together: moved ones, and ones that were never filled."""
    gone = [bucket for bucket in buckets if bucket < moved]
    bare = [bucket for bucket in buckets if bucket >= moved]
    for found, text, kind in ((gone, "moved", "warn"), (bare, "·", "dim")):
        if len(found) >= COLLAPSED:
            yield words((f"{found[0]:>{digits + 1}} … {found[-1]}  {text}", kind))
        else:
            for bucket in found:
                yield words((f"{bucket:>{digits + 1}}  {text}", kind))


def _figure(layout: Layout, name: str) -> int:
    value = layout.facts.get(name, 0)
    return value if isinstance(value, int) else 0
