"""A hashtable: its buckets with their chains; two tables while it is rehashed.

table 0 · 8 buckets           table 1 · 16 buckets
  0  moved                      0  ·
  1  moved                      1  ▶ red
  2  ▶ blue ▶ gray → 2 or 10    2  ·
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rinspect.drawing.line import Line, Ref, Segment, fit, show, words
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
    if trace is not None:
        lines += [fit(line, width) for line in _trace_lines(trace)]
    chains = _chains(layout, lit, frozenset(a.serial for a in diff.made) if diff is not None else frozenset())
    first, stop = layout.window.first, min(layout.window.stop, sum(sizes))
    for which in (0, 1) if sizes[1] else (0,):
        base = which * sizes[0]
        low, high = max(first - base, 0), min(stop - base, sizes[which])
        if low >= high:
            continue
        if sizes[1]:
            lines.append(words((f"table {which} · {used[which]:,} entries in {sizes[which]:,} buckets", "title")))
        moved = rehashidx if which == 0 else -1
        other = sizes[1] if which == 0 and sizes[1] > sizes[0] else 0
        lines += [fit(line, width) for line in _buckets(chains, which, low, high, moved, sizes[0] if other else 0)]
    if stop < sum(sizes):
        lines.append(words((f"… {sum(sizes) - stop:,} more buckets", "dim")))
    return lines


def _head(sizes: tuple[int, int], used: tuple[int, int], rehashidx: int, width: int) -> list[Line]:
    if not sizes[1]:
        load = used[0] / sizes[0] if sizes[0] else 0
        text = f"{used[0]:,} entries in {sizes[0]:,} buckets · load {load:.2f}"
        return [fit(words((text, "dim")), width)]
    text = (
        f"rehashing {sizes[0]:,} → {sizes[1]:,} buckets: bucket {rehashidx} moves next; every touch moves one"
        f" · {used[0]:,} entries are still in the old table"
    )
    return [fit(words((text, "warn")), width)]


def _trace_lines(trace: Trace) -> list[Line]:
    steps = "  ".join(f"{step.at}: {step.saw} ({step.decided})" for step in trace.steps)
    return [words((f"{trace.operation}: {steps} · {trace.comparisons} comparisons · {trace.result}", "path"))]


def _chains(layout: Layout, lit: Ref | None, made: frozenset[Serial]) -> Chains:
    """For each (table, bucket) of the window its entries, each as the segments that show it."""
    found: dict[tuple[int, int], dict[int, list[Allocation]]] = {}
    for allocation in layout.allocations:
        match = _ROLE.search(allocation.role)
        if match is not None:
            table, bucket, entry = (int(group) for group in match.groups())
            found.setdefault((table, bucket), {}).setdefault(entry, []).append(allocation)
    return {
        place: [_entry(parts, lit, made) for _, parts in sorted(entries.items())] for place, entries in found.items()
    }


def _entry(parts: list[Allocation], lit: Ref | None, made: frozenset[Serial]) -> Line:
    """`name → Ada`: the texts of one entry, in the order in which they hang on it."""
    segments: list[Segment] = []
    for allocation in parts:
        if allocation.shape is not Shape.BLOB:
            continue
        if segments:
            segments.append(Segment(" → ", "dim"))
        kind = "payload" if segments else "name"
        if allocation.serial in made:
            kind += " changed"
        if any(Ref(part.serial, 0, max(1, part.size_class)).touches(lit) for part in parts):
            kind = "path"
        segments.append(Segment(blob_text(allocation, 24), kind, Ref(allocation.serial, 0, 1)))
    return tuple(segments)


def blob_text(allocation: Allocation, limit: int) -> str:
    """The text that an sds or mstr holds."""
    field = next((f for f in allocation.fields if f.kind is Kind.PAYLOAD), None)
    if field is None:
        return '""'
    start = field.offset - allocation.data_offset
    return show(allocation.data[max(0, start) : start + field.size], limit)


def _buckets(chains: Chains, which: int, low: int, high: int, moved: int, half: int) -> Iterable[Line]:
    """A line for each bucket; empty ones in a row share one. `half` is the old size while the table grows."""
    digits = len(str(high))
    empty: list[int] = []
    for bucket in [*range(low, high), -1]:
        chain = chains.get((which, bucket))
        if bucket >= 0 and chain is None:
            empty.append(bucket)
            continue
        yield from _empty(empty, digits, moved)
        empty = []
        if bucket < 0 or chain is None:
            continue
        parts: list[Segment | tuple[str, str]] = [(f"{bucket:>{digits + 1}} ", "dim")]
        for entry in chain:
            parts.append((" ▶ ", "pointer"))
            parts += entry
        if half:
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
